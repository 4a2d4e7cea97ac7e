import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openExport } from "../../cli/export/open-export.ts";
import { createOrganization } from "../../cli/org.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem } from "../../db/as-system.ts";
import { auditPage } from "../../db/audit.ts";
import { askForDeletion, deletionOf, takeBackDeletion } from "../../db/deletions.ts";
import { clearExports } from "../../db/export-runs.ts";
import { exportBytes, finishedExport, listExports, startExport } from "../../db/exports.ts";
import { importOrganization, type ImportedOrganization } from "../../db/organization-import.ts";
import { notExported, notImported, organizationTables } from "../../db/organization-tables.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import deleteOrganization from "../../workers/tasks/delete-organization.ts";
import exportOrganization from "../../workers/tasks/export-organization.ts";
import { log } from "../../platform/log.ts";
import { figuresOf, furnishOrganization, traces, type Furnished } from "../support/furnished.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: Furnished;
let bert: Furnished;
const folder = mkdtempSync(path.join(tmpdir(), "energy-export-"));
const file = path.join(folder, "anna.zip");
const context = { log, signal: new AbortController().signal };
const signal = context.signal;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await furnishOrganization(db.owner, "anna");
  bert = await furnishOrganization(db.owner, "bert");
});
afterAll(async () => {
  await db?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As the page asks for it and the worker makes it; the file's bytes. */
async function exported(organizationId: string): Promise<{ id: string; bytes: Buffer }> {
  const asked = await startExport(organizationId, null);
  if (asked === "under-way") throw new Error("under way");
  await exportOrganization({ organizationId, exportId: asked.id }, context);
  const pieces: Uint8Array[] = [];
  for await (const piece of exportBytes(organizationId, asked.id)) pieces.push(piece);
  return { id: asked.id, bytes: Buffer.concat(pieces) };
}

const rowsOf = async (source: Awaited<ReturnType<typeof openExport>>, table: string) => {
  const rows: Record<string, unknown>[] = [];
  for await (const row of source.rows(table)) rows.push(JSON.parse(row) as Record<string, unknown>);
  return rows;
};

describe("an export", () => {
  test("has a row of every table that holds something of an organization, or a reason why not", async () => {
    const { rows } = await db.owner.query<{ name: string }>(
      `select distinct n.nspname || '.' || c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
       where n.nspname in ('auth', 'energy', 'telemetry', 'analytics', 'audit') and c.relkind in ('r', 'p') and not c.relispartition
         and a.attname in ('organization_id', 'device_id', 'channel_id', 'site_id')`,
    );
    const known = (await asSystem(organizationTables)).map(({ name }) => name);
    expect(rows.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
    for (const name of [...Object.keys(notExported), ...Object.keys(notImported)]) expect(known).toContain(name);

    const { bytes } = await exported(anna.organizationId);
    writeFileSync(file, bytes);
    const source = await openExport(file);
    const wanted = known.filter((name) => !(name in notExported));
    expect(source.manifest.tables.map(({ name }) => name)).toEqual(wanted);
    for (const { name, rows: count } of source.manifest.tables) {
      expect(count, `${name}: the test furnishes a row`).toBeGreaterThan(0);
      expect(await rowsOf(source, name), name).toHaveLength(count);
    }
    expect(source.manifest.channels.map(({ id }) => id)).toEqual(anna.channels);
    await source.close();
  });

  test("has no secret, and nothing of another organization", async () => {
    const source = await openExport(file);
    let text = JSON.stringify(source.manifest);
    for (const { name } of source.manifest.tables) text += JSON.stringify(await rowsOf(source, name));
    for (const secret of anna.secrets) expect(text).not.toContain(secret);
    for (const id of [bert.organizationId, bert.siteId, bert.deviceId, bert.userId, "bert@"])
      expect(text).not.toContain(id);
    const [member] = await rowsOf(source, "energy.memberships");
    expect(member).toMatchObject({ email: "anna@example.org", role: "owner" });
    await source.close();
  });

  test("is there until it expires, one at a time, and a new one takes the place of the old", async () => {
    const [old] = await listExports(anna.organizationId);
    expect(old).toMatchObject({ state: "done", written: old!.files });
    expect(old!.expiresAt!.getTime() - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(await finishedExport(bert.organizationId, old!.id)).toBeNull();
    const asked = await startExport(anna.organizationId, null);
    expect(await startExport(anna.organizationId, null)).toBe("under-way");
    await exportOrganization({ organizationId: anna.organizationId, exportId: (asked as { id: string }).id }, context);
    expect((await listExports(anna.organizationId)).map(({ id }) => id)).toEqual([(asked as { id: string }).id]);

    await db.owner.query("update energy.exports set expires_at = now() - interval '1 second'");
    expect(await finishedExport(anna.organizationId, (asked as { id: string }).id)).toBeNull();
    await asSystem(clearExports);
    expect((await db.owner.query("select from energy.export_chunks")).rowCount).toBe(0);
  });

  test("whose worker was killed is given up, and one whose worker stops begins anew", async () => {
    const asked = (await startExport(anna.organizationId, null)) as { id: string };
    const payload = { organizationId: anna.organizationId, exportId: asked.id };
    const stopped = { log, signal: AbortSignal.abort() };
    await expect(exportOrganization(payload, stopped)).rejects.toThrow();
    expect(await listExports(anna.organizationId)).toMatchObject([{ state: "running" }]);
    await db.owner.query("update energy.exports set alive_at = now() - interval '1 hour'");
    await asSystem(clearExports);
    expect(await listExports(anna.organizationId)).toMatchObject([{ state: "failed" }]);
    await exportOrganization(payload, context);
    expect(await listExports(anna.organizationId)).toMatchObject([{ state: "failed" }]);
    expect((await exported(anna.organizationId)).bytes.length).toBeGreaterThan(1000);
  });

  test("that is done stays as it is when its job runs once more, or for another organization", async () => {
    const { id, bytes } = await exported(anna.organizationId);
    for (const organizationId of [anna.organizationId, bert.organizationId])
      await exportOrganization({ organizationId, exportId: id }, context);
    const pieces: Uint8Array[] = [];
    for await (const piece of exportBytes(anna.organizationId, id)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });
});

describe("a deletion", () => {
  test("can be taken back until it is due, and before that the job does nothing", async () => {
    await askForDeletion(anna.organizationId, { userId: anna.userId, atOnce: false });
    const asked = await deletionOf(anna.organizationId);
    expect((asked!.dueAt.getTime() - Date.now()) / 86_400_000).toBeCloseTo(7, 2);
    await deleteOrganization({ organizationId: anna.organizationId }, context);
    expect((await deletionOf(anna.organizationId))?.startedAt).toBeNull();
    expect(await takeBackDeletion(anna.organizationId)).toBe(true);
    await deleteOrganization({ organizationId: anna.organizationId }, context);
    expect((await db.owner.query("select from energy.organizations")).rowCount).toBe(2);
  });

  test("that nobody asked for is refused by the database itself", async () => {
    const erase = asSystem((sql) => sql.query("select energy.erase_organization($1)", [bert.organizationId]));
    await expect(erase).rejects.toThrow("was not asked for");
    const byTheWeb = asOrganization(bert.organizationId, (sql) =>
      sql.query("select energy.erase_organization($1)", [bert.organizationId]),
    );
    await expect(byTheWeb).rejects.toThrow(/permission denied/);
  });

  let before: Awaited<ReturnType<typeof figuresOf>>;

  test("leaves no row of it in any table, and no job, and of others everything", async () => {
    before = await figuresOf(db.owner, anna.organizationId);
    expect(before.length).toBe(anna.channels.length);
    expect(before.filter(({ readings, buckets }) => readings && buckets?.includes('"energy_kwh":0.1'))).not.toEqual([]);
    const others = await traces(db.owner, bert);
    expect(Object.keys(await traces(db.owner, anna)).length).toBeGreaterThan(25);

    await askForDeletion(anna.organizationId, { userId: anna.userId, atOnce: true });
    await deleteOrganization({ organizationId: anna.organizationId }, context);

    expect(await traces(db.owner, anna)).toEqual({});
    expect(await traces(db.owner, bert)).toEqual(others);
    expect((await db.owner.query("select from auth.users where id = $1", [anna.userId])).rowCount).toBe(1);
    // It ran to its end, and a second run finds nothing to do.
    await deleteOrganization({ organizationId: anna.organizationId }, context);
  });

  test("whose readings were on their way is finished by the upkeep", async () => {
    const [channel] = anna.channels;
    await db.owner.query(
      `insert into telemetry.readings values (${channel}, now(), 1); insert into telemetry.latest values (${channel}, now(), 1, null, now());
       insert into telemetry.device_hours values ('${anna.deviceId}', now(), 1, 1, 0, now(), null)`,
    );
    const { clearOrphans } = await import("../../db/orphans.ts");
    expect(await clearOrphans()).toBe(2);
    expect(await traces(db.owner, anna)).toEqual({});
    expect(await clearOrphans()).toBe(0);
  });

  describe("and the export, taken into the installation again", () => {
    let made: ImportedOrganization;

    beforeAll(async () => {
      const owner = await createOrganization({
        ...{ name: "Carla", email: "carla@example.org", password: "correct horse battery" },
        ...{ timezone: "UTC", currency: "EUR" },
      });
      const source = await openExport(file);
      made = await importOrganization(source, { ownerId: owner.userId, name: "Anna again", onProgress: () => {} });
      await source.close();
      while ((await rollUpOnce()) > 0);
    });

    test("has the same readings and the same energy, quarter-hour by quarter-hour", async () => {
      expect(made).toMatchObject({ name: "Anna again", sites: 1, channels: anna.channels.length });
      const after = await figuresOf(db.owner, made.organizationId);
      expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
      for (const [i, figures] of after.entries()) expect(figures, figures.key).toEqual(before[i]);
    });

    test("has what people made of it: contracts, corrections, rooms, and formulas over the new numbers", async () => {
      const one = async (select: string) => (await db.owner.query(select, [made.organizationId])).rows as unknown[];
      const [meter] = (await one(
        "select v.formula, v.parent_id, c.id, c.parent_virtual_id, v.id as meter from energy.virtual_meters v join energy.channels c on c.organization_id = v.organization_id and c.key = 'power' where v.organization_id = $1",
      )) as { formula: string; parent_id: number; id: number; parent_virtual_id: number; meter: number }[];
      expect(meter!.formula).toBe(`c${meter!.id} * 2 + c${meter!.id}`);
      expect(anna.channels).not.toContain(meter!.id);
      expect(meter!.parent_virtual_id).toBe(meter!.meter);
      expect(
        await one(
          "select v.tariff, v.valid_from::text as day, c.name from energy.contract_versions v join energy.contracts c on c.id = v.contract_id where v.organization_id = $1",
        ),
      ).toEqual([{ tariff: { name: "flat" }, day: "2026-01-01", name: "Power" }]);
      expect(
        await one(
          `select what, reason, undoes = lag(id) over (order by number) as "isOfThatBefore" from energy.corrections where organization_id = $1 and what in ('exclude', 'undo') order by number`,
        ),
      ).toEqual([
        { what: "exclude", reason: "=cmd()", isOfThatBefore: null },
        { what: "undo", reason: "", isOfThatBefore: true },
      ]);
      expect(await one("select from energy.corrections where organization_id = $1 and what = 'replace'")).toHaveLength(
        1,
      );
      expect(await one("select role from energy.memberships where organization_id = $1")).toEqual([{ role: "owner" }]);
      expect(await one("select from energy.credentials where organization_id = $1")).toEqual([]);
    });

    test("is an entry of the new organization's log, and the deletion one of the person's", async () => {
      const { items } = await auditPage(made.organizationId, { action: "organization." }, { before: null, limit: 10 });
      expect(items[0]).toMatchObject({ action: "organization.imported", objectName: "Anna again" });
      const { rows } = await db.owner.query(
        "select object_id, before, after from audit.events where action = 'account.organization-deleted'",
      );
      expect(rows).toEqual([{ object_id: anna.userId, before: null, after: null }]);
    });

    test("a damaged file changes nothing", async () => {
      const source = await openExport(file);
      const cut = {
        ...source,
        manifest: { ...source.manifest, tables: source.manifest.tables.map((t) => ({ ...t, rows: t.rows + 1 })) },
      };
      const failing = importOrganization(cut, { ownerId: bert.userId, name: "Damaged", onProgress: () => {} });
      await expect(failing).rejects.toThrow("is damaged");
      await source.close();
      expect((await db.owner.query("select from energy.organizations where name = 'Damaged'")).rowCount).toBe(0);
      const other = path.join(folder, "other.zip");
      writeFileSync(other, "no zip");
      await expect(openExport(other)).rejects.toThrow("is no export");
    });
  });
});

test("an interrupted deletion goes on where it was", async () => {
  await askForDeletion(bert.organizationId, { userId: bert.userId, atOnce: true });
  await expect(
    deleteOrganization({ organizationId: bert.organizationId }, { log, signal: AbortSignal.abort() }),
  ).rejects.toThrow();
  expect((await deletionOf(bert.organizationId))?.startedAt).not.toBeNull();
  expect(await takeBackDeletion(bert.organizationId)).toBe(false);
  await deleteOrganization({ organizationId: bert.organizationId }, { log, signal });
  expect(await traces(db.owner, bert)).toEqual({});
});
