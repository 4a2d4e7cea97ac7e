import { randomBytes } from "node:crypto";
import type { AppLoadContext } from "@remix-run/node";
import { TOTP } from "otpauth";
import { hashPassword } from "../../app/auth/password.server.ts";
import { startSession } from "../../app/auth/session.server.ts";
import { signUp } from "../../db/accounts.ts";
import { outbox } from "../../db/mail.ts";
import { readEnvironment } from "../../platform/env.ts";
import { origin } from "./pages.ts";

/** People with a password, and the pages that they log in and out by, called as the server calls them. */
export const password = "correct horse battery";
let passwordHash: Promise<string> | undefined;

/** Who is logged in, and where from: each person at an address of their own, or the slow-down of one would hit the others. */
export interface SignedIn {
  email: string;
  userId: string;
  organizationId: string;
  cookie: string;
  address: string;
}

let people = 0;

/** An account as a sign-up leaves it, without the cost of hashing the same password again. */
export async function person({ organization = "Test" } = {}): Promise<SignedIn> {
  passwordHash ??= hashPassword(password);
  const email = `p${++people}-${randomBytes(4).toString("hex")}@example.org`;
  const site = { name: "Home", timezone: "Europe/Berlin", currency: "EUR", pricePerKwh: null };
  const made = await signUp({ email, passwordHash: await passwordHash, organization, site, invitationHash: null });
  if (!made.ok) throw new Error(made.reason);
  const { userId, organizationId } = made;
  const address = `10.1.${Math.floor(people / 250)}.${(people % 250) + 1}`;
  const cookie = (await startSession(new Request(origin), userId)).split(";")[0]!;
  return { email, userId, organizationId, cookie, address };
}

export type Environment = Record<string, string>;

export const contextOf = (address: string, env: Environment = {}): AppLoadContext => ({
  cspNonce: "",
  address,
  unsentBytes: () => 0,
  env: readEnvironment({ NODE_ENV: "test", PUBLIC_URL: origin, ...env }),
});

/** A person's next page: what it answered, with the cookies that the browser would then send. */
export interface Answered<B> {
  status: number;
  headers: Headers;
  location: string | null;
  body: B;
  /** Of the cookies that were set, by name; "" was taken away. */
  cookies: Record<string, string>;
}

export interface Form {
  [field: string]: string;
}

type Page = (args: { request: Request; params: Record<string, string>; context: AppLoadContext }) => Promise<unknown>;

/** What may come with a request; `from` is another site's origin. */
export interface Sent {
  cookie?: string;
  address?: string;
  userAgent?: string;
  env?: Environment;
  from?: string;
  search?: string;
}

/** Posts a form, or without one opens the page. */
export async function visit<B = Record<string, unknown>>(page: Page, sent: Sent, form?: Form): Promise<Answered<B>> {
  const { cookie = "", address = "192.0.2.1", userAgent = "", env = {}, from = origin, search = "" } = sent;
  const headers = { cookie, host: "energy.test", "user-agent": userAgent, "x-client-address": address };
  const request = new Request(`${origin}/x${search}`, {
    headers: form ? { ...headers, origin: from } : headers,
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  const result = await page({ request, params: {}, context: contextOf(address, env) }).catch(
    (thrown: unknown) => thrown,
  );
  if (result instanceof Error) throw result;
  if (result instanceof Response) return answered(result.status, result.headers, null as B);
  const { data, init } = result as { data?: B; init?: ResponseInit | null };
  if (init === undefined) return answered(200, new Headers(), result as B);
  return answered(init?.status ?? 200, new Headers(init?.headers), data as B);
}

function answered<B>(status: number, headers: Headers, body: B): Answered<B> {
  const pairs = headers.getSetCookie().map((line) => line.split(";")[0]!.split("=") as [string, string]);
  return { status, headers, location: headers.get("location"), body, cookies: Object.fromEntries(pairs) };
}

export const sessionOf = ({ cookies }: Answered<unknown>): string => `session=${cookies["session"]}`;

/** Subjects of what was written to somebody, newest first. */
export const subjects = async (email: string): Promise<string[]> =>
  (await outbox(email)).map(({ letter }) => letter.subject);

/** The token of the newest mail with this subject. */
export async function tokenOf(email: string, subject: string): Promise<string> {
  const mail = (await outbox(email)).find(({ letter }) => letter.subject === subject);
  const action = mail?.letter.parts.find((part) => typeof part !== "string");
  if (!action) throw new Error(`no mail “${subject}” to ${email}`);
  return new URL((action as { url: string }).url).searchParams.get("token")!;
}

/** What the authenticator app shows now. */
export const codeOf = (secret: string): string => new TOTP({ secret }).generate({ timestamp: Date.now() });
