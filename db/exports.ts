import { asOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";
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
