import type { HistoryOptions } from "../domain/history/options.ts";
import type { Refusal } from "../domain/history/history.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { notify } from "./live.ts";
import { pageOf, type Page, type PageQuery } from "./page.ts";

/** A file comes in pieces of this size; the last one is what is left. */
export const chunkBytes = 1_000_000;
/** What may be uploaded at once, and how many imports of an organization may be under way: what the database holds for them. */
export const largestFile = 200_000_000;
export const mostUnderWay = 5;

export type ImportState = "uploading" | "waiting" | "running" | "done" | "failed" | "cancelled";

/** History from a file, on its way in or done. */
export interface ImportRow {
  id: string;
  deviceId: string;
  deviceName: string;
  siteId: string;
  fileName: string;
  /** null: not settled yet. */
  options: HistoryOptions | null;
  size: number;
  /** How far it is, in bytes of the file. */
  readBytes: number;
  stored: number;
  refused: number;
  ambiguous: number;
  firstMs: number | null;
  lastMs: number | null;
  /** The first 200. */
  refusals: Refusal[];
  state: ImportState;
  error: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

const select = `
  select i.id, i.device_id as "deviceId", d.name as "deviceName", d.site_id as "siteId", i.file_name as "fileName", i.options, i.size,
    i.position as "readBytes", i.stored, i.refused, i.ambiguous, extract(epoch from i.first_time)::float8 * 1000 as "firstMs",
    extract(epoch from i.last_time)::float8 * 1000 as "lastMs", i.refusals, i.state, i.error, i.created_at as "createdAt",
    i.finished_at as "finishedAt", i.created_at::text as position
  from energy.imports i join energy.devices d on d.id = i.device_id where d.deleted_at is null`;

type Row = ImportRow & { position: string };

const asImport = ({ position: _, ...row }: Row): ImportRow => row;

export interface NewImport {
  deviceId: string;
  fileName: string;
  size: number;
  options: HistoryOptions | null;
  createdBy: string | null;
}

/** @returns "no-device", or "too-many" where `mostUnderWay` are under way already. */
export async function createImport(
  organizationId: string,
  { deviceId, fileName, size, options, createdBy }: NewImport,
): Promise<ImportRow | "no-device" | "too-many"> {
  if (!isUuid(deviceId)) return "no-device";
  return asOrganization(organizationId, async (sql) => {
    await sql.query("select from energy.organizations where id = $1 for update", [organizationId]);
    const { rows: open } = await sql.query<{ n: number }>(
      "select count(*) as n from energy.imports where state in ('uploading', 'waiting', 'running')",
    );
    if (open[0]!.n >= mostUnderWay) return "too-many";
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.imports (organization_id, device_id, file_name, size, options, created_by)
       select organization_id, id, $2, $3, $4, $5 from energy.devices where id = $1 and deleted_at is null returning id`,
      [deviceId, fileName, size, options && JSON.stringify(options), createdBy],
    );
    return rows[0] ? (await find(sql, rows[0].id))! : "no-device";
  });
}

export async function getImport(organizationId: string, id: string): Promise<ImportRow | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, (sql) => find(sql, id));
}

async function find(sql: Sql, id: string): Promise<ImportRow | null> {
  const { rows } = await sql.query<Row>(`${select} and i.id = $1`, [id]);
  return rows[0] ? asImport(rows[0]) : null;
}

/** A site's, newest first. */
export async function importsOfSite(organizationId: string, siteId: string, limit: number): Promise<ImportRow[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(`${select} and d.site_id = $1 order by i.created_at desc limit $2`, [
      siteId,
      limit,
    ]);
    return rows.map(asImport);
  });
}

/** One page of them, in order of creation. */
export async function importsPage(organizationId: string, { after, limit }: PageQuery): Promise<Page<ImportRow>> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `${select} and ($1::timestamptz is null or (i.created_at, i.id) > ($1, $2::uuid)) order by i.created_at, i.id limit $3`,
      [after?.createdAt ?? null, after?.id ?? null, limit + 1],
    );
    return pageOf(rows, limit);
  });
}

/**
 * Takes a piece of the file; the same piece again replaces the first.
 * @returns what is wrong with it: "not-uploading", or "wrong-size" where the piece is not the one that is expected there.
 */
export async function putChunk(
  organizationId: string,
  { importId, number, bytes }: { importId: string; number: number; bytes: Uint8Array },
): Promise<"ok" | "no-import" | "not-uploading" | "wrong-size"> {
  if (!isUuid(importId)) return "no-import";
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ size: number; state: ImportState }>(
      "select size, state from energy.imports where id = $1 for share",
      [importId],
    );
    const given = rows[0];
    if (!given) return "no-import";
    if (given.state !== "uploading") return "not-uploading";
    if (bytes.length !== chunkLength(given.size, number)) return "wrong-size";
    await sql.query(
      `insert into energy.import_chunks (import_id, number, organization_id, bytes) values ($1, $2, $3, $4)
       on conflict (import_id, number) do update set bytes = excluded.bytes`,
      [importId, number, organizationId, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
    );
    return "ok";
  });
}

/** How long a piece of a file of this size is; 0: there is none of this number. */
export const chunkLength = (size: number, number: number): number =>
  Math.max(0, Math.min(chunkBytes, size - number * chunkBytes));

/** How many pieces a file has. */
export const chunkCount = (size: number): number => Math.ceil(size / chunkBytes);

/** The first piece of the file, for a preview; null: it is not here (yet, or any more). */
export async function headOfImport(organizationId: string, id: string): Promise<Uint8Array | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ bytes: Buffer }>(
      "select bytes from energy.import_chunks where import_id = $1 and number = 0",
      [id],
    );
    return rows[0]?.bytes ?? null;
  });
}

/** Keeps what was settled about a file that is not being read yet. */
export async function setImportOptions(organizationId: string, id: string, options: HistoryOptions): Promise<boolean> {
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query(
      "update energy.imports set options = $2 where id = $1 and state = 'uploading'",
      [id, JSON.stringify(options)],
    );
    return Boolean(rowCount);
  });
}

/** Hands a complete file to the ingest. @returns which piece is missing, or why it cannot start. */
export async function startImport(
  organizationId: string,
  id: string,
  options: HistoryOptions,
): Promise<"ok" | "not-uploading" | { missing: number }> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ size: number; state: ImportState; missing: number | null }>(
      `select size, state, (select min(n) from generate_series(0, (ceil(i.size / ${chunkBytes}::numeric) - 1)::int) n
         where not exists (select from energy.import_chunks c where c.import_id = i.id and c.number = n)) as missing
       from energy.imports i where id = $1 for update`,
      [id],
    );
    const given = rows[0];
    if (given?.state !== "uploading") return "not-uploading";
    if (given.missing !== null) return { missing: given.missing };
    await sql.query("update energy.imports set state = 'waiting', options = $2 where id = $1", [
      id,
      JSON.stringify(options),
    ]);
    await notify(sql, { imports: [id] });
    return "ok";
  });
}

/** Ends an import: what it has stored stays. false: there is none that could be ended. */
export async function cancelImport(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query(
      `update energy.imports set state = 'cancelled', finished_at = now() where id = $1 and state in ('uploading', 'waiting', 'running')`,
      [id],
    );
    if (!rowCount) return false;
    await sql.query("delete from energy.import_chunks where import_id = $1", [id]);
    await notify(sql, { imports: [id] });
    return true;
  });
}
