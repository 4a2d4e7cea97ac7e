import { rawKeptFrom } from "../domain/retention.ts";
import { asOrganization } from "./as-organization.ts";
import type { Sql } from "./client.ts";
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
  /** How many channels have frozen time, and up to when that of the furthest is; null: none. */
  frozen: { channels: number; beforeMs: number } | null;
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
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `select days, ${ms("changed_at")} as "changedMs", ${ms("removed_at")} as "atMs", ${ms("removed_before")} as "beforeMs",
         removed_readings as readings, waiting_channels as "waitingChannels" from energy.raw_retention`,
    );
    const frozen = await frozenOf(sql);
    const [row] = rows;
    if (!row) return { days: null, changedMs: null, keptFromMs: null, removed: null, frozen };
    const { days, changedMs, atMs, beforeMs, readings, waitingChannels } = row;
    return {
      ...{ days, changedMs, frozen },
      keptFromMs: days === null ? null : rawKeptFrom(nowMs, days),
      removed: atMs === null || beforeMs === null ? null : { atMs, beforeMs, readings, waitingChannels },
    };
  });
}

async function frozenOf(sql: Sql): Promise<RawRetention["frozen"]> {
  const { rows } = await sql.query<{ channels: number; beforeMs: number | null }>(
    `select count(*)::int4 as channels, ${ms("max(frozen_before)")} as "beforeMs" from energy.channels where frozen_before is not null`,
  );
  const { channels, beforeMs } = rows[0]!;
  return beforeMs === null ? null : { channels, beforeMs };
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

/** What a choice would take away, before it is made. */
export interface RetentionPreview {
  /** What is older would be refused, and removed. */
  keptFromMs: number;
  /** At most: what later buckets are made of, and channels with fewer than a hundred readings, stay. */
  readings: number;
  channels: number;
  /** The devices with the most of them. */
  devices: { siteName: string; deviceName: string; channels: number; readings: number; firstMs: number }[];
}

export const mostPreviewed = 20;

export async function previewRawRetention(
  organizationId: string,
  days: number,
  nowMs: number,
): Promise<RetentionPreview> {
  const keptFromMs = rawKeptFrom(nowMs, days);
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<
      RetentionPreview["devices"][number] & { allReadings: number; allChannels: number }
    >(
      `with older as (
         select channel_id, sum(count) as n, min(first_time) as first from energy.channel_reading_days
         where last_time < to_timestamp($1::float8 / 1000) group by 1
         union all
         select channel_id, count(*), min(time) from energy.channel_reading_rows
         where time < to_timestamp($1::float8 / 1000) group by 1)
       select s.name as "siteName", d.name as "deviceName", count(distinct c.id)::int4 as channels, sum(o.n)::float8 as readings,
         date_part('epoch', min(o.first)) * 1000 as "firstMs",
         (sum(sum(o.n)) over ())::float8 as "allReadings", (sum(count(distinct c.id)) over ())::float8 as "allChannels"
       from older o join energy.channels c on c.id = o.channel_id
         join energy.devices d on d.id = c.device_id join energy.sites s on s.id = d.site_id
       group by s.id, d.id order by readings desc, d.id limit $2`,
      [keptFromMs, mostPreviewed],
    );
    return {
      keptFromMs,
      ...{ readings: rows[0]?.allReadings ?? 0, channels: rows[0]?.allChannels ?? 0 },
      devices: rows.map(({ allReadings: _r, allChannels: _c, ...row }) => row),
    };
  });
}
