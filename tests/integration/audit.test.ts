import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { action as login } from "../../app/routes/login.tsx";
import { createOrganization } from "../../cli/org.ts";
import { runAs, type Actor } from "../../db/actor.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem } from "../../db/as-system.ts";
import { asUser } from "../../db/as-user.ts";
import { auditPage, recordEvent, recordRead, textDays, type AuditEvent, type AuditFilter } from "../../db/audit.ts";
import { updateChannel } from "../../db/channels.ts";
import { database } from "../../db/client.ts";
import { rotateCredential } from "../../db/credentials.ts";
import { createDevice, updateDevice } from "../../db/devices.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { createSite, deleteSite, updateSite } from "../../db/sites.ts";
import { storeBatch, type Batch } from "../../db/store-readings.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { send, someone, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: Person;
let ben: Person;
beforeAll(async () => {
  db = await openTestDatabase();
  anna = await someone();
  ben = await someone();
});
afterAll(() => db?.close());

const annas = (): Actor => ({
  ...{ kind: "person", id: anna.userId, session: "0123456789abcdef", address: "192.0.2.7", request: "r1" },
  agent: `O'Brien's \\ "browser"`,
});

const events = async (person: Person, filter: AuditFilter = {}): Promise<AuditEvent[]> =>
  (await auditPage(person.organizationId, filter, { before: null, limit: 1000 })).items;

/** The entries of what `work` did, oldest first. */
async function entriesOf(work: () => Promise<unknown>): Promise<AuditEvent[]> {
  const [newest] = await events(anna);
  await work();
  return (await events(anna)).filter(({ id }) => id > (newest?.id ?? 0)).reverse();
}

/** Tables of which a change makes no entry, and why. */
const notWatched: Record<string, string> = {
  "auth.rate_limits": "counts of tries, of nobody in particular",
  "auth.mails": "letters about what is an entry already",
  "auth.recovery_codes": "made with the second factor, which is an entry; one that lets somebody in is a sign-in",
  "auth.sessions": "signing in and out are entries of their own; being extended is none",
  "auth.signing_keys": "renewed by themselves; nobody chooses anything",
  "auth.tokens": "half a step: what they let somebody do is an entry",
  "energy.idempotency_keys": "answers about what is an entry already, kept for a day",
  "energy.export_chunks": "pieces of a file: the export is an entry",
  "energy.import_chunks": "pieces of a file: the import is an entry",
  "energy.processes": "what lives at this moment, of nobody in particular",
  "energy.quota_warnings": "that a mail went out: the mail is an entry",
  "energy.silent_devices": "what is seen by the readings, and of nobody's doing",
  "energy.webhook_deliveries": "messages about what is an entry already",
  "energy.usage_days": "counts of what came in",
  "energy.meter_replacements": "what an older version writes there becomes a correction, which is an entry",
};

