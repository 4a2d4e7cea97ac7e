import { asSystem, systemPool } from "./as-system.ts";

const perDelete = 50_000;

/**
 * Deletes what is older than the plans of organizations keep: readings and everything that was made of them, from the same
 * midnight (UTC) on, so that what is computed anew later finds neither. @returns how many readings and packed days went.
 */
export async function deleteBeyondRetention(signal: AbortSignal): Promise<number> {
  const { rows } = await systemPool().query<{ channel: number; before: string }>(
    `select c.id as channel, (energy.utc_day() - p.retention_days)::text as before
     from energy.plans p join energy.organizations o on o.plan = p.name join energy.channels c on c.organization_id = o.id
     where p.retention_days is not null order by c.id`,
  );
  let deleted = 0;
  for (const { channel, before } of rows) {
    if (signal.aborted) break;
    deleted += await deleteBefore(channel, before);
  }
  return deleted;
}

/** By table, what says when a row is. */
const instants = { states: "time", meter_events: "time", rollup_buckets: "start", estimated_gaps: '"end"' };
const days = ["cadence", "rollup_days"];

/** @param before a UTC day: its midnight is the first instant that stays. */
async function deleteBefore(channel: number, before: string): Promise<number> {
  let deleted = 0;
  for (let some = perDelete; some === perDelete; deleted += some) {
    const { rowCount } = await systemPool().query(
      `delete from telemetry.readings where channel_id = $1 and time in (
         select time from telemetry.readings where channel_id = $1 and time < $2::timestamptz order by time limit ${perDelete})`,
      [channel, `${before}T00:00:00Z`],
    );
    some = rowCount ?? 0;
  }
  return asSystem(async (sql) => {
    for (const [table, when] of Object.entries(instants))
      await sql.query(`delete from telemetry.${table} where channel_id = $1 and ${when} < $2::timestamptz`, [
        channel,
        `${before}T00:00:00Z`,
      ]);
    for (const table of days)
      await sql.query(`delete from telemetry.${table} where channel_id = $1 and day < $2`, [channel, before]);
    const packed = await sql.query("delete from telemetry.reading_days where channel_id = $1 and day < $2", [
      channel,
      before,
    ]);
    return deleted + (packed.rowCount ?? 0);
  });
}
