import type { Reporting } from "../domain/channel.ts";
import { gapsOf, type Gap } from "../domain/health/gaps.ts";
import { presenceOf, type Presented } from "../domain/health/presence.ts";
import { bucketMs } from "../domain/rollup/bucket.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { bucketsOf } from "./rollups.ts";

const dayMs = 86_400_000;
/** How far back hours and gaps are shown. */
export const healthDays = 7;

/** How a device does. Intervals in seconds, battery in %, signal in dBm; null: not known or not reported. */
export interface DeviceHealth extends Presented {
  lastHeardMs: number | null;
  intervalS: number | null;
  battery: { value: number; timeMs: number } | null;
  signal: { value: number; timeMs: number } | null;
  /** Typical arrival minus the device's own time: positive when its clock is behind (or its messages are slow). */
  clockSkewS: number | null;
  messages: number;
  readings: number;
  duplicates: number;
  /** By hour of the last days, oldest first; hours without anything are left out. */
  hours: { startMs: number; messages: number; readings: number; duplicates: number }[];
  gaps: Gap[];
  /** From when on gaps are known, epoch milliseconds; null: it has no readings in these days. */
  gapsFromMs: number | null;
  rejects: { reason: string; count: number; lastMs: number; detail: string }[];
  /** Messages that are kept and wait, by what for. */
  waiting: { awaits: string; count: number; sinceMs: number }[];
}

/** null: there is no such device. */
export async function deviceHealth(
  organizationId: string,
  deviceId: string,
  nowMs: number,
): Promise<DeviceHealth | null> {
  if (!isUuid(deviceId)) return null;
  return asOrganization(organizationId, async (sql) => {
    const signs = await signsOf(sql, deviceId);
    if (!signs) return null;
    const hours = await hoursOf(sql, deviceId);
    const sum = (name: "messages" | "readings" | "duplicates") => hours.reduce((total, hour) => total + hour[name], 0);
    return {
      ...presenceOf({ ...signs, nowMs }),
      lastHeardMs: signs.lastHeardMs,
      intervalS: signs.intervalS,
      battery: signs.battery,
      signal: signs.signal,
      clockSkewS: await skewOf(sql, deviceId),
      messages: sum("messages"),
      readings: sum("readings"),
      duplicates: sum("duplicates"),
      hours,
      ...(await gapsOfDevice(sql, deviceId, nowMs)),
      rejects: await rejectsOf(sql, deviceId),
      waiting: await waitingOf(sql, deviceId),
    };
  });
}

export interface DevicePresence extends Presented {
  lastHeardMs: number | null;
}

/** The presence of each of a site's devices, by id; or of one of them. */
export async function presences(
  organizationId: string,
  siteId: string,
  nowMs: number,
  deviceId: string | null = null,
): Promise<Map<string, DevicePresence>> {
  if (!isUuid(siteId)) return new Map();
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<SignsRow>(`${signs} where d.site_id = $1 and ($2::uuid is null or d.id = $2)`, [
      siteId,
      deviceId,
    ]);
    return new Map(
      rows.map((row) => [row.id, { ...presenceOf({ ...row, nowMs }), lastHeardMs: row.lastHeardMs }] as const),
    );
  });
}

export interface SignsRow {
  id: string;
  lastHeardMs: number | null;
  will: { isOnline: boolean; timeMs: number } | null;
  intervalS: number | null;
  reporting: Reporting;
  battery: { value: number; timeMs: number } | null;
  signal: { value: number; timeMs: number } | null;
}

/** A gateway is heard when one of those that it speaks for is. */
const familyOf = (id: string) => `(select x.id from energy.devices x where x.id = ${id} or x.gateway_id = ${id})`;

interface Sources {
  latest: string;
  cadence: string;
}

const newest = (
  latest: string,
  quantity: string,
) => `(select json_build_object('value', l.value, 'timeMs', extract(epoch from l.time)::float8 * 1000)
    from energy.channels c join ${latest} l on l.channel_id = c.id
    where c.device_id = d.id and c.quantity = '${quantity}' and l.value is not null order by l.time desc limit 1)`;

