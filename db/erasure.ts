import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { notify } from "./live.ts";
import { deleteReadings } from "./upkeep.ts";

/** An organization that is deleted for good, as the worker does it. */

/** What is left to be removed piece by piece. */
export interface Erasure {
  channels: number[];
  devices: string[];
}

/**
 * Begins, or goes on where it was interrupted: nobody and nothing gets in any more, and imports and exports end. null: it was taken
 * back, it is not due, or the organization is gone.
 */
export async function beginErasure(organizationId: string): Promise<Erasure | null> {
  return asSystem(async (sql) => {
    const { rowCount } = await sql.query(
      `update energy.deletions set started_at = coalesce(started_at, now()) where organization_id = $1 and due_at <= now()`,
      [organizationId],
    );
    if (!rowCount) return null;
    await shutOut(sql, organizationId);
    const { rows } = await sql.query<Erasure>(
      `select array(select id from energy.channels where organization_id = $1 order by id) as channels,
         array(select id from energy.devices where organization_id = $1) as devices`,
      [organizationId],
    );
    const found = rows[0]!;
    await sql.query("update energy.deletions set channels = $2, removed = 0 where organization_id = $1", [
      organizationId,
      found.channels.length,
    ]);
    return found;
  });
}

async function shutOut(sql: Sql, organizationId: string): Promise<void> {
  const { rows: credentials } = await sql.query<{ id: string }>(
    "update energy.credentials set revoked_at = coalesce(revoked_at, now()) where organization_id = $1 returning id",
    [organizationId],
  );
  await sql.query("delete from energy.api_keys where organization_id = $1", [organizationId]);
  const { rows: imports } = await sql.query<{ id: string }>(
    "delete from energy.imports where organization_id = $1 returning id",
    [organizationId],
  );
  await sql.query("delete from energy.exports where organization_id = $1", [organizationId]);
  await notify(sql, { credentials: credentials.map(({ id }) => id), imports: imports.map(({ id }) => id) });
}

/** The readings of a channel, in pieces. Answers how many. */
export async function eraseReadings(organizationId: string, channelId: number): Promise<number> {
  const removed = await deleteReadings(channelId);
  await systemPool().query("update energy.deletions set removed = removed + 1 where organization_id = $1", [
    organizationId,
  ]);
  return removed;
}

/**
 * The last step: every row of the organization, and what waits in the queue for it, in one transaction. What remains is a line in
 * the log of whoever asked for it, without the organization's name or number.
 */
export async function eraseOrganization(organizationId: string): Promise<void> {
  await asSystem(async (sql) => {
    const { rows } = await sql.query<{ email: string | null; by: string | null }>(
      `select d.created_by as by, m.email from energy.deletions d
       left join energy.members_of(d.organization_id) m on m.user_id = d.created_by where d.organization_id = $1`,
      [organizationId],
    );
    await sql.query("select energy.erase_organization($1)", [organizationId]);
    const [asked] = rows;
    await sql.query("select audit.record('account.organization-deleted', 'account', $1, $2)", [
      asked?.by,
      asked?.email,
    ]);
  });
}
