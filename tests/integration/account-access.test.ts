import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { userOf } from "../../app/auth/session.server.ts";
import { action as twoFactor, loader as twoFactorPage } from "../../app/routes/account_.two-factor.tsx";
import { action as forgot } from "../../app/routes/forgot-password.tsx";
import { action as logIn } from "../../app/routes/login.tsx";
import { action as giveCode, loader as codePage } from "../../app/routes/login_.code.tsx";
import { action as reset, loader as resetPage } from "../../app/routes/reset-password.tsx";
import { action as signUp } from "../../app/routes/signup.tsx";
import { action as verify, loader as verifyPage } from "../../app/routes/verify-email.tsx";
import { getAccount } from "../../db/account.ts";
import { beginTwoFactor, confirmTwoFactor } from "../../db/two-factor.ts";
import { hashRecoveryCode } from "../../app/auth/recovery-codes.server.ts";
import { runMails } from "../support/jobs.ts";
import { origin } from "../support/pages.ts";
import {
  codeOf,
  password,
  person,
  sessionOf,
  subjects,
  tokenOf,
  visit,
  type Answered,
  type SignedIn,
} from "../support/people.ts";
import { openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const another = "another horse battery";
const withMail = { RESEND_API_KEY: "re_test" };

let db: OpenDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const asking = (cookie: string) => new Request(origin, { headers: { cookie } });
const isIn = async (cookie: string) => (await userOf(asking(cookie))) !== null;
const loggingIn = (who: { email: string; address?: string }, word = password, more = {}) =>
  visit<{ error: string }>(
    logIn,
    { address: "198.51.100.1", ...who, cookie: "", ...more },
    { email: who.email, password: word },
  );
const expire = (purpose: string) =>
  db.owner.query("update auth.tokens set expires_at = now() - interval '1 s' where purpose = $1", [purpose]);

describe("a forgotten password", () => {
  const asked = (email: string, address: string) => visit(forgot, { address }, { email });
  const setting = (token: string, word = another) => visit<{ state: string; error: string }>(reset, {}, { token, password: word }); // prettier-ignore

  async function linkFor({ email, address }: SignedIn): Promise<string> {
    await asked(email, address);
    await runMails(db.owner);
    return tokenOf(email, "Choose a new password");
  }

  test("is replaced by a mailed link: once, and every session and other link ends", async () => {
    const anna = await person();
    const [first, second] = [await linkFor(anna), await linkFor(anna)];
    expect(first).not.toBe(second);
    expect((await visit(resetPage, { search: `?token=${first}` })).body).toEqual({ token: first, email: anna.email });
    for (const [word, why] of [
      ["short", /at least 10/],
      ["qwertyuiop", /commonest/],
      [`${anna.email}!`, /made of your name/],
    ] as const)
      expect(await setting(first, word)).toMatchObject({ status: 400, body: { error: expect.stringMatching(why) } });
    expect((await setting(first)).body.state).toBe("set");
    expect(await isIn(anna.cookie)).toBe(false);
    for (const token of [first, second]) expect((await setting(token)).status).toBe(410);
    expect((await loggingIn(anna)).status).toBe(400);
    expect((await loggingIn(anna, another)).status).toBe(302);
    expect((await getAccount(anna.userId)).isVerified).toBe(true);
    expect(await subjects(anna.email)).toContain("Your password was changed");
  });

  test("links are not guessed: 20 wrong ones an hour from an address", async () => {
    const guess = (token: string, address: string) =>
      visit<{ state: string }>(reset, { address }, { token, password: another });
    const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => guess(`guess ${i}`, "198.51.100.77")));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([410]));
    expect((await guess("one more", "198.51.100.77")).status).toBe(429);
    expect((await guess("from elsewhere", "198.51.100.78")).status).toBe(410);
    // Who has a link is not kept from it.
    const anna = await person();
    expect((await guess(await linkFor(anna), "198.51.100.77")).body.state).toBe("set");
  });

  test("the link works for an hour, and is in the database as its hash alone", async () => {
    const anna = await person();
    const token = await linkFor(anna);
    const { rows } = await db.owner.query<{ hash: string; minutes: number }>(
      "select hash, round(extract(epoch from expires_at - now()) / 60)::int as minutes from auth.tokens where user_id = $1",
      [anna.userId],
    );
    expect(rows).toEqual([{ hash: sha256(token), minutes: 60 }]);
    await expire("reset-password");
    expect((await visit(resetPage, { search: `?token=${token}` })).body).toMatchObject({ token: null });
    expect((await setting(token)).status).toBe(410);
  });

  test("of two who use a link at once, one does", async () => {
    const anna = await person();
    const token = await linkFor(anna);
    const answers = await Promise.all([setting(token), setting(token, "yet another horse")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
  });

  test("whether anybody has the address is told neither in words nor by the work that is done", async () => {
    const anna = await person();
    await runMails(db.owner);
    const [known, unknown] = [await asked(anna.email, "192.0.2.10"), await asked("nobody@example.org", "192.0.2.11")];
    const plain = ({ status, body, headers }: Answered<object>, email: string) =>
      JSON.stringify({ status, body, headers: [...headers] }).replaceAll(email, "X");
    expect(plain(known, anna.email)).toBe(plain(unknown, "nobody@example.org"));
    const { rows } = await db.owner.query<{ task: string; n: number }>(
      `select t.identifier as task, count(*)::int as n from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id group by 1`,
    );
    expect(rows).toEqual([{ task: "write-reset-mail", n: 2 }]);
    await runMails(db.owner);
    expect(await subjects("nobody@example.org")).toEqual([]);
    expect(await subjects(anna.email)).toEqual(["Choose a new password"]);
  });

  test("and so is being asked too often", async () => {
    const anna = await person();
    for (const email of [anna.email, "nobody.else@example.org"]) {
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push((await asked(email, `192.0.2.${20 + i}`)).status);
      expect(statuses, email).toEqual([200, 200, 200, 200, 200, 429]);
    }
  });

  test("what somebody else set up with an address that was never theirs does not keep its owner out", async () => {
    const anna = await person();
    await beginTwoFactor(anna.userId, secret);
    await confirmTwoFactor(anna.userId, {
      step: 1,
      codeHashes: [],
      notice: { to: anna.email, template: "security-notice", data: { event: "two-factor-on", at: "", resetUrl: null } },
    });
    expect((await setting(await linkFor(anna))).body.state).toBe("set");
    expect((await getAccount(anna.userId)).hasTwoFactor).toBe(false);
  });
});

