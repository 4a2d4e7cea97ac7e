import { createHash, randomBytes } from "node:crypto";
import type { AppLoadContext } from "@remix-run/node";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireSite } from "../../app/auth/require-member.server.ts";
import { userOf } from "../../app/auth/session.server.ts";
import { waitAfter } from "../../app/auth/throttle.server.ts";
import { action as logIn } from "../../app/routes/login.tsx";
import { action as logOut } from "../../app/routes/logout.ts";
import { action as signUp, loader as signUpPage } from "../../app/routes/signup.tsx";
import { invite } from "../../db/account-administration.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { readEnvironment } from "../../platform/env.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { becomes } from "../support/organization-members.ts";

const origin = "http://energy.test";
const password = "correct horse battery";

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});

afterAll(async () => {
  await closeDatabase();
  await owner.end();
  await database.drop();
});

let addresses = 0;
const newAddress = () => `10.0.${Math.floor(addresses / 250)}.${(addresses++ % 250) + 1}`;

function contextOf(signup = "open", address = newAddress()): AppLoadContext {
  return {
    cspNonce: "nonce",
    address,
    unsentBytes: () => 0,
    env: readEnvironment({ NODE_ENV: "test", SIGNUP: signup }),
  };
}

function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Request {
  const body = new URLSearchParams(form);
  return new Request(origin + path, {
    method: "POST",
    body,
    headers: { host: "energy.test", origin, ...headers },
  });
}

const filledIn = (email: string) => ({
  email,
  password,
  organization: "",
  site: "Home",
  timezone: "Europe/Berlin",
  currency: "EUR",
  price: "0,32",
});

interface Answer {
  status: number;
  headers: Headers;
  body: { errors?: Record<string, string | undefined>; error?: string; values?: Record<string, string> };
}

/** What a browser would get of an action: its data, or the response that it threw. */
async function answerOf(run: () => Promise<unknown>): Promise<Answer> {
  const result = await run().catch((thrown: unknown) => thrown);
  if (result instanceof Response) return { status: result.status, headers: result.headers, body: {} };
  if (result instanceof Error) throw result;
  const { data, init } = result as { data: Answer["body"]; init: ResponseInit | null };
  return { status: init?.status ?? 200, headers: new Headers(init?.headers), body: data };
}

const signingUp = (
  form: Record<string, string>,
  { path = "/signup", context = contextOf(), headers = {} as Record<string, string> } = {},
) => answerOf(() => signUp({ request: post(path, form, headers), context, params: {} }));

const loggingIn = (form: Record<string, string>, context = contextOf(), headers: Record<string, string> = {}) =>
  answerOf(() => logIn({ request: post("/login", form, headers), context, params: {} }));

const cookieOf = ({ headers }: Answer) => headers.get("set-cookie")?.split(";")[0] ?? "";
const asking = (cookie: string, path = "/") => new Request(origin + path, { headers: { cookie, host: "energy.test" } });

let people = 0;
async function someone(): Promise<{ email: string; cookie: string; siteId: string }> {
  const email = `anna.${++people}@example.org`;
  const answer = await signingUp(filledIn(email));
  return { email, cookie: cookieOf(answer), siteId: answer.headers.get("location")!.split("/")[2]! };
}

