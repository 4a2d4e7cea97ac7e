import type { Reading } from "../domain/reading.ts";
import { readAsOrganization } from "./as-organization.ts";
import type { Sql } from "./client.ts";
import { copiedRows } from "./copied-rows.ts";
import {
  cutReadings,
  overlayReadings,
  readingDayColumns,
  unpackReadings,
  type ReadingDay,
  type Readings,
} from "./reading-days.ts";

/**
 * The readings of channels, and where they lie: rows as they came, and packed days of what is older than a week; a row wins
 * over its packed one. Whoever reads here never knows which. Measured in docs/decisions/0011.
 */

/** [fromMs, toMs), epoch milliseconds. */
export interface Range {
  fromMs: number;
  toMs: number;
}

/** Readings of a channel in [fromMs, toMs), ascending, in its canonical unit, at most `limit`. */
export async function readingsOf(
  organizationId: string,
  channelId: number,
  range: Range & { limit: number },
): Promise<Reading[]> {
  return asReadings(await readAsOrganization(organizationId, (sql) => readingsWithin(sql, channelId, range)));
}

const asReadings = ({ micros, values }: Readings): Reading[] =>
  micros.map((time, i) => ({ timeMs: time / 1000, value: values[i]! }));

/** Times of a float8 column are good for microseconds, and these are whole. */
const microsOf = (ms: number) => Math.round(ms * 1000);

const none: Readings = { micros: [], values: [] };

// As two arrays, which take half the time of rows. Rows are asked for first: what is packed between the two questions is then
// in both answers, and in neither if it were the other way round.
async function selectRows(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, limit }: Range & { limit: number | null },
  order: "asc" | "desc" = "asc",
): Promise<Readings> {
  const instant = (ms: number) => `to_timestamp(${Number(ms)}::float8 / 1000)`;
  const rows = await copiedRows(
    sql,
    `select array_agg(time), array_agg(value) from (
       select time, value from energy.channel_reading_rows
       where channel_id = ${Number(channelId)} and time >= ${instant(fromMs)} and time < ${instant(toMs)}
       order by time ${order} limit ${limit === null ? "all" : Number(limit)}) r`,
  );
  rows.next();
  return rows.isNull() ? none : { micros: rows.microsArray(), values: rows.float8Array() };
}

type ShownDay = ReadingDay & { scale: number; shift: number };

/** Packed days that reach into a range. */
const daysWithin = `from energy.channel_reading_days
  where channel_id = $1 and first_time < to_timestamp($3::float8 / 1000) and last_time >= to_timestamp($2::float8 / 1000)
    and day between (to_timestamp($2::float8 / 1000) at time zone 'UTC')::date and (to_timestamp($3::float8 / 1000) at time zone 'UTC')::date`;

/** In the channel's canonical unit. */
function shownReadings({ scale, shift, ...day }: ShownDay): Readings {
  const { micros, values } = unpackReadings(day);
  return scale === 1 && shift === 0 ? { micros, values } : { micros, values: values.map((v) => v * scale + shift) };
}

// A day is only read where those before it, of which the first may be cut, do not fill the limit.
async function selectDays(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, limit }: Range & { limit: number | null },
  order: "asc" | "desc" = "asc",
): Promise<Readings> {
  const isWhole =
    order === "asc" ? "first_time >= to_timestamp($2::float8 / 1000)" : "last_time < to_timestamp($3::float8 / 1000)";
  const { rows } = await sql.query<ShownDay>({
    name: `reading-days-${order}`,
    text: `select ${readingDayColumns}, scale, shift from (
       select *, sum(case when ${isWhole} then count else 0 end) over (order by day ${order}) - count as before ${daysWithin}) d
     where $4::int is null or before < $4 order by day`,
    values: [channelId, fromMs, toMs, limit],
  });
  const readings: Readings = { micros: [], values: [] };
  for (const part of rows.map(shownReadings)) {
    for (let i = 0; i < part.micros.length; i++) {
      readings.micros.push(part.micros[i]!);
      readings.values.push(part.values[i]!);
    }
  }
  return cutReadings(readings, microsOf(fromMs), microsOf(toMs));
}