describe("an address is confirmed", () => {
  const filledIn = (email: string) => ({
    ...{ email, password, organization: "", site: "Home", timezone: "Europe/Berlin", currency: "EUR", price: "" },
  });

  test("by a button behind the mailed link, once, within a day", async () => {
    const email = "verena@example.org";
    const made = await visit(signUp, { address: "192.0.2.40" }, filledIn(email));
    const user = await userOf(asking(sessionOf(made)));
    expect((await getAccount(user!.id)).isVerified).toBe(false);
    const token = await tokenOf(email, "Confirm your e-mail address");
    expect((await visit(verifyPage, { search: `?token=${token}` })).body).toEqual({ token, email });
    expect((await getAccount(user!.id)).isVerified).toBe(false);
    expect((await visit(verify, { from: "http://evil.test" }, { token })).status).toBe(403);
    expect((await visit(verify, {}, { token })).status).toBe(200);
    expect((await getAccount(user!.id)).isVerified).toBe(true);
    expect((await visit(verify, {}, { token })).status).toBe(410);
  });

  test("a link that is more than a day old does nothing", async () => {
    const email = "late@example.org";
    await visit(signUp, { address: "192.0.2.41" }, filledIn(email));
    const token = await tokenOf(email, "Confirm your e-mail address");
    await expire("verify-email");
    expect((await visit(verify, {}, { token })).status).toBe(410);
  });

  test("where mail is sent, before anybody gets in; and the page says the same for every address", async () => {
    const anna = await person();
    const sent = (email: string) => visit(signUp, { address: "192.0.2.42", env: withMail }, filledIn(email));
    const [known, unknown] = [await sent(anna.email), await sent("new@example.org")];
    const plain = ({ status, body, headers }: Answered<object>) => ({ status, body, headers: [...headers] });
    expect(plain(known)).toEqual({
      status: 200,
      headers: [],
      body: { values: null, errors: null, sentTo: anna.email },
    });
    expect(plain(unknown)).toEqual({
      ...plain(known),
      body: { values: null, errors: null, sentTo: "new@example.org" },
    });
    expect(await subjects(anna.email)).toEqual(["You have an account already"]);

    const early = await loggingIn({ email: "new@example.org" }, password, { env: withMail });
    expect(early).toMatchObject({ status: 403, cookies: {} });
    expect(await subjects("new@example.org")).toEqual(Array(2).fill("Confirm your e-mail address"));
    const wrong = await loggingIn({ email: "new@example.org" }, "wrong password 1", { env: withMail });
    const nobody = await loggingIn({ email: "none@example.org" }, "wrong password 1", { env: withMail });
    expect([wrong.status, wrong.body.error]).toEqual([nobody.status, nobody.body.error]);
    await visit(verify, {}, { token: await tokenOf("new@example.org", "Confirm your e-mail address") });
    expect((await loggingIn({ email: "new@example.org" }, password, { env: withMail })).status).toBe(302);
  });
});