describe("sign-up", () => {
  test("makes a person, an organization named after the address, and its site, and signs in", async () => {
    const { email, cookie, siteId } = await someone();
    expect((await userOf(asking(cookie)))?.email).toBe(email);
    const { site, role } = await requireSite(asking(cookie), siteId);
    expect(site).toMatchObject({ name: "Home", timezone: "Europe/Berlin", currency: "EUR", pricePerKwh: "0.32" });
    expect(role).toBe("owner");
    const { rows } = await owner.query("select name from energy.organizations where name = $1", [email.split("@")[0]]);
    expect(rows).toHaveLength(1);
  });

  test.each([
    ["one of the commonest", "iloveyou12", /commonest/],
    ["the address", "anna.berger@example.org", /made of your name/],
    ["the product's name", "EnergyTracking1", /made of your name/],
  ])("%s is no password", async (_what, word, why) => {
    const { status, body } = await signingUp({ ...filledIn("anna.berger@example.org"), password: word });
    expect([status, body.errors!["password"]]).toEqual([400, expect.stringMatching(why)]);
  });

  test("keeps what was typed and names each fault beside its field", async () => {
    const { status, body } = await signingUp({
      ...filledIn("anna at example"),
      password: "short",
      timezone: "Mars/Olympus",
      currency: "XXXX",
      price: "a lot",
    });
    expect(status).toBe(400);
    expect(
      Object.keys(body.errors!)
        .filter((name) => body.errors![name])
        .sort(),
    ).toEqual(
      ["currency", "email", "password", "price", "timezone"], // prettier-ignore
    );
    expect(body.values).toMatchObject({ email: "anna at example", timezone: "Mars/Olympus", price: "a lot" });
    expect(JSON.stringify(body)).not.toContain("short");
  });

  test("an address has one account, however it is written", async () => {
    const { email } = await someone();
    const { status, body } = await signingUp(filledIn(email.toUpperCase()));
    expect(status).toBe(400);
    expect(body.errors!["email"]).toMatch(/account with this address already/);
  });

  test("a form of another site is refused", async () => {
    const { status } = await signingUp(filledIn("evil@example.org"), { headers: { origin: "http://evil.test" } });
    expect(status).toBe(403);
    expect((await signingUp(filledIn("evil@example.org"), { headers: { origin: "null" } })).status).toBe(403);
    expect((await owner.query("select from auth.users where email = 'evil@example.org'")).rowCount).toBe(0);
  });

  test("passwords are Argon2id hashes of the stated cost", async () => {
    const { email } = await someone();
    const { rows } = await owner.query("select password_hash from auth.users where email = $1", [email]);
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe("SIGNUP", () => {
  test("closed: the page says so, and a form that comes anyway is refused", async () => {
    const context = contextOf("closed");
    const page = await signUpPage({ request: asking("", "/signup"), context, params: {} });
    expect(page).toMatchObject({ isOpen: false, signup: "closed" });
    expect((await signingUp(filledIn("late@example.org"), { context })).status).toBe(403);
  });

  test("invite: only with an invitation, for its address, once", async () => {
    const context = contextOf("invite");
    expect((await signingUp(filledIn("bert@example.org"), { context })).status).toBe(403);

    const path = `/signup?invite=${await invitationFor("bert@example.org")}`;
    const page = await signUpPage({ request: asking("", path), context, params: {} });
    expect(page).toMatchObject({ isOpen: true, email: "bert@example.org" });

    const foreign = await signingUp(filledIn("carla@example.org"), { path, context });
    expect(foreign.body.errors!["form"]).toMatch(/another address/);

    expect((await signingUp(filledIn("bert@example.org"), { path, context })).status).toBe(302);
    expect((await signingUp(filledIn("bert.again@example.org"), { path, context })).status).toBe(403);
  });

  test("invite: one that ran out opens nothing", async () => {
    const path = `/signup?invite=${await invitationFor("dora@example.org", -1)}`;
    expect((await signingUp(filledIn("dora@example.org"), { path, context: contextOf("invite") })).status).toBe(403);
  });

  async function invitationFor(email: string, days = 7): Promise<string> {
    const token = randomBytes(16).toString("hex");
    const hash = createHash("sha256").update(token).digest("hex");
    await invite(email, hash, new Date(Date.now() + days * 86_400_000));
    return token;
  }
});

describe("login", () => {
  test("the right password opens, in any case of the address, and leads back to where one was", async () => {
    const { email } = await someone();
    const answer = await loggingIn({ email: email.toUpperCase(), password, next: "/sites/new?a=1" });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/sites/new?a=1");
    expect((await userOf(asking(cookieOf(answer))))?.email).toBe(email);
  });

  test("never leads to another site", async () => {
    const { email } = await someone();
    for (const next of ["//evil.test", "https://evil.test/", "/\\evil.test", "/\t/evil.test", "/..//evil.test"]) {
      expect((await loggingIn({ email, password, next })).headers.get("location"), next).toBe("/");
    }
  });

  test("a wrong password and an unknown address get the same answer", async () => {
    const { email } = await someone();
    const wrong = await loggingIn({ email, password: "wrong password 1" });
    const unknown = await loggingIn({ email: "nobody@example.org", password: "wrong password 1" });
    expect([wrong.status, unknown.status]).toEqual([400, 400]);
    expect(unknown.body.error).toBe(wrong.body.error);
    expect(unknown.headers.get("set-cookie")).toBeNull();
  });

  test("and cost the same time", async () => {
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 7; i++) {
      const { email } = await someone();
      known.push(await timed(() => loggingIn({ email, password: "wrong password 1" })));
      unknown.push(await timed(() => loggingIn({ email: `nobody.${i}@example.org`, password: "wrong password 1" })));
    }
    // Without a hash of its own, an unknown address would be answered many times faster. What else the machine does only adds.
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work();
    return performance.now() - start;
  }
});

describe("slow-down", () => {
  test("waits grow after the free failures, up to a quarter of an hour", () => {
    expect([4, 5, 6, 7, 8, 20].map((failures) => waitAfter(failures, 5))).toEqual([0, 15, 30, 60, 120, 900]);
  });

  test("after five failures the page says how long to wait, even to the right password, from wherever it comes", async () => {
    const { email } = await someone();
    for (let i = 0; i < 5; i++) expect((await loggingIn({ email, password: `wrong password ${i}` })).status).toBe(400);
    const shut = await loggingIn({ email, password });
    expect(shut.status).toBe(429);
    expect(shut.body.error).toMatch(/Wait 1?\d seconds/);
    expect(Number(shut.headers.get("retry-after"))).toBeLessThanOrEqual(15);
    await elapse();
    expect((await loggingIn({ email, password: "wrong again and again" })).status).toBe(400);
    const longer = await loggingIn({ email, password });
    expect(Number(longer.headers.get("retry-after"))).toBeGreaterThan(15);
    await elapse();
    expect((await loggingIn({ email, password })).status).toBe(302);
    expect((await loggingIn({ email, password: "wrong password 9" })).status).toBe(400);
  });

  test("many tries at once do not slip through", async () => {
    const { email } = await someone();
    const tries = Array.from({ length: 20 }, (_, i) => loggingIn({ email, password: `wrong password ${i}` }));
    const statuses = (await Promise.all(tries)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 400)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
  });

  test("one address that tries many accounts is slowed down, others are not", async () => {
    const context = contextOf("open", "192.0.2.1");
    const tries = Array.from({ length: 40 }, (_, i) =>
      loggingIn({ email: `many.${i}@example.org`, password: "wrong password 1" }, context),
    );
    const refused = (await Promise.all(tries)).filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(10);
    expect((await loggingIn({ email: "many.41@example.org", password: "wrong password 1" })).status).toBe(400);
  });

  /** The current waits are over; the counts stay. */
  const elapse = () => owner.query("update auth.rate_limits set expire = 1 where key like 'login-wait:%'");
});

describe("sessions", () => {
  test("only a hash of the cookie is stored, and the cookie is out of scripts' reach", async () => {
    const { email } = await someone();
    const answer = await loggingIn({ email, password });
    const secret = cookieOf(answer).split("=")[1]!;
    const { rows } = await owner.query<{ id: string }>(
      "select s.id from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1",
      [email],
    );
    expect(rows.map((row) => row.id)).toContain(createHash("sha256").update(secret).digest("hex"));
    expect(rows.map((row) => row.id)).not.toContain(secret);
    const cookie = answer.headers.get("set-cookie")!;
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
    const behindProxy = await loggingIn({ email, password }, contextOf(), { "x-forwarded-proto": "https" });
    expect(behindProxy.headers.get("set-cookie")).toMatch(/Secure/);
  });

  test("logging out ends the session for good, by a form of this site only", async () => {
    const { cookie } = await someone();
    const leave = (from: string) =>
      answerOf(() =>
        logOut({ request: post("/logout", {}, { cookie, origin: from }), context: contextOf(), params: {} }),
      );
    expect((await leave("http://evil.test")).status).toBe(403);
    expect(await userOf(asking(cookie))).not.toBeNull();
    await leave(origin);
    expect(await userOf(asking(cookie))).toBeNull();
  });

  test("a session that ran out is nobody's; one in its second half is extended", async () => {
    const { cookie } = await someone();
    const id = createHash("sha256").update(cookie.split("=")[1]!).digest("hex");
    const expiresIn = (days: number) =>
      owner.query("update auth.sessions set expires_at = now() + make_interval(days => $2) where id = $1", [id, days]);
    await expiresIn(10);
    expect(await userOf(asking(cookie))).not.toBeNull();
    const { rows } = await owner.query("select expires_at > now() + interval '29 days' as extended from auth.sessions where id = $1", [id]); // prettier-ignore
    expect(rows[0].extended).toBe(true);
    await expiresIn(-1);
    expect(await userOf(asking(cookie))).toBeNull();
  });
});

describe("membership", () => {
  test("a site of others is not found, as one that does not exist", async () => {
    const [mine, theirs] = [await someone(), await someone()];
    for (const id of [theirs.siteId, "00000000-0000-4000-8000-000000000000", "not-an-id"]) {
      const answer = await answerOf(() => requireSite(asking(mine.cookie), id));
      expect(answer.status, id).toBe(404);
    }
  });

  test("without a session one is sent to the login, and back", async () => {
    const answer = await answerOf(() => requireSite(asking("", "/sites/x/devices?a=1"), "x"));
    expect(answer.headers.get("location")).toBe("/login?next=%2Fsites%2Fx%2Fdevices%3Fa%3D1");
  });

  test("a role that does not allow it is told so", async () => {
    const { cookie, siteId, email } = await someone();
    const { rows } = await owner.query<{ id: string }>("select id from auth.users where email = $1", [email]);
    await becomes(owner, rows[0]!.id, "viewer");
    expect((await requireSite(asking(cookie), siteId)).role).toBe("viewer");
    expect((await answerOf(() => requireSite(asking(cookie), siteId, "device.change"))).status).toBe(403);
  });
});

test("while the database is gone, pages and logins say that they are not available", async () => {
  const { email, cookie, siteId } = await someone();
  await closeDatabase();
  openDatabase("postgres://nobody@127.0.0.1:1/none");
  try {
    expect((await answerOf(() => requireSite(asking(cookie), siteId))).status).toBe(503);
    expect((await loggingIn({ email, password })).status).toBe(503);
  } finally {
    await closeDatabase();
    openDatabase(database.appUrl);
  }
  expect((await loggingIn({ email, password })).status).toBe(302);
});
