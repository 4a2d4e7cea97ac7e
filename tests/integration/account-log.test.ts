import { afterAll, beforeAll, expect, test } from "vitest";
import { action as accountPage, loader as account } from "../../app/routes/account.tsx";
import { loader as logPage } from "../../app/routes/account_.log.tsx";
import { action as login } from "../../app/routes/login.tsx";
import { runAs } from "../../db/actor.ts";
import { password, person, sessionOf, visit, type SignedIn } from "../support/people.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What a person sees of their own account: who came in or tried to, from where, and what was changed. */
let db: OpenDatabase;
let anna: SignedIn;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await person();
});
afterAll(() => db.close());

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
/** As the server tells who asks. */
const from = <T>(address: string, work: () => Promise<T>) =>
  runAs({ kind: "person", address, agent: firefox, request: "r" }, work);

interface Shown {
  entries: { words: string; device: string | null; address: string | null }[];
  next: number | null;
}
const log = async ({ cookie }: Pick<SignedIn, "cookie">, search = "") =>
  (await visit<Shown>(logPage, { cookie, search })).body;

test("a person's log has what happened, newest first, with device and place; and nobody else's", async () => {
  const { email, cookie } = anna;
  const ben = await person();
  await from("198.51.100.1", () => visit(login, { address: "198.51.100.1" }, { email, password: "wrong one 123" }));
  const second = await from("198.51.100.2", () =>
    visit(login, { address: "198.51.100.2", userAgent: firefox }, { email, password }),
  );
  expect(second.location).toBe("/");
  const loggedIn = { cookie: sessionOf(second) };
  const change = {
    intent: "password",
    current: password,
    password: "another horse battery",
    repeat: "another horse battery",
  };
  const changed = await from("198.51.100.3", () => visit(accountPage, { cookie }, change));
  expect(changed.status).toBe(200);
  const words = (await log({ cookie: sessionOf(changed) })).entries;
  expect(words.slice(0, 3)).toMatchObject([
    { words: "The password was changed", device: "Firefox on Windows", address: "198.51.100.3" },
    { words: "Logged in", device: "Firefox on Windows", address: "198.51.100.2" },
    { words: "Somebody tried to log in and failed", device: "Firefox on Windows", address: "198.51.100.1" },
  ]);
  expect(words.at(-1)!.words).toBe("The account was made");
  expect((await log(ben)).entries.map((entry) => entry.words)).toEqual(["The account was made"]);
  expect((await visit(logPage, loggedIn)).status).toBe(302);
});

test("devices that are logged out and two-factor login are on it, and it goes on page by page", async () => {
  const carl = await person();
  const other = await visit(login, { address: "198.51.100.9", userAgent: firefox }, { email: carl.email, password });
  const { sessions } = (await visit<{ sessions: { id: string; isCurrent: boolean }[] }>(account, carl)).body;
  const theirs = sessions.find((one) => !one.isCurrent)!;
  await visit(accountPage, carl, { intent: "session", session: theirs.id });
  expect((await visit(logPage, { cookie: sessionOf(other) })).status).toBe(302);
  await db.owner.query("insert into auth.two_factors (user_id, secret_sealed) values ($1, 'x')", [carl.userId]);
  await db.owner.query("update auth.two_factors set confirmed_at = now() where user_id = $1", [carl.userId]);
  await db.owner.query("delete from auth.two_factors where user_id = $1", [carl.userId]);
  const { entries } = await log(carl);
  expect(entries.slice(0, 4).map(({ words }) => words)).toEqual([
    "Two-factor login was switched off",
    "Two-factor login was switched on",
    "Two-factor login was begun to be set up",
    "Another device was logged out: Firefox on Windows",
  ]);
  await db.owner.query(
    `insert into audit.events (action, object_type, object_id, actor)
     select 'account.sign-in-failed', 'account', $1, 'person' from generate_series(1, 60)`,
    [carl.userId],
  );
  const first = await log(carl);
  expect([first.entries.length, first.next !== null]).toEqual([50, true]);
  const rest = await log(carl, `?before=${first.next}`);
  expect([rest.entries.length, rest.next]).toEqual([10 + entries.length, null]);
});