describe("two-factor login", () => {
  // The clock of this process stands still, so that a test chooses which code the app shows.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 30_000) * 30_000 + 1_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const nextCode = () => vi.setSystemTime(Date.now() + 30_000);

  interface Answer {
    errors: Record<string, string>;
    codes?: string[];
  }
  const change = (who: SignedIn, form: Record<string, string>) => visit<Answer>(twoFactor, who, { current: password, ...form }); // prettier-ignore
  const shown = async (who: SignedIn) =>
    (await visit<{ hasTwoFactor: boolean; setUp: { secret: string } | null }>(twoFactorPage, who)).body;

  /** Switches it on, as a person does; the app's next code is not used yet. */
  async function switchedOn(): Promise<SignedIn & { secret: string; codes: string[] }> {
    const who = await person();
    await change(who, { intent: "begin" });
    const { secret } = (await shown(who)).setUp!;
    const done = await change(who, { intent: "confirm", code: codeOf(secret) });
    nextCode();
    return { ...who, cookie: sessionOf(done), secret, codes: done.body.codes! };
  }
  /** The password's half; the cookie that the code's page asks for. */
  async function half(who: SignedIn): Promise<string> {
    const answer = await loggingIn(who);
    expect(answer.location).toBe("/login/code?next=%2F");
    expect(answer.cookies["session"]).toBeUndefined();
    return `second-factor=${answer.cookies["second-factor"]}`;
  }
  const giving = (who: SignedIn, cookie: string, code: string) => visit(giveCode, { ...who, cookie }, { code });

  test("is begun with the password, and on once the app's code was right; every session ends", async () => {
    const who = await person();
    expect((await change(who, { intent: "begin", current: "wrong password 1" })).body.errors["current"]).toMatch(/not your/); // prettier-ignore
    expect((await shown(who)).setUp).toBeNull();
    await change(who, { intent: "begin" });
    const { secret } = (await shown(who)).setUp!;
    expect((await change(who, { intent: "confirm", code: "12345" })).status).toBe(400);
    expect((await loggingIn(who)).location).toBe("/");
    const done = await change(who, {
      intent: "confirm",
      code: ` ${codeOf(secret).slice(0, 3)} ${codeOf(secret).slice(3)}`,
    });
    expect(done.body.codes).toHaveLength(10);
    expect(await isIn(who.cookie)).toBe(false);
    expect(await isIn(sessionOf(done))).toBe(true);
    expect(await shown({ ...who, cookie: sessionOf(done) })).toMatchObject({ hasTwoFactor: true, setUp: null });
    expect(await subjects(who.email)).toEqual(["Two-factor login is on"]);
    const { rows } = await db.owner.query<{ text: string }>(
      `select (f::text || (select string_agg(c::text, ' ') from auth.recovery_codes c where c.user_id = f.user_id)) as text
       from auth.two_factors f where user_id = $1`,
      [who.userId],
    );
    for (const plain of [secret, ...done.body.codes!]) expect(rows[0]!.text).not.toContain(plain);
    expect(rows[0]!.text).toContain(hashRecoveryCode(done.body.codes![0]!));
  });

  test("the right password alone opens nothing; with the code it does, under a new id", async () => {
    const who = await switchedOn();
    const cookie = await half(who);
    expect(await isIn(cookie)).toBe(false);
    expect(await isIn(cookie.replace("second-factor", "session"))).toBe(false);
    expect((await visit(codePage, { ...who, cookie })).status).toBe(200);
    const done = await giving(who, cookie, codeOf(who.secret));
    expect(done).toMatchObject({ status: 302, location: "/", cookies: { "second-factor": "" } });
    expect(await isIn(sessionOf(done))).toBe(true);
    nextCode();
    expect((await giving(who, cookie, codeOf(who.secret))).location).toBe("/login");
  });

  test("a code works once, and none before it does after it", async () => {
    const who = await switchedOn();
    const older = codeOf(who.secret);
    nextCode();
    const code = codeOf(who.secret);
    expect((await giving(who, await half(who), code)).status).toBe(302);
    const cookie = await half(who);
    for (const used of [code, older]) expect((await giving(who, cookie, used)).status).toBe(400);
    nextCode();
    expect((await giving(who, cookie, codeOf(who.secret))).status).toBe(302);
  });

  test("of two with the same code at once, one gets in", async () => {
    const who = await switchedOn();
    const cookies = [await half(who), await half(who)];
    const answers = await Promise.all(cookies.map((cookie) => giving(who, cookie, codeOf(who.secret))));
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 400]);
  });

  test("a recovery code works once, and its owner is told", async () => {
    const who = await switchedOn();
    const code = who.codes[3]!.toUpperCase().replaceAll("-", " ");
    expect((await giving(who, await half(who), code)).status).toBe(302);
    expect(await subjects(who.email)).toContain("A recovery code was used");
    expect((await getAccount(who.userId)).recoveryCodesLeft).toBe(9);
    expect((await giving(who, await half(who), code)).status).toBe(400);
  });

  test("codes cannot be guessed at length, and the right password gives no new tries", async () => {
    const who = await switchedOn();
    for (let i = 0; i < 5; i++) expect((await giving(who, await half(who), "000000")).status).toBe(400);
    const shut = await giving(who, await half(who), codeOf(who.secret));
    expect(shut.status).toBe(429);
    expect(Number(shut.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("the half of a login runs out, and nobody comes to the code without it", async () => {
    const who = await switchedOn();
    const cookie = await half(who);
    await expire("second-factor");
    expect((await giving(who, cookie, codeOf(who.secret))).location).toBe("/login");
    expect((await giving(who, "second-factor=made-up", codeOf(who.secret))).location).toBe("/login");
    expect((await visit(codePage, {})).location).toBe("/login");
  });

  test.each(["off", "codes"])("to change it (%s) takes the password and a code", async (intent) => {
    const who = await switchedOn();
    expect((await change(who, { intent, code: "000000" })).body.errors["code"]).toMatch(/not right/);
    expect((await change(who, { intent })).status).toBe(400);
    const wrong = await change(who, { intent, current: "wrong password 1", code: codeOf(who.secret) });
    expect(wrong.body.errors["current"]).toMatch(/not your password/);
    const done = await change(who, { intent, code: codeOf(who.secret) });
    expect(done.status).toBe(200);
    const isOff = intent === "off";
    expect((await getAccount(who.userId)).hasTwoFactor).toBe(!isOff);
    expect(await isIn(who.cookie)).toBe(!isOff);
    if (isOff) return expect(await isIn(sessionOf(done))).toBe(true);
    expect(done.body.codes).toHaveLength(10);
    expect((await giving(who, await half(who), who.codes[0]!)).status).toBe(400);
    expect((await giving(who, await half(who), done.body.codes![0]!)).status).toBe(302);
  });

  test("one that is on is neither begun anew nor shown again", async () => {
    const who = await switchedOn();
    expect((await change(who, { intent: "begin" })).status).toBe(409);
    expect((await change(who, { intent: "confirm", code: codeOf(who.secret) })).status).toBe(409);
    expect((await shown(who)).setUp).toBeNull();
    expect((await visit(twoFactor, who, { intent: "toString" })).status).toBe(400);
  });

  test("a new password by mail does not get round it", async () => {
    const who = await switchedOn();
    await db.owner.query("update auth.users set email_verified_at = now() where id = $1", [who.userId]);
    await visit(forgot, who, { email: who.email });
    await runMails(db.owner);
    await visit(reset, {}, { token: await tokenOf(who.email, "Choose a new password"), password: another });
    expect((await loggingIn(who, another)).location).toMatch(/^\/login\/code/);
  });
});
