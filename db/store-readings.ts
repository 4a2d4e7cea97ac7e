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
  /** Memories of decoders that the batch's messages changed. */
  decoderStates: { deviceId: string; format: string; state: unknown }[];
  /** When its marks may be taken, epoch milliseconds; absent: at once. */
  marksDueMs?: number;
}

// One statement is one transaction and one round trip. Arrays go as literals: the driver's own conversion costs four times as much.
const statement = `
with stored as (
  insert into telemetry.readings
  select c, to_timestamp(t / 1000.0), v from unnest($1::int4[], $2::float8[], $3::float8[]) as x(c, t, v)
  on conflict (channel_id, time) do update set value = excluded.value where readings.value <> excluded.value
), states as (
  insert into telemetry.states
  select c, to_timestamp(t / 1000.0), s from unnest($4::int4[], $5::float8[], $6::text[]) as x(c, t, s)
  on conflict (channel_id, time) do update set value = excluded.value
), newest as (
  insert into telemetry.latest as l (channel_id, time, value, text, received_at)
  select c, to_timestamp(t / 1000.0), v, s, now() from unnest($7::int4[], $8::float8[], $9::float8[], $10::text[]) as x(c, t, v, s)
  on conflict (channel_id) do update set
    value = case when excluded.time >= l.time then excluded.value else l.value end,
    text = case when excluded.time >= l.time then excluded.text else l.text end,
    time = greatest(excluded.time, l.time), received_at = excluded.received_at
), memories as (
  insert into telemetry.decoder_states (device_id, format, state)
  select d, f, s from unnest($14::uuid[], $15::text[], $16::jsonb[]) as x(d, f, s)
  on conflict (device_id, format) do update set state = excluded.state, updated_at = now()
)
insert into telemetry.dirty (channel_id, from_time, to_time, due_at)
select c, to_timestamp(f / 1000.0), to_timestamp(t / 1000.0), coalesce(to_timestamp($17::float8 / 1000), '-infinity')
from unnest($11::int4[], $12::float8[], $13::float8[]) as x(c, f, t)`;

const literal = (values: readonly (number | null)[]) => `{${values.map((v) => v ?? "NULL").join()}}`;
// Numbers need no quoting and join() alone is the fast way for the three wide columns.
const numbers = (values: readonly number[]) => `{${values.join()}}`;

/** Stores a batch: when this resolves, it is committed. Rejects with the driver's error and nothing stored. */
export async function storeBatch(batch: Batch): Promise<void> {
  await systemPool().query({
    name: "store-batch",
    text: statement,
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
      batch.decoderStates.map((s) => s.deviceId),
      batch.decoderStates.map((s) => s.format),
      batch.decoderStates.map((s) => JSON.stringify(s.state)),
      batch.marksDueMs ?? null,
    ],
  });
}

/** Makes the partition that holds a month, where the engine has partitions. `monthMs`: any instant in it, epoch milliseconds. */
export async function ensureMonth(monthMs: number): Promise<void> {
  await systemPool().query("select telemetry.ensure_partitions(to_timestamp($1 / 1000.0), to_timestamp($1 / 1000.0))", [
    monthMs,
  ]);
}