/** The same column-wise, which is less work where there are many, in a context that is open; `limit` null: all. */
export async function readingsWithin(
  sql: Sql,
  channelId: number,
  range: Range & { limit: number | null },
): Promise<Readings> {
  const [rows, days] = await Promise.all([selectRows(sql, channelId, range), selectDays(sql, channelId, range)]);
  const all = overlayReadings(days, rows);
  const limit = range.limit ?? all.micros.length;
  return { micros: all.micros.slice(0, limit), values: all.values.slice(0, limit) };
}

/** The beginning and the end of what Postgres can tell apart, as JavaScript's dates can say it. */
const [earliestMs, latestMs] = [-8_640_000_000_000, 8_640_000_000_000_000];

/** The last readings of a channel before an instant (null: from the newest on), newest first. */
export async function lastReadings(
  sql: Sql,
  channelId: number,
  { beforeMs, limit }: { beforeMs: number | null; limit: number },
): Promise<Reading[]> {
  const range = { fromMs: earliestMs, toMs: beforeMs ?? latestMs, limit };
  const { micros, values } = await selectRows(sql, channelId, range, "desc");
  const rows = { micros: micros.toReversed(), values: values.toReversed() };
  // Packed days that lie wholly before enough rows have nothing to add.
  const fromMs = micros.length === limit ? micros.at(-1)! / 1000 : earliestMs;
  const days = await selectDays(sql, channelId, { ...range, fromMs }, "desc");
  return asReadings(overlayReadings(days, rows)).slice(-limit).reverse();
}

/** The readings of a range with the last one before and the first ones (`ahead`) after it: what folding a part of a bucket needs. */
export async function readingsAroundRange(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, ahead = 1 }: Range & { ahead?: number },
): Promise<Reading[]> {
  const before = await lastReadings(sql, channelId, { beforeMs: fromMs, limit: 1 });
  const within = await readingsWithin(sql, channelId, { fromMs, toMs, limit: null });
  const after = await readingsWithin(sql, channelId, { fromMs: toMs, toMs: latestMs, limit: ahead });
  return [...before, ...asReadings(within), ...asReadings(after)];
}

/** What a channel has, from its first reading to its last; a late one that also is packed counts twice until it is packed in. */
export interface Extent {
  count: number;
  firstMs: number | null;
  lastMs: number | null;
}

/** Of all the channels together. */
export async function extentOf(sql: Sql, channelIds: readonly number[]): Promise<Extent> {
  const { rows } = await sql.query<Extent>(
    `select coalesce(sum(n), 0)::int8 as count, date_part('epoch', min(first)) * 1000 as "firstMs", date_part('epoch', max(last)) * 1000 as "lastMs"
     from (
       select count(*) as n, min(time) as first, max(time) as last from energy.channel_reading_rows where channel_id = any ($1)
       union all
       select sum(count), min(first_time), max(last_time) from energy.channel_reading_days where channel_id = any ($1)) x`,
    [channelIds],
  );
  return rows[0]!;
}

/** The first reading after an instant, epoch milliseconds; null: there is none. */
export async function firstReadingAfter(sql: Sql, channelId: number, ms: number): Promise<number | null> {
  const range = { fromMs: (microsOf(ms) + 1) / 1000, toMs: latestMs, limit: 1 };
  return asReadings(await readingsWithin(sql, channelId, range))[0]?.timeMs ?? null;
}

/** States of a channel in [fromMs, toMs), ascending. */
export function statesOf(
  organizationId: string,
  channelId: number,
  range: Range & { limit: number },
): Promise<{ timeMs: number; value: string }[]> {
  return readAsOrganization(organizationId, (sql) => statesWithin(sql, channelId, range));
}

/** The same inside a transaction that is open already. */
export async function statesWithin(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, limit }: Range & { limit: number },
): Promise<{ timeMs: number; value: string }[]> {
  const { rows } = await sql.query<{ timeMs: number; value: string }>(
    `select extract(epoch from time)::float8 * 1000 as "timeMs", value from energy.channel_states
     where channel_id = $1 and time >= to_timestamp($2 / 1000.0) and time < to_timestamp($3 / 1000.0) order by time limit $4`,
    [channelId, fromMs, toMs, limit],
  );
  return rows;
}
