import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { furnish } from "../support/furniture.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Changing APP_SECRET: what is sealed is sealed anew, whatever it is and as often as it is asked for. */
const first = process.env["APP_SECRET"]!;
const second = "the second secret, of at least 32 characters";
let db: OpenDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** As a process has it that was started with these secrets. The database stays open: its pools are the process's. */
async function started(current: string, old = "") {
  vi.stubEnv("APP_SECRET", current);
  vi.stubEnv("APP_SECRET_OLD", old);
  vi.resetModules();
  const [{ rotateSecrets }, sealing, mail, keys, once, users] = await Promise.all([
    import("../../db/rotate-secrets.ts"),
    import("../../db/seal.ts"),
    import("../../db/mail.ts"),
    import("../../db/signing-keys.ts"),
    import("../../db/idempotency.ts"),
    import("../../db/as-user.ts"),
  ]);
  return { rotateSecrets, ...sealing, ...mail, ...keys, ...once, ...users };
}

test("the sealed columns are those that the database has", async () => {
  const { sealedColumns } = await started(first);
  const { rows } = await db.owner.query<{ name: string }>(
    `select table_schema || '.' || table_name || '.' || column_name as name from information_schema.columns
     where table_schema in ('auth', 'energy', 'telemetry') and column_name like '%\\_sealed'`,
  );
  expect(rows.map(({ name }) => name).sort()).toEqual([...sealedColumns].sort());
});

test("rotation seals everything anew; then the old secret is of no use, and a second run does nothing", async () => {
  const anna = await furnish(db.owner, "anna");
  const before = await started(first);
  const to = "anna@example.org";
  await before.enqueueMail(before.asNobody(), {
    to,
    template: "verify-email",
    data: { url: "https://energy.test/x", hours: 24 },
  });
  await before.rotateSigningKey(before.asNobody());
  const repeatable = { key: "once", requestHash: "hash" };
  expect(await before.beginOnce(anna.organizationId, repeatable)).toBe("begun");
  const answer = { status: 201, body: "secret", location: null };
  await before.keepAnswer(anna.organizationId, repeatable, answer);

  const factor = { column: "auth.two_factors.secret_sealed", row: anna.userId } as const;
  await db.owner.query("update auth.two_factors set secret_sealed = $1", [before.seal("base32", factor)]);

  const both = await started(second, first);
  const done = await both.rotateSecrets(() => {});
  expect(done.filter(({ rotated }) => rotated > 0).map(({ column, rotated }) => [column, rotated])).toEqual([
    ["auth.mails.data_sealed", 1],
    ["auth.signing_keys.private_sealed", 1],
    ["auth.two_factors.secret_sealed", 1],
    ["energy.credentials.password_sealed", 1],
    ["energy.idempotency_keys.answer_sealed", 1],
    ["energy.webhooks.secrets_sealed", 1],
  ]);
  expect((await both.rotateSecrets(() => {})).every(({ rotated, unreadable }) => rotated + unreadable === 0)).toBe(
    true,
  );

  const after = await started(second);
  const { rows } = await db.owner.query<{ sealed: string }>("select password_sealed as sealed from energy.credentials");
  expect(after.unseal(rows[0]!.sealed, { column: "energy.credentials.password_sealed", row: "d-anna" })).toBe("p anna");
  const { rows: factors } = await db.owner.query<{ sealed: string }>(
    "select secret_sealed as sealed from auth.two_factors",
  );
  expect(after.unseal(factors[0]!.sealed, factor)).toBe("base32");
  expect(await after.outbox(to)).toHaveLength(1);
  expect((await after.verifyingKeys(true)).map(({ signing }) => signing !== null)).toEqual([true]);
  expect(await after.beginOnce(anna.organizationId, repeatable)).toEqual(answer);
});

test("what neither secret opens is counted, and left as it is", async () => {
  const { rotateSecrets } = await started("a third secret, of at least 32 characters");
  const { rows: before } = await db.owner.query("select password_sealed from energy.credentials order by 1");
  const done = await rotateSecrets(() => {});
  expect(done.find(({ column }) => column === "energy.credentials.password_sealed")).toMatchObject({
    rotated: 0,
    unreadable: 1,
  });
  expect((await db.owner.query("select password_sealed from energy.credentials order by 1")).rows).toEqual(before);
});
