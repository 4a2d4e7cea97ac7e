import { announce } from "./announce.ts";
import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { exportDays, type ExportRow } from "./exports.ts";

/** The worker's side of exports. */

/** A worker that has not said anything for so long was killed. */
const silentMinutes = 15;

/** A worker takes it, anew where another one gave up. false: it is gone, or has ended. */
export async function beginExport(organizationId: string, id: string): Promise<boolean> {
  return asSystem(async (sql) => {
    const { rowCount } = await sql.query(
      `update energy.exports set state = 'running', alive_at = now(), written = 0, files = 0, size = 0
       where organization_id = $1 and id = $2 and state in ('waiting', 'running')`,
      [organizationId, id],
    );
    // A job may run twice: of an export that is done, or that is somebody else's, nothing goes.
    if (rowCount !== 1) return false;
    await sql.query("delete from energy.export_chunks where export_id = $1", [id]);
    return true;
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
    await announce(sql, "export.finished", { exportId: id, bytes: size }, { organizationId });
  });
}

export async function failExport(id: string, error: string): Promise<void> {
  await asSystem(async (sql) => {
    const failed = await giveUp(sql, "id = $3 and state in ('waiting', 'running')", error, id);
    if (failed.length) await sql.query("delete from energy.export_chunks where export_id = $1", [id]);
  });
}

/** Those that `where` says fail for this reason, which whoever waits for them is told. */
async function giveUp(sql: Sql, where: string, error: string, value: unknown): Promise<{ id: string }[]> {
  const { rows } = await sql.query<{ id: string; organizationId: string }>(
    `update energy.exports set state = 'failed', error = $1, finished_at = now(), expires_at = now() + make_interval(days => $2)
     where ${where} returning id, organization_id as "organizationId"`,
    [error, exportDays, value],
  );
  for (const { id, organizationId } of rows)
    await announce(sql, "export.failed", { exportId: id, error }, { organizationId });
  return rows;
}

/** Removes files whose time is over, and gives up exports whose worker was killed. */
export async function clearExports(sql: Sql): Promise<void> {
  await sql.query("delete from energy.exports where expires_at <= now()");
  const isSilent = "state = 'running' and alive_at < now() - make_interval(mins => $3)";
  await giveUp(sql, isSilent, "It was interrupted: start it again.", silentMinutes);
}
