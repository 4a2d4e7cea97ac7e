import { rawKeptFrom } from "../domain/retention.ts";
import { asOrganization } from "./as-organization.ts";
import { notify } from "./live.ts";

/** How long an organization keeps raw readings, and what became of older ones. Instants are epoch milliseconds. */
export interface RawRetention {
  /** null: for ever. */
  days: number | null;
  changedMs: number | null;
  /** What is older is refused when it arrives; null: nothing is. */
  keptFromMs: number | null;
  /** What the last pass of the job did; null: there was none. */
  removed: { atMs: number; beforeMs: number; readings: number; waitingChannels: number } | null;
}

interface Row {
  days: number | null;
  changedMs: number;
  atMs: number | null;
  beforeMs: number | null;
  readings: number;
  waitingChannels: number;
}

const ms = (column: string) => `date_part('epoch', ${column}) * 1000`;

export async function getRawRetention(organizationId: string, nowMs: number): Promise<RawRetention> {
  const { rows } = await asOrganization(organizationId, (sql) =>
    sql.query<Row>(
      `select days, ${ms("changed_at")} as "changedMs", ${ms("removed_at")} as "atMs", ${ms("removed_before")} as "beforeMs",
         removed_readings as readings, waiting_channels as "waitingChannels" from energy.raw_retention`,
    ),
  );
  const [row] = rows;
  if (!row) return { days: null, changedMs: null, keptFromMs: null, removed: null };
  const { days, changedMs, atMs, beforeMs, readings, waitingChannels } = row;
  return {
    days,
    changedMs,
    keptFromMs: days === null ? null : rawKeptFrom(nowMs, days),
    removed: atMs === null || beforeMs === null ? null : { atMs, beforeMs, readings, waitingChannels },
  };
}

/** @param days null: for ever; what was removed already does not come back. */
export async function setRawRetention(organizationId: string, days: number | null): Promise<void> {
  await asOrganization(organizationId, async (sql) => {
    await sql.query(
      `insert into energy.raw_retention as r (organization_id, days) values (energy.current_organization(), $1)
       on conflict (organization_id) do update set days = excluded.days, changed_at = now()
       where r.days is distinct from excluded.days`,
      [days],
    );
    const { rows } = await sql.query<{ id: string }>("select id from energy.credentials");
    await notify(sql, { credentials: rows.map(({ id }) => id) });
  });
}
