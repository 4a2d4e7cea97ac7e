import { asOrganization } from "./as-organization.ts";
import { asSystem, systemPool } from "./as-system.ts";
import { isUuid, type Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";

/** Everything of an organization as a file: its row says how far it is, its chunks are the file. */
export type ExportState = "waiting" | "running" | "done" | "failed";

export interface ExportRow {
  id: string;
  state: ExportState;
  /** Why it failed. */
  error: string | null;
  /** Files of the archive that are written, of so many. */
  written: number;
  files: number;
  /** Bytes of the archive so far. */
  size: number;
  createdAt: Date;
  /** When its file goes; null: it is not done. */
  expiresAt: Date | null;
}

/** How long a file waits to be fetched. */
export const exportDays = 7;
/** A worker that has not said anything for so long was killed. */
const silentMinutes = 15;

const columns = `id, state, error, written, files, size, created_at as "createdAt", expires_at as "expiresAt"`;

/** Asks for an export. "under-way": one is being made already. */
export async function startExport(organizationId: string, userId: string | null): Promise<ExportRow | "under-way"> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ExportRow>(
      `insert into energy.exports (organization_id, created_by) values ($1, $2) on conflict do nothing returning ${columns}`,
      [organizationId, userId],
    );
    if (!rows[0]) return "under-way";
    await enqueue(sql, "export-organization", { organizationId, exportId: rows[0].id });
    return rows[0];
  });
}

/** Newest first: one that is under way or failed, and the newest that is done. */
export async function listExports(organizationId: string): Promise<ExportRow[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ExportRow>(
      `select ${columns} from energy.exports where expires_at is null or expires_at > now() order by created_at desc`,
    );
    return rows;
  });
}

/** An export whose file can be fetched; null: there is none, or it has expired. */
export async function finishedExport(organizationId: string, id: string): Promise<ExportRow | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ExportRow>(
      `select ${columns} from energy.exports where id = $1 and state = 'done' and expires_at > now()`,
      [id],
    );
    return rows[0] ?? null;
  });
}

/** The file, a chunk at a time. */
export async function* exportBytes(organizationId: string, id: string): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number++) {
    const chunk = await asOrganization(organizationId, async (sql) => {
      const { rows } = await sql.query<{ bytes: Buffer }>(
        "select bytes from energy.export_chunks where export_id = $1 and number = $2",
        [id, number],
      );
      return rows[0]?.bytes;
    });
    if (!chunk) return;
    yield chunk;
  }
}

/** A worker takes it, anew where another one gave up. false: it is gone, or has ended. */
export async function beginExport(organizationId: string, id: string): Promise<boolean> {
  return asSystem(async (sql) => {
    const { rowCount } = await sql.query(
      `update energy.exports set state = 'running', alive_at = now(), written = 0, files = 0, size = 0
       where organization_id = $1 and id = $2 and state in ('waiting', 'running')`,
      [organizationId, id],
    );
    await sql.query("delete from energy.export_chunks where export_id = $1", [id]);
    return rowCount === 1;
  });
}

export async function addExportChunk(
  { organizationId, exportId }: { organizationId: string; exportId: string },
  number: number,
  bytes: Uint8Array,
): Promise<void> {
  await systemPool().query(
    "insert into energy.export_chunks (export_id, number, organization_id, bytes) values ($1, $2, $3, $4)",
    [exportId, number, organizationId, bytes],
  );
}

/** Says how far it is. false: it was given up or deleted meanwhile. */
export async function sayExportProgress(
  id: string,
  { written, files, size }: Pick<ExportRow, "written" | "files" | "size">,
): Promise<boolean> {
  const { rowCount } = await systemPool().query(
    "update energy.exports set written = $2, files = $3, size = $4, alive_at = now() where id = $1 and state = 'running'",
    [id, written, files, size],
  );
  return rowCount === 1;
}

/** It is complete, and takes the place of the ones before it. */
export async function finishExport(organizationId: string, id: string, size: number): Promise<void> {
  await asSystem(async (sql) => {
    await sql.query(
      `update energy.exports set state = 'done', written = files, size = $2, finished_at = now(),
         expires_at = now() + make_interval(days => $3) where id = $1`,
      [id, size, exportDays],
    );
    await sql.query("delete from energy.exports where organization_id = $1 and id <> $2", [organizationId, id]);
  });
}

export async function failExport(id: string, error: string): Promise<void> {
  await asSystem(async (sql) => {
    await sql.query(
      `update energy.exports set state = 'failed', error = $2, finished_at = now(), expires_at = now() + make_interval(days => $3)
       where id = $1 and state in ('waiting', 'running')`,
      [id, error, exportDays],
    );
    await sql.query("delete from energy.export_chunks where export_id = $1", [id]);
  });
}

/** Removes files whose time is over, and gives up exports whose worker was killed. */
export async function clearExports(sql: Sql): Promise<void> {
  await sql.query("delete from energy.exports where expires_at <= now()");
  await sql.query(
    `update energy.exports set state = 'failed', error = 'It was interrupted: start it again.', finished_at = now(),
       expires_at = now() + make_interval(days => $2)
     where state = 'running' and alive_at < now() - make_interval(mins => $1)`,
    [silentMinutes, exportDays],
  );
}
