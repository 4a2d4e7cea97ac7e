import { randomBytes } from "node:crypto";
import type { AppLoadContext } from "@remix-run/node";
import { startSession } from "../../app/auth/session.server.ts";
import { signUp } from "../../db/accounts.ts";
import { beginAdmission } from "../../db/admission.ts";
import { readEnvironment } from "../../platform/env.ts";

/** The pages' loaders and actions, called as the server calls them. */
export const origin = "http://energy.test";
const context: AppLoadContext = {
  cspNonce: "",
  address: "192.0.2.1",
  unsentBytes: () => 0,
  env: readEnvironment({ NODE_ENV: "test", MQTT_PORT: "1884" }),
};

/** Who is signed in. */
export interface Person {
  cookie: string;
  userId: string;
  organizationId: string;
  siteId: string;
}

/** An owner with a site of their own. */
export async function someone(): Promise<Person> {
  const made = await signUp({
    email: `${randomBytes(6).toString("hex")}@example.org`,
    passwordHash: "none",
    organization: "Test",
    site: { name: "Home", timezone: "Europe/Berlin", currency: "EUR", pricePerKwh: null },
    invitationHash: null,
  });
  if (!made.ok) throw new Error(made.reason);
  const { userId, organizationId, siteId } = made;
  const cookie = (await startSession(new Request(origin), userId)).split(";")[0]!;
  return { cookie, userId, organizationId, siteId };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

async function answerOf(run: () => Promise<unknown>): Promise<Answer> {
  const result = await beginAdmission(run).catch((thrown: unknown) => thrown);
  if (result instanceof Response) return { status: result.status, headers: result.headers, body: {} };
  if (result instanceof Error) throw result;
  const { data, init } = result as { data?: Record<string, unknown>; init?: ResponseInit };
  if (init === undefined) return { status: 200, headers: new Headers(), body: result as Record<string, unknown> };
  return { status: init?.status ?? 200, headers: new Headers(init?.headers), body: data ?? {} };
}

export type Page = (args: {
  request: Request;
  params: Record<string, string>;
  context: AppLoadContext;
}) => Promise<unknown>;

const headersOf = (cookie: string) => ({ cookie, host: "energy.test", origin });

/** Posts a form to a page. */
export const send = (page: Page, { cookie }: Person, params: Record<string, string>, form: Record<string, string>) =>
  answerOf(() =>
    page({
      request: new Request(`${origin}/x`, {
        method: "POST",
        body: new URLSearchParams(form),
        headers: headersOf(cookie),
      }),
      params,
      context,
    }),
  );

/** What a page loads; `search` with its question mark. */
export const open = (page: Page, cookie: string, params: Record<string, string>, search = "") =>
  answerOf(() =>
    page({ request: new Request(`${origin}/x${search}`, { headers: headersOf(cookie) }), params, context }),
  );
