import { asOrganization } from "./as-organization.ts";
import { enqueue } from "./jobs.ts";

/** An organization that is to be deleted for good: it can be taken back until it has begun. */
export interface DeletionRow {
  createdAt: Date;
  dueAt: Date;
  /** null: it has not begun. */
  startedAt: Date | null;
  /** Channels whose readings are gone, of so many. */
  removed: number;
  channels: number;
}

/** From the asking to the deletion, unless it is asked for at once. */
export const graceDays = 7;

const columns = `created_at as "createdAt", due_at as "dueAt", started_at as "startedAt", removed, channels`;
const jobKey = (organizationId: string) => `delete-organization:${organizationId}`;

export async function deletionOf(organizationId: string): Promise<DeletionRow | null> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<DeletionRow>(`select ${columns} from energy.deletions`);
    return rows[0] ?? null;
  });
}

/** Asks for the deletion after the days of grace, or `atOnce`; asked again, the newer word holds. */
export async function askForDeletion(
  organizationId: string,
  { userId, atOnce }: { userId: string; atOnce: boolean },
): Promise<void> {
  await asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ dueAt: Date }>(
      `insert into energy.deletions (organization_id, created_by, due_at) values ($1, $2, now() + make_interval(days => $3))
       on conflict (organization_id) do update set created_by = excluded.created_by, due_at = excluded.due_at
       where deletions.started_at is null returning due_at as "dueAt"`,
      [organizationId, userId, atOnce ? 0 : graceDays],
    );
    if (!rows[0]) return;
    const options = { key: jobKey(organizationId), runAt: rows[0].dueAt };
    await enqueue(sql, "delete-organization", { organizationId }, options);
  });
}

/** false: it has begun, or nobody asked for it. The job finds nothing to do. */
export async function takeBackDeletion(organizationId: string): Promise<boolean> {
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.deletions where started_at is null");
    return rowCount === 1;
  });
}