// A gateway's own will stands for the devices that it speaks for as well, when it is the newer word.
const signsFrom = ({ latest, cadence }: Sources) => `
  select d.id,
    (select extract(epoch from max(l.received_at))::float8 * 1000 from energy.channels c join ${latest} l on l.channel_id = c.id
     where c.device_id in ${familyOf("d.id")} and c.metric <> 'online') as "lastHeardMs",
    (select json_build_object('isOnline', l.text = 'true', 'timeMs', extract(epoch from l.received_at)::float8 * 1000)
     from energy.channels c join ${latest} l on l.channel_id = c.id
     where c.device_id in (d.id, d.gateway_id) and c.metric = 'online' order by l.received_at desc limit 1) as will,
    (select min(coalesce(c.expected_interval_s, (select k.interval_s from ${cadence} k where k.channel_id = c.id
       order by k.day desc limit 1))) from energy.channels c where c.device_id in ${familyOf("d.id")} and c.merged_into is null) as "intervalS",
    case when exists (select from energy.channels c where c.device_id in ${familyOf("d.id")})
      and not exists (select from energy.channels c where c.device_id in ${familyOf("d.id")} and c.kind <> 'state' and c.reporting = 'periodic')
      then 'on-change' else 'periodic' end as reporting,
    ${newest(latest, "battery_level")} as battery, ${newest(latest, "signal_strength")} as signal
  from energy.devices d`;

const signs = signsFrom({ latest: "energy.channel_latest", cadence: "energy.channel_cadence" });
/** Of every device of every organization: for the system alone. */
export const signsOfAll = signsFrom({ latest: "telemetry.latest", cadence: "telemetry.cadence" });

async function signsOf(sql: Sql, deviceId: string): Promise<SignsRow | undefined> {
  const { rows } = await sql.query<SignsRow>(`${signs} where d.id = $1 and d.deleted_at is null`, [deviceId]);
  return rows[0];
}

async function hoursOf(sql: Sql, deviceId: string): Promise<DeviceHealth["hours"]> {
  const { rows } = await sql.query<DeviceHealth["hours"][number]>(
    `select extract(epoch from hour)::float8 * 1000 as "startMs", sum(messages)::int8 as messages, sum(readings)::int8 as readings,
       sum(duplicates)::int8 as duplicates
     from energy.device_hours where device_id in ${familyOf("$1")} and hour > now() - make_interval(days => $2) group by hour order by hour`,
    [deviceId, healthDays],
  );
  return rows;
}

async function skewOf(sql: Sql, deviceId: string): Promise<number | null> {
  const { rows } = await sql.query<{ skewS: number | null }>(
    `select skew_ms / 1000 as "skewS" from energy.device_hours where device_id = $1 and skew_ms is not null order by hour desc limit 1`,
    [deviceId],
  );
  return rows[0]?.skewS ?? null;
}

async function gapsOfDevice(
  sql: Sql,
  deviceId: string,
  nowMs: number,
): Promise<Pick<DeviceHealth, "gaps" | "gapsFromMs">> {
  const { rows } = await sql.query<{ id: number; firstMs: number | null }>(
    `select c.id, extract(epoch from least(
         (select min(r.time) from energy.channel_reading_rows r where r.channel_id = c.id and r.time > since),
         (select greatest(min(p.first_time), since) from energy.channel_reading_days p where p.channel_id = c.id and p.last_time > since
          having count(*) > 0)))::float8 * 1000 as "firstMs"
     from energy.channels c cross join (select now() - make_interval(days => $2) as since) s
     where c.device_id in ${familyOf("$1")} and c.kind <> 'state' and c.merged_into is null`,
    [deviceId, healthDays + 1],
  );
  const firsts = rows.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
  if (!firsts.length) return { gaps: [], gapsFromMs: null };
  const fromMs = Math.max(nowMs - healthDays * dayMs, Math.min(...firsts));
  const ids = rows.map(({ id }) => id);
  // The newest quarter-hour is still being filled and rolled up.
  const toMs = nowMs - 2 * bucketMs;
  const buckets = await bucketsOf(sql, ids, Math.floor(fromMs / bucketMs) * bucketMs, toMs);
  return { gaps: gapsOf([...buckets.values()].flat(), fromMs, toMs), gapsFromMs: fromMs };
}

async function rejectsOf(sql: Sql, deviceId: string): Promise<DeviceHealth["rejects"]> {
  const { rows } = await sql.query<DeviceHealth["rejects"][number]>(
    `select distinct on (reason) reason, sum(count) over (partition by reason)::int8 as count,
       extract(epoch from last_at)::float8 * 1000 as "lastMs", detail
     from energy.device_rejects where device_id = $1 and hour > now() - make_interval(days => $2) order by reason, last_at desc`,
    [deviceId, healthDays],
  );
  return rows.sort((a, b) => b.lastMs - a.lastMs);
}

async function waitingOf(sql: Sql, deviceId: string): Promise<DeviceHealth["waiting"]> {
  const { rows } = await sql.query<DeviceHealth["waiting"][number]>(
    `select awaits, count(*)::int as count, extract(epoch from min(received_at))::float8 * 1000 as "sinceMs"
     from energy.device_parked where device_id = $1 group by awaits order by 3 limit 50`,
    [deviceId],
  );
  return rows;
}
