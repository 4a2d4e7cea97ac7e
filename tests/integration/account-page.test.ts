import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { userOf } from "../../app/auth/session.server.ts";
import { action as change, loader as accountPage } from "../../app/routes/account.tsx";
import { action as confirmEmail, loader as confirmPage } from "../../app/routes/confirm-email.tsx";
import { action as logIn } from "../../app/routes/login.tsx";
import { forgetExpired, removeTwoFactorOf } from "../../db/account-administration.ts";
import { getAccount } from "../../db/account.ts";
import { asSystem } from "../../db/as-system.ts";
import { beginTwoFactor } from "../../db/two-factor.ts";
import { origin } from "../support/pages.ts";
import { password, person, sessionOf, subjects, tokenOf, visit, type SignedIn } from "../support/people.ts";
import { openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

interface Answer {
  errors: Record<string, string>;
  done: string | null;
}
const doing = (who: SignedIn, form: Record<string, string>) =>
  visit<Answer>(change, who, { current: password, ...form });
const isIn = async (cookie: string) => (await userOf(new Request(origin, { headers: { cookie } }))) !== null;

/** Another browser of the same person. */
async function elsewhere(who: SignedIn, more: { address?: string; userAgent?: string; cookie?: string } = {}) {
  const answer = await visit(logIn, { ...who, cookie: "", ...more }, { email: who.email, password });
  return sessionOf(answer);
}

interface Page {
  account: { email: string; name: string; pendingEmail: string | null };
  sessions: { id: string; device: string; address: string; lastUsedMs: number; isCurrent: boolean }[];
}
const page = async (who: SignedIn) => (await visit<Page>(accountPage, who)).body;

test("without a login the page leads to it, and a form of another site does nothing", async () => {
  expect((await visit(accountPage, {})).location).toMatch(/^\/login/);
  const anna = await person();
  expect((await visit(change, { ...anna, from: "http://evil.test" }, { intent: "name", name: "x" })).status).toBe(403);
  expect((await doing(anna, { intent: "constructor" })).status).toBe(400);
  expect((await doing(anna, { intent: "name", name: " Anna Winter " })).body.done).not.toBeNull();
  expect((await page(anna)).account.name).toBe("Anna Winter");
  expect((await doing(anna, { intent: "name", name: "x".repeat(101) })).body.errors["name"]).toMatch(/100/);
});

describe("the password", () => {
  test("is changed with the old one; all other sessions end, and this one gets a new id", async () => {
    const anna = await person();
    const other = await elsewhere(anna);
    const done = await doing(anna, { intent: "password", password: "another horse battery" });
    expect(done.body.done).toBe("The password is changed");
    expect(sessionOf(done)).not.toBe(anna.cookie);
    expect([await isIn(anna.cookie), await isIn(other), await isIn(sessionOf(done))]).toEqual([false, false, true]);
    expect((await visit(logIn, { ...anna, cookie: "" }, { email: anna.email, password })).status).toBe(400);
    expect(await subjects(anna.email)).toEqual(["Your password was changed"]);
  });

  test("stays when the old one is wrong or the new one weak; guesses are slowed down", async () => {
    const anna = await person();
    const weak = await doing(anna, { intent: "password", password: "short" });
    expect(weak.body.errors["password"]).toMatch(/at least 10/);
    const own = await doing(anna, { intent: "password", password: `${anna.email}1` });
    expect(own.body.errors["password"]).toMatch(/made of your name/);
    const common = await doing(anna, { intent: "password", password: "Password123!" });
    expect(common.body.errors["password"]).toMatch(/commonest/);
    const guess = (i: number) => doing(anna, { intent: "password", current: `guess number ${i}`, password: "another horse battery" }); // prettier-ignore
    for (let i = 0; i < 5; i++) expect((await guess(i)).body.errors["current"]).toMatch(/not your password/);
    const shut = await guess(6);
    expect([shut.status, shut.body.errors["form"]]).toEqual([429, expect.stringMatching(/^Too many tries/)]);
    expect(await isIn(anna.cookie)).toBe(true);
  });
});

describe("the address", () => {
  const asking = (who: SignedIn, email: string) => doing(who, { intent: "email", email });
  const confirming = (token: string, cookie = "") =>
    visit<{ email: string | null }>(confirmEmail, { cookie }, { token });

  test("is changed by the link that the new one gets; the old one is told, and all sessions end", async () => {
    const anna = await person();
    const [wanted, other] = [`new.${anna.email}`, await elsewhere(anna)];
    expect((await asking(anna, wanted.toUpperCase())).status).toBe(200);
    expect((await page(anna)).account).toMatchObject({ email: anna.email, pendingEmail: wanted });
    expect(await subjects(anna.email)).toEqual(["Your e-mail address is to be changed"]);

    const token = await tokenOf(wanted, "Confirm your new e-mail address");
    expect((await visit(confirmPage, { search: `?token=${token}` })).body).toEqual({ token, email: wanted });
    expect((await getAccount(anna.userId)).email).toBe(anna.email);
    const done = await confirming(token, anna.cookie);
    expect(done.body.email).toBe(wanted);
    expect([await isIn(anna.cookie), await isIn(other), await isIn(sessionOf(done))]).toEqual([false, false, true]);
    expect(await getAccount(anna.userId)).toMatchObject({ email: wanted, isVerified: true, pendingEmail: null });
    expect((await subjects(anna.email))[0]).toBe("Your e-mail address was changed");
    expect((await confirming(token)).status).toBe(410);
    expect((await visit(logIn, { ...anna, cookie: "" }, { email: wanted, password })).status).toBe(302);
  });

  test.each([
    ["nowhere", "nowhere", "email"],
    ["one's own", "", "email"],
  ])("%s is refused", async (_what, email, field) => {
    const anna = await person();
    expect((await asking(anna, email || anna.email)).body.errors[field]).toBeTruthy();
  });

  test("takes the password", async () => {
    const anna = await person();
    const answer = await doing(anna, { intent: "email", email: "x@example.org", current: "wrong password 1" });
    expect(answer.body.errors["current"]).toMatch(/not your password/);
    expect((await page(anna)).account.pendingEmail).toBeNull();
  });

  test("of another account is not told apart; its owner is told", async () => {
    const [anna, ben] = [await person(), await person()];
    const [taken, free] = [await asking(anna, ben.email), await asking(await person(), "free@example.org")];
    expect([taken.status, taken.body]).toEqual([free.status, free.body]);
    expect(await subjects(ben.email)).toEqual(["You have an account already"]);
  });

  test("that somebody else took meanwhile stays theirs; and a link runs out after a day, or by a newer one", async () => {
    const anna = await person();
    await asking(anna, "race@example.org");
    const token = await tokenOf("race@example.org", "Confirm your new e-mail address");
    const ben = await person();
    await db.owner.query("update auth.users set email = 'race@example.org' where id = $1", [ben.userId]);
    expect((await confirming(token)).status).toBe(410);
    expect((await getAccount(anna.userId)).email).toBe(anna.email);

    await asking(anna, "first@example.org");
    const first = await tokenOf("first@example.org", "Confirm your new e-mail address");
    await asking(anna, "second@example.org");
    expect((await confirming(first)).status).toBe(410);
    await db.owner.query("update auth.tokens set expires_at = now() - interval '1 s' where user_id = $1", [
      anna.userId,
    ]);
    const second = await tokenOf("second@example.org", "Confirm your new e-mail address");
    expect((await confirming(second)).status).toBe(410);
  });
});

describe("the list of sessions", () => {
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

  test("says device, address and last use, and which one this is", async () => {
    const anna = await person();
    await elsewhere(anna, { userAgent: iphone, address: "203.0.113.7" });
    const { sessions } = await page({ ...anna });
    expect(sessions.map(({ device, isCurrent }) => [device, isCurrent])).toEqual(
      expect.arrayContaining([
        ["Safari on iPhone", false],
        ["Unknown device", true],
      ]),
    );
    expect(sessions.find(({ isCurrent }) => !isCurrent)!.address).toBe("203.0.113.7");
    expect(sessions.find(({ isCurrent }) => isCurrent)!.address).toBe(anna.address);
  });

  test("follows a session to where it is used", async () => {
    const anna = await person();
    await visit(accountPage, { ...anna, address: "203.0.113.8", userAgent: iphone });
    await db.owner.query("update auth.sessions set last_used_at = now() - interval '1 hour' where user_id = $1", [anna.userId]); // prettier-ignore
    const { sessions } = await page({ ...anna, address: "203.0.113.8", userAgent: iphone } as SignedIn);
    expect(sessions).toMatchObject([{ device: "Safari on iPhone", address: "203.0.113.8" }]);
    expect(Date.now() - sessions[0]!.lastUsedMs).toBeLessThan(60_000);
  });

  test("ends one, or all others; never another person's", async () => {
    const [anna, ben] = [await person(), await person()];
    const [one, two] = [await elsewhere(anna), await elsewhere(anna)];
    const idOf = (cookie: string) => sha256(cookie.split("=")[1]!);
    await doing(anna, { intent: "session", session: idOf(ben.cookie) });
    await doing(anna, { intent: "session", session: idOf(one) });
    expect(await Promise.all([ben.cookie, one, two, anna.cookie].map(isIn))).toEqual([true, false, true, true]);
    await doing(anna, { intent: "other-sessions" });
    expect(await Promise.all([ben.cookie, two, anna.cookie].map(isIn))).toEqual([true, false, true]);
  });

  test("a login begins a new session, whatever cookie the browser came with, and ends its old one", async () => {
    const anna = await person();
    const planted = "session=planted0planted0planted0planted0planted0";
    const fresh = await elsewhere(anna, { cookie: planted });
    expect(fresh).not.toBe(planted);
    expect(await isIn(planted)).toBe(false);
    const again = await elsewhere(anna, { cookie: fresh });
    expect([await isIn(fresh), await isIn(again)]).toEqual([false, true]);
  });

  test("ends 90 days after the login, however much it is used, and is then cleared away", async () => {
    const anna = await person();
    const aged = (days: number) =>
      db.owner.query("update auth.sessions set created_at = now() - make_interval(days => $2) where user_id = $1", [anna.userId, days]); // prettier-ignore
    await aged(89);
    expect(await isIn(anna.cookie)).toBe(true);
    await aged(91);
    expect(await isIn(anna.cookie)).toBe(false);
    await asSystem(forgetExpired);
    const { rowCount } = await db.owner.query("select from auth.sessions where user_id = $1", [anna.userId]);
    expect(rowCount).toBe(0);
  });
});

describe("deleting the account", () => {
  const deleting = (who: SignedIn, more = {}) => doing(who, { intent: "delete", ...more });
  const owners = (organizationId: string, userId: string, role: string) =>
    db.owner.query(
      `insert into energy.memberships (organization_id, user_id, role) values ($1, $2, $3)
       on conflict (organization_id, user_id) do update set role = excluded.role`,
      [organizationId, userId, role],
    );

  test("takes the password", async () => {
    expect((await deleting(await person(), { current: "wrong password 1" })).body.errors["current"]).toBeTruthy();
  });

  test("is refused to the last owner of an organization, who is told which", async () => {
    const [anna, ben] = [await person({ organization: "Mill House" }), await person()];
    await owners(anna.organizationId, ben.userId, "admin");
    const refused = await deleting(anna);
    expect([refused.status, refused.body.errors["form"]]).toEqual([409, expect.stringContaining("“Mill House”")]);
    expect(await isIn(anna.cookie)).toBe(true);
  });

  test("leaves nothing of the person, and the organization to its other owner", async () => {
    const [anna, ben] = [await person(), await person()];
    await owners(anna.organizationId, ben.userId, "owner");
    await beginTwoFactor(anna.userId, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    await doing(anna, { intent: "verify" });
    const done = await deleting(anna);
    expect(done).toMatchObject({ status: 302, location: "/login", cookies: { session: "" } });
    expect(await isIn(anna.cookie)).toBe(false);
    for (const table of [
      "auth.users where id",
      "auth.sessions where user_id",
      "auth.tokens where user_id",
      "auth.two_factors where user_id",
      "energy.memberships where user_id",
    ])
      // prettier-ignore
      expect((await db.owner.query(`select from ${table} = $1`, [anna.userId])).rowCount, table).toBe(0);
    expect(await subjects(anna.email)).toEqual(["Your account was deleted"]);
    const { rows } = await db.owner.query("select user_id from energy.memberships where organization_id = $1", [anna.organizationId]); // prettier-ignore
    expect(rows).toEqual([{ user_id: ben.userId }]);
  });

  test("two owners who leave at once do not leave the organization to nobody", async () => {
    const [anna, ben] = [await person(), await person()];
    await db.owner.query("delete from energy.organizations where id = $1", [ben.organizationId]);
    await owners(anna.organizationId, ben.userId, "owner");
    const answers = await Promise.all([deleting(anna), deleting(ben)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 409]);
  });
});

test("who runs the installation lets somebody in who lost app and codes", async () => {
  const anna = await person();
  expect(await removeTwoFactorOf(anna.email)).toBe(false);
  await beginTwoFactor(anna.userId, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  await db.owner.query("update auth.two_factors set confirmed_at = now() where user_id = $1", [anna.userId]);
  expect(await removeTwoFactorOf(anna.email.toUpperCase())).toBe(true);
  expect([await isIn(anna.cookie), (await getAccount(anna.userId)).hasTwoFactor]).toEqual([false, false]);
});
