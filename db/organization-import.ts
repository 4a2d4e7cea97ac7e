import type { Readable } from "node:stream";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { z } from "zod";
import { asSystem } from "./as-system.ts";
import { recordEvent } from "./audit.ts";
import type { Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";
import { isImported, organizationTables, type OrganizationTable } from "./organization-tables.ts";
import { insertInOrder } from "./organization-rows.ts";

/** An export that cannot be taken in. The message is one sentence that says what is wrong and what to do. */
export class ExportError extends Error {
  readonly expected = true;
  override name = "ExportError";
}

/** manifest.json of an export, as workers/export writes it. */
export const exportManifest = z.object({
  product: z.literal("energy-tracking"),
  kind: z.literal("organization"),
  format: z.literal(1),
  organization: z.string().min(1),
  takenAt: z.iso.datetime(),
  tables: z.array(z.object({ name: z.string(), rows: z.number().int() })),
  channels: z.array(
    z.object({
      id: z.number().int(),
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime().nullable(),
      hasEnergy: z.boolean(),
    }),
  ),
});
export type ExportManifest = z.infer<typeof exportManifest>;

/** What of an export is read, whatever it lies in. */
export interface OpenExport {
  manifest: ExportManifest;
  /** JSON texts of a table's rows; nothing where the table is not in it. */
  rows(table: string): AsyncIterable<string>;
  /** CSV as `OrganizationSnapshot.readings` writes it. */
  readings(channelId: number): Promise<Readable>;
}

export interface ImportedOrganization {
  organizationId: string;
  name: string;
  sites: number;
  devices: number;
  channels: number;
  readings: number;
}

/** Rows that travel in one statement. */
const perStatement = 500;

/**
 * Makes an organization of an export, owned by a person, in one transaction. Everything gets new numbers and ids, so the same file
 * may come in twice, and beside the organization that it was made of. What was worked out from readings is worked out again, by a
 * roll-up that waits in the queue afterwards.
 */
export function importOrganization(
  source: OpenExport,
  { ownerId, name, onProgress }: { ownerId: string; name: string; onProgress: (line: string) => void },
): Promise<ImportedOrganization> {
  return asSystem(async (sql) => {
    await sql.query("set local statement_timeout = 0");
    const organizationId = await newOrganization(sql, name, ownerId);
    await sql.query(`create temporary table staged (n bigint generated always as identity, name text not null, row jsonb not null) on commit drop;
      create temporary table moved (kind text not null, old text not null, new text not null, primary key (kind, old)) on commit drop`);
    await sql.query("insert into moved select 'uuid', old, $1 from unnest($2::text[]) as old", [
      organizationId,
      await oldIdOf(source),
    ]);
    const tables = (await organizationTables(sql)).filter(isImported);
    await stage(sql, source, tables, onProgress);
    await insertInOrder(sql, tables);
    const readings = await fillReadings(sql, source, onProgress);
    await enqueue(sql, "roll-up", {}, { key: "roll-up" });
    const details = { takenAt: source.manifest.takenAt };
    const imported = { action: "organization.imported", objectType: "organization", objectName: name, details };
    await recordEvent(sql, { ...imported, objectId: organizationId }, organizationId);
    const { rows } = await sql.query<Omit<ImportedOrganization, "organizationId" | "name" | "readings">>(
      `select (select count(*) from energy.sites where organization_id = $1) as sites,
         (select count(*) from energy.devices where organization_id = $1) as devices,
         (select count(*) from energy.channels where organization_id = $1) as channels`,
      [organizationId],
    );
    return { organizationId, name, ...rows[0]!, readings };
  });
}

async function newOrganization(sql: Sql, name: string, ownerId: string): Promise<string> {
  const { rows } = await sql.query<{ id: string }>("insert into energy.organizations (name) values ($1) returning id", [
    name,
  ]);
  await sql.query("insert into energy.memberships (organization_id, user_id, role) values ($1, $2, 'owner')", [
    rows[0]!.id,
    ownerId,
  ]);
  return rows[0]!.id;
}

/** Every row says whose it is by the organization's old id. */
async function oldIdOf(source: OpenExport): Promise<string[]> {
  for await (const row of source.rows("energy.organizations")) return [(JSON.parse(row) as { id: string }).id];
  throw new ExportError("The export has no organization: it was not written to its end. Make it anew.");
}

async function stage(
  sql: Sql,
  source: OpenExport,
  tables: readonly OrganizationTable[],
  onProgress: (line: string) => void,
): Promise<void> {
  for (const { name } of tables) {
    onProgress(name);
    const wanted = source.manifest.tables.find((table) => table.name === name)?.rows ?? 0;
    let count = 0;
    let rows: string[] = [];
    // As text, which keeps every digit of a number.
    const send = async () => {
      await sql.query("insert into staged (name, row) select $1, value from jsonb_array_elements($2::jsonb)", [
        name,
        `[${rows.join()}]`,
      ]);
      rows = [];
    };
    for await (const row of source.rows(name)) {
      count++;
      if (rows.push(row) >= perStatement) await send();
    }
    if (rows.length) await send();
    if (count !== wanted)
      throw new ExportError(`The export has ${count} rows of ${name} instead of ${wanted}: it is damaged.`);
  }
}

/** The readings of every channel under its new number, and a mark for the roll-up. */
async function fillReadings(sql: Sql, source: OpenExport, onProgress: (line: string) => void): Promise<number> {
  let count = 0;
  for (const { id, from, to } of source.manifest.channels) {
    if (from === null || to === null) continue;
    onProgress(`readings of c${id}`);
    const { rows } = await sql.query<{ new: string }>(
      "select new from moved where kind = 'energy.channels' and old = $1",
      [String(id)],
    );
    const channel = rows[0]?.new;
    if (channel === undefined)
      throw new ExportError(`The export has readings of c${id}, and no such channel: it is damaged.`);
    await sql.query("select telemetry.ensure_partitions($1, $2)", [from, to]);
    const into = sql.query(copyFrom("copy telemetry.readings (channel_id, time, value) from stdin (format csv)"));
    await pipeline(await source.readings(id), ofChannel(channel), into);
    count += into.rowCount;
    await sql.query("insert into telemetry.dirty (channel_id, from_time, to_time) values ($1, $2, $3)", [
      channel,
      from,
      to,
    ]);
  }
  return count;
}

/** `time,value,stored` → `channel,time,stored`: the value as it was stored, which is the one that is shown where they are one. */
function ofChannel(channel: string): Transform {
  let rest = "";
  let isHead = true;
  const line = (text: string): string => {
    const [time, value, stored] = text.split(",");
    return `${channel},${time},${stored || value}\n`;
  };
  return new Transform({
    transform(bytes: Buffer, _encoding, callback) {
      const lines = (rest + bytes.toString("latin1")).split("\n");
      rest = lines.pop()!;
      if (isHead && lines.length) {
        lines.shift();
        isHead = false;
      }
      callback(null, lines.map(line).join(""));
    },
    flush: (callback) => callback(null, rest ? line(rest) : ""),
  });
}
