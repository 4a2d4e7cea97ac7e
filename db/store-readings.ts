import { systemPool } from "./as-system.ts";

/** One transaction's worth of readings, column-wise; sorted by channel and time, no key twice. Times in epoch milliseconds. */
export interface Batch {
  channels: number[];
  times: number[];
  values: number[];
  stateChannels: number[];
  stateTimes: number[];
  stateTexts: string[];
  /** Newest of each channel in the batch: a number, or a state's text. */
  latestChannels: number[];
  latestTimes: number[];
  latestValues: (number | null)[];
  latestTexts: (string | null)[];
  /** What changed, for the roll-up: closed ranges. */
  dirtyChannels: number[];
  dirtyFrom: number[];
  dirtyTo: number[];
  /** When its marks may be taken, epoch milliseconds; absent: at once. */
  marksDueMs?: number;
  /** From a file: the device itself was not heard. */
  isHistory?: boolean;
  /** Some readings may be stored already: they are counted, by channel. */
  mayRepeat: boolean;
}

/** Channels, and how many of their readings in a batch were stored already with the same value. */
export type Repeats = { channel: number; count: number }[];

// What is packed with the same value is there already, although a row of it was written.
const countRepeats = `select sent.c as channel, sent.n - coalesce(kept.n, 0) as count
from (select c, count(*)::int as n from unnest($1::int4[]) as x(c) group by c) sent
left join (
  select s.channel_id, count(*)::int as n from stored s
  left join (
    select d.channel_id, u.time, u.value
    from (select distinct channel_id, (time at time zone 'UTC')::date as day from stored) t
    join telemetry.reading_days d using (channel_id, day) cross join lateral telemetry.unpack(d) u
  ) packed on packed.channel_id = s.channel_id and packed.time = s.time and packed.value = s.value
  where packed.channel_id is null group by s.channel_id
) kept on kept.channel_id = sent.c
where sent.n > coalesce(kept.n, 0)`;

// One statement is one transaction and one round trip. Arrays go as literals: the driver's own conversion costs four times as much.
const statement = (isCounted: boolean) => `
with stored as (
  insert into telemetry.readings
  select c, to_timestamp(t / 1000.0), v from unnest($1::int4[], $2::float8[], $3::float8[]) as x(c, t, v)
  on conflict (channel_id, time) do update set value = excluded.value where readings.value <> excluded.value
  ${isCounted ? "returning channel_id, time, value" : ""}
), states as (
  insert into telemetry.states
  select c, to_timestamp(t / 1000.0), s from unnest($4::int4[], $5::float8[], $6::text[]) as x(c, t, s)
  on conflict (channel_id, time) do update set value = excluded.value
), newest as (
  insert into telemetry.latest as l (channel_id, time, value, text, received_at)
  select c, to_timestamp(t / 1000.0), v, s, case when $15 then to_timestamp(t / 1000.0) else now() end from unnest($7::int4[], $8::float8[], $9::float8[], $10::text[]) as x(c, t, v, s)
  on conflict (channel_id) do update set
    value = case when excluded.time >= l.time then excluded.value else l.value end,
    text = case when excluded.time >= l.time then excluded.text else l.text end,
    time = greatest(excluded.time, l.time), received_at = greatest(l.received_at, excluded.received_at)
), marked as (
  insert into telemetry.dirty (channel_id, from_time, to_time, due_at)
  select c, to_timestamp(f / 1000.0), to_timestamp(t / 1000.0), coalesce(to_timestamp($14::float8 / 1000), '-infinity')
  from unnest($11::int4[], $12::float8[], $13::float8[]) as x(c, f, t)
)
${isCounted ? countRepeats : "select where false"}`;

// The usual batch is newer than all that is stored, and then nothing need be counted.
const statements = {
  "store-batch": statement(false),
  "store-and-count-batch": statement(true),
};

const literal = (values: readonly (number | null)[]) => `{${values.map((v) => v ?? "NULL").join()}}`;
// Numbers need no quoting and join() alone is the fast way for the three wide columns.
const numbers = (values: readonly number[]) => `{${values.join()}}`;

/** Stores a batch: when this resolves, it is committed. Rejects with the driver's error and nothing stored. */
export async function storeBatch(batch: Batch): Promise<Repeats> {
  const name = batch.mayRepeat ? "store-and-count-batch" : "store-batch";
  const { rows } = await systemPool().query<Repeats[number]>({
    name,
    text: statements[name],
    values: [
      numbers(batch.channels),
      numbers(batch.times),
      numbers(batch.values),
      numbers(batch.stateChannels),
      numbers(batch.stateTimes),
      batch.stateTexts,
      numbers(batch.latestChannels),
      numbers(batch.latestTimes),
      literal(batch.latestValues),
      batch.latestTexts,
      numbers(batch.dirtyChannels),
      numbers(batch.dirtyFrom),
      numbers(batch.dirtyTo),
      batch.marksDueMs ?? null,
      batch.isHistory ?? false,
    ],
  });
  return rows;
}

/** Makes the partition that holds a month, where the engine has partitions. `monthMs`: any instant in it, epoch milliseconds. */
export async function ensureMonth(monthMs: number): Promise<void> {
  await systemPool().query("select telemetry.ensure_partitions(to_timestamp($1 / 1000.0), to_timestamp($1 / 1000.0))", [
    monthMs,
  ]);
}
