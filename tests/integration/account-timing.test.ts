import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { action as forgotten } from "../../app/routes/forgot-password.tsx";
import { action as signUp } from "../../app/routes/signup.tsx";
import { password, person, visit, type Answered } from "../support/people.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Neither what is answered nor when tells whether somebody has an account. The login's time is in accounts.test.ts. */
let db: OpenDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** Times and answers for addresses with and without an account, in turns, each from somewhere else. */
async function compared(times: number, ask: (email: string, address: string) => Promise<Answered<unknown>>) {
  const found = { known: [] as number[], unknown: [] as number[], answers: new Set<string>() };
  for (let i = 0; i < times; i++)
    for (const kind of ["known", "unknown"] as const) {
      const one = await person();
      const email = kind === "known" ? one.email : `${randomBytes(6).toString("hex")}@example.org`;
      const start = performance.now();
      const { status, body } = await ask(email, one.address);
      found[kind].push(performance.now() - start);
      found.answers.add(JSON.stringify([status, body]).replaceAll(email, "…"));
    }
  return found;
}

test("a new password that is asked for", async () => {
  const { known, unknown, answers } = await compared(7, (email, address) => visit(forgotten, { address }, { email }));
  expect([...answers]).toHaveLength(1);
  // What else the machine does only adds.
  const ratio = Math.min(...unknown) / Math.min(...known);
  expect(ratio).toBeGreaterThan(1 / 3);
  expect(ratio).toBeLessThan(3);
});

test("a sign-up, where mail is sent", async () => {
  const form = { password, organization: "", site: "Home", timezone: "Europe/Berlin", currency: "EUR", price: "" };
  const env = { SIGNUP: "open", RESEND_API_KEY: "re_test" };
  const { known, unknown, answers } = await compared(2, (email, address) =>
    visit(signUp, { address, env }, { ...form, email }),
  );
  expect([...answers]).toEqual([expect.stringContaining('"sentTo":"…"') as string]);
  // Longer than either takes by itself; a timer may be a moment early.
  for (const ms of [...known, ...unknown]) expect(ms).toBeGreaterThan(790);
});