describe("no change is forgotten", () => {
  test("every table of energy and auth is watched, or excepted with a reason", async () => {
    const { rows } = await db.owner.query<{ name: string; watched: boolean }>(
      `select n.nspname || '.' || c.relname as name, exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit') as watched
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('energy', 'auth') and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
    );
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.filter(({ name, watched }) => watched === name in notWatched).map(({ name }) => name)).toEqual([]);
  });

  test("what arrives by the second makes none: no table of telemetry is watched", async () => {
    const { rows } = await db.owner.query(
      `select from pg_trigger t join pg_class c on c.oid = t.tgrelid
       where c.relnamespace = 'telemetry'::regnamespace and t.tgname = 'audit'`,
    );
    expect(rows).toEqual([]);
  });
});

describe("an entry", () => {
  test("says who, from where, and the columns before and after", async () => {
    const [entry, ...more] = await entriesOf(() =>
      runAs(annas(), () => updateSite(anna.organizationId, anna.siteId, { name: "Cottage", pricePerKwh: "0.31" })),
    );
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      ...{ action: "site.changed", objectType: "site", objectId: anna.siteId, objectName: "Cottage" },
      ...{ actor: "person", actorId: anna.userId, actorName: expect.stringContaining("@example.org") as string },
      ...{ session: "0123456789abcdef", address: "192.0.2.7", agent: `O'Brien's \\ "browser"`, request: "r1" },
    });
    expect(entry!.before).toEqual({ name: "Home", price_per_kwh: null });
    expect(entry!.after).toEqual({ name: "Cottage", price_per_kwh: 0.31 });
  });

  test("is there of what Prisma writes, too", async () => {
    const { id } = await createSite(anna.organizationId, {
      ...{ name: "Barn", timezone: "UTC", currency: "EUR", pricePerKwh: null },
    });
    const [entry] = await entriesOf(() => runAs(annas(), () => deleteSite(anna.organizationId, id)));
    expect(entry).toMatchObject({ action: "site.deleted", objectName: "Barn", actorId: anna.userId, after: null });
    expect(entry!.before).toMatchObject({ name: "Barn", timezone: "UTC" });
  });

  test("names a key by its name, and what nobody is named for as the system", async () => {
    const { rows } = await db.owner.query<{ id: string }>(
      "insert into energy.api_keys (organization_id, name, hash, scopes) values ($1, 'Script', 'h1', '{read}') returning id",
      [anna.organizationId],
    );
    const change = () => updateSite(anna.organizationId, anna.siteId, { name: randomBytes(3).toString("hex") });
    const [byKey] = await entriesOf(() => runAs({ kind: "key", id: rows[0]!.id }, change));
    expect(byKey).toMatchObject({ actor: "key", actorName: "Script" });
    const [byNobody] = await entriesOf(change);
    expect(byNobody).toMatchObject({ actor: "system", actorId: null, address: null });
  });

  test("of nothing that changed is none, nor of a key's use or an import's progress", async () => {
    const quiet = await entriesOf(async () => {
      await db.owner.query("update energy.sites set name = name");
      await db.owner.query("update energy.api_keys set last_used_at = now()");
    });
    expect(quiet).toEqual([]);
  });

  test("of a change that was undone is undone with it", async () => {
    const undone = await entriesOf(async () => {
      const failing = asOrganization(anna.organizationId, async (sql) => {
        await sql.query("update energy.sites set name = 'x'");
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
    });
    expect(undone).toEqual([]);
  });

  test("has no secret: of hashes and sealed passwords only that they changed", async () => {
    const first = newCredential();
    const device = await createDevice(
      anna.organizationId,
      { siteId: anna.siteId, name: "Meter", kind: "device" },
      first.kept,
    );
    const second = newCredential();
    await rotateCredential(anna.organizationId, device!.id, second.kept);
    await db.owner.query("update auth.users set password_hash = 'a-new-hash' where id = $1", [anna.userId]);
    const all = JSON.stringify(await events(anna));
    for (const { shown, kept } of [first, second]) {
      for (const secret of [shown.password, shown.token, kept.passwordHash, kept.tokenHash, kept.passwordSealed])
        expect(all).not.toContain(secret);
      expect(all).toContain(shown.username);
    }
    expect(all).not.toContain("a-new-hash");
    const [changed] = await events(anna, { action: "account.changed" });
    expect(changed).toMatchObject({ objectId: anna.userId, after: { password_hash: "not shown" } });
  });

  test("of what a device made by being heard says which device", async () => {
    const device = await createDevice(
      anna.organizationId,
      { siteId: anna.siteId, name: "Talker", kind: "device" },
      newCredential().kept,
    );
    const made = await entriesOf(() =>
      runAs({ kind: "device", id: device!.id }, () =>
        createChannels({ organizationId: anna.organizationId, deviceId: device!.id }, [
          { key: "power", metric: "power", words: { kind: "gauge", unit: "W" } },
        ]),
      ),
    );
    expect(made[0]).toMatchObject({ action: "channel.created", actor: "device", actorName: "Talker" });
  });

  test("of a very long value has its length", async () => {
    const device = await createDevice(
      anna.organizationId,
      { siteId: anna.siteId, name: "Long", kind: "device" },
      newCredential().kept,
    );
    const [entry] = await entriesOf(() =>
      updateDevice(anna.organizationId, device!.id, { config: { note: "x".repeat(9000) } }),
    );
    expect(entry!.after).toEqual({ config: "9012 characters" });
  });
});

describe("the log is only ever added to", () => {
  const roles = ["organization", "user", "system"] as const;
  const statements = [
    "update audit.events set action = 'x'",
    "delete from audit.events",
    "truncate audit.events",
    "insert into audit.events (action, object_type, actor) values ('x', 'x', 'system')",
    "alter table audit.events disable trigger all",
    "select audit.put(null, 'x', 'x', null, null, null, null)",
  ];

  test.each(roles)("the role of %s may read it, and nothing else", async (role) => {
    for (const statement of statements)
      await expect(database()[role].query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
    await expect(database()[role].query("select count(*) from audit.events")).resolves.toBeDefined();
  });

  test("nor do the owner's hands change it by mistake", async () => {
    for (const statement of statements.slice(0, 3))
      await expect(db.owner.query(statement), statement).rejects.toThrow("only ever added to");
  });

  test("an organization cannot write into another's, nor the system's", async () => {
    await asOrganization(anna.organizationId, (sql) =>
      recordEvent(sql, { action: "export.fetched", objectType: "export", objectName: "forged" }, ben.organizationId),
    );
    expect(await events(ben, { object: "forged" })).toEqual([]);
    expect(await events(anna, { object: "forged" })).toHaveLength(1);
    await asSystem((sql) =>
      recordEvent(sql, { action: "support.began", objectType: "organization" }, ben.organizationId),
    );
    expect(await events(ben, { action: "support." })).toHaveLength(1);
  });
});

describe("who sees what", () => {
  test("an organization sees its own alone, a person their account's", async () => {
    expect(await events(ben, { text: anna.siteId })).toEqual([]);
    const read = (sql: { query: (text: string) => Promise<{ rows: { text: string | null }[] }> }) =>
      sql.query("select json_agg(e)::text as text from audit.events e");
    const { rows: bens } = await asOrganization(ben.organizationId, read);
    for (const id of [anna.organizationId, anna.siteId, anna.userId]) expect(bens[0]!.text).not.toContain(id);
    const { rows: own } = await asUser(anna.userId, read);
    expect(own[0]!.text).toContain("account.changed");
    expect(own[0]!.text).not.toContain(anna.siteId);
    expect(own[0]!.text).not.toContain(ben.userId);
  });

  test("signing in, and failing to, is an entry of the organizations that the person belongs to by then", async () => {
    const email = `${randomBytes(4).toString("hex")}@example.org`;
    const password = "correct horse battery";
    const { organizationId } = await createOrganization({
      ...{ name: "Door", email, password, timezone: "UTC", currency: "EUR" },
    });
    const door = { ...anna, organizationId };
    const visitor: Actor = { kind: "person", address: "198.51.100.4", agent: "Tests" };
    expect((await runAs(visitor, () => send(login, anna, {}, { email, password: "wrong" }))).status).toBe(400);
    expect((await runAs(visitor, () => send(login, anna, {}, { email, password }))).status).toBe(302);
    await runAs(visitor, () => send(login, anna, {}, { email: "nobody@example.org", password: "wrong" }));
    const seen = (await events(door, { action: "account.s" })).map(({ action, address, actorId }) => [
      action,
      address,
      actorId !== null,
    ]);
    expect(seen).toEqual([
      ["account.signed-in", "198.51.100.4", true],
      ["account.sign-in-failed", "198.51.100.4", false],
    ]);
    await db.owner.query("update energy.memberships set created_at = now() where organization_id = $1", [
      organizationId,
    ]);
    expect(await events(door, { action: "account.s" })).toEqual([]);
  });
});

test("who signs up has made their organization", async () => {
  const newcomer = await runAs({ kind: "person", address: "198.51.100.5" }, () => someone());
  const made = await events(newcomer);
  expect(made.map(({ action }) => action)).toEqual(["site.created", "membership.created", "organization.created"]);
  expect(new Set(made.map(({ actorId }) => actorId))).toEqual(new Set([newcomer.userId]));
});

describe("search", () => {
  test(`a text is looked for in ${textDays} days up to the end that is asked for`, async () => {
    const old = Date.now() - (textDays + 8) * 86_400_000;
    await db.owner.query(
      `insert into audit.events (at, organization_id, action, object_type, object_name, actor)
       values (to_timestamp($1 / 1000.0), $2, 'hay.read', 'hay', 'stack of old', 'system')`,
      [old, anna.organizationId],
    );
    const found = async (filter: AuditFilter) => (await events(anna, filter)).map(({ objectName }) => objectName);
    expect(await found({ text: "stack of old" })).toEqual([]);
    expect(await found({ text: "stack of old", fromMs: old - 1_000 })).toEqual([]);
    expect(await found({ text: "stack of old", toMs: old + 86_400_000 })).toEqual(["stack of old"]);
    expect(await found({ object: "hay" })).toEqual(["stack of old"]);
  });

  test.each<[string, () => AuditFilter, number]>([
    ["by a part of who", () => ({ who: "SEARCHER", object: "needle" }), 2],
    ["by the beginning of what", () => ({ action: "alpha." }), 1],
    ["by a kind of object", () => ({ object: "needle" }), 3],
    ["by a part of an object's name", () => ({ object: "sixty_perc" }), 1],
    ["by a text anywhere in the values", () => ({ text: "100%_sure" }), 1],
    ["a wildcard is a letter", () => ({ text: "100%sure" }), 0],
    ["by time", () => ({ object: "needle", toMs: Date.now() - 60_000 }), 0],
    ["by time, the other way", () => ({ object: "needle", fromMs: Date.now() - 60_000 }), 3],
  ])("%s", async (_what, filter, count) => {
    if (!(await events(anna, { object: "needle" })).length) {
      await runAs({ kind: "job", name: "searcher" }, async () => {
        await recordRead(anna.organizationId, {
          action: "alpha.one",
          objectType: "needle",
          details: { a: "100%_sure" },
        });
        await recordRead(anna.organizationId, {
          action: "beta.two",
          objectType: "needle",
          objectName: "sixty_percent",
        });
      });
      await recordRead(anna.organizationId, { action: "gamma.three", objectType: "needle", objectId: "n3" });
    }
    expect(await events(anna, filter())).toHaveLength(count);
  });

  test("page by page, newest first, nothing twice and nothing left out", async () => {
    const all = (await events(anna)).map(({ id }) => id);
    const read: number[] = [];
    for (let before: number | null = null; ;) {
      const { items, next } = await auditPage(anna.organizationId, {}, { before, limit: 3 });
      read.push(...items.map(({ id }) => id));
      if (next === null) break;
      before = next;
    }
    expect(read).toEqual(all);
    expect([...all].sort((a, b) => b - a)).toEqual(all);
  });
});

test("what a person says of a channel is an entry; its readings, its roll-up and its newest value are none", async () => {
  const device = await createDevice(
    anna.organizationId,
    { siteId: anna.siteId, name: "Quiet", kind: "device" },
    newCredential().kept,
  );
  const channelId = await addChannel(db.owner, {
    ...{ organizationId: anna.organizationId, deviceId: device!.id, metric: "power" },
    readings: [[Date.now() - 60_000, 5]],
  });
  const heard = await entriesOf(async () => {
    await storeBatch(batchOf(channelId, Date.now()));
    while ((await rollUpOnce()) > 0);
  });
  expect(heard).toEqual([]);
  const made = await entriesOf(() =>
    runAs(annas(), () => updateChannel(anna.organizationId, channelId, { name: "Oven" })),
  );
  expect(made.map(({ action, after }) => [action, after])).toEqual([["channel.changed", { name: "Oven" }]]);
});

const batchOf = (channel: number, timeMs: number): Batch => ({
  ...{ channels: [channel], times: [timeMs], values: [7], stateChannels: [], stateTimes: [], stateTexts: [] },
  ...{ latestChannels: [channel], latestTimes: [timeMs], latestValues: [7], latestTexts: [null] },
  ...{ dirtyChannels: [channel], dirtyFrom: [timeMs], dirtyTo: [timeMs], mayRepeat: false },
});
