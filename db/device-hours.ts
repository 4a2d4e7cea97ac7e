import { systemPool } from "./as-system.ts";

/** What a device said in one hour. */
export interface DeviceHour {
  deviceId: string;
  startMs: number;
  messages: number;
  readings: number;
  lastMs: number;
  /** Typical arrival minus own time, in milliseconds; null: no message carried a time. */
  skewMs: number | null;
}

/** Adds to what is counted already. `repeats`: channels, and how many of their readings were stored before. */
export async function addDeviceHours(
  hours: readonly DeviceHour[],
  repeats: readonly (readonly [channelId: number, count: number])[],
): Promise<void> {
  if (hours.length) {
    await systemPool().query(
      `insert into telemetry.device_hours as h (device_id, hour, messages, readings, duplicates, last_at, skew_ms)
       select d, to_timestamp(s / 1000.0), m, r, 0, to_timestamp(l / 1000.0), k
       from unnest($1::uuid[], $2::float8[], $3::int8[], $4::int8[], $5::float8[], $6::float8[]) as x(d, s, m, r, l, k)
       on conflict (device_id, hour) do update set messages = h.messages + excluded.messages, readings = h.readings + excluded.readings,
         last_at = greatest(h.last_at, excluded.last_at), skew_ms = coalesce(excluded.skew_ms, h.skew_ms)`,
      [
        hours.map((hour) => hour.deviceId),
        hours.map((hour) => hour.startMs),
        hours.map((hour) => hour.messages),
        hours.map((hour) => hour.readings),
        hours.map((hour) => hour.lastMs),
        hours.map((hour) => hour.skewMs),
      ],
    );
  }
  if (repeats.length) {
    await systemPool().query(
      `insert into telemetry.device_hours as h (device_id, hour, messages, readings, duplicates, last_at)
       select c.device_id, date_trunc('hour', now(), 'UTC'), 0, 0, sum(x.n), now()
       from unnest($1::int4[], $2::int8[]) as x(id, n) join energy.channels c on c.id = x.id group by 1
       on conflict (device_id, hour) do update set duplicates = h.duplicates + excluded.duplicates`,
      [repeats.map(([id]) => id), repeats.map(([, count]) => count)],
    );
  }
}
