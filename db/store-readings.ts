import { systemPool } from "./as-system.ts";
import { float8Array, int4Array, timestampArray } from "./binary-arrays.ts";

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

/** A channel that was merged into another one: what is measured under its number goes there, as value x factor + offset. */
export interface Move {
  channel: number;
  into: number;
  factor: number;
  offset: number;
}

/** What became of a batch. Where channels of it were merged, nothing is stored: it is to be made anew with their moves. */
export interface Stored {
  moves: Move[];
  repeats: Repeats;
}

// What was sent and is not among the stored rows was there already; so was what is packed with the same value, although a row of
// it was written.
const countRepeats = `select sent.c, sent.n - coalesce(kept.n, 0), null::int4, null::float8, null::float8
from (select c, count(*)::int4 as n from unnest($1::int4[]) as x(c) group by c) sent
left join (
  select s.channel_id, count(*)::int4 as n from stored s
  left join (
    select d.channel_id, u.time, u.value
    from (select distinct channel_id, (time at time zone 'UTC')::date as day from stored) t
    join telemetry.reading_days d using (channel_id, day) cross join lateral telemetry.unpack(d) u
  ) packed on packed.channel_id = s.channel_id and packed.time = s.time and packed.value = s.value
  where packed.channel_id is null group by s.channel_id
) kept on kept.channel_id = sent.c
where sent.n > coalesce(kept.n, 0) and not exists (select from moved)`;

const overwrite =
  "on conflict (channel_id, time) do update set value = excluded.value where readings.value <> excluded.value";

/*
 * One statement is one transaction and one round trip.
 *
 * A channel's readings go where they belong at the moment of the commit, whatever the ingest knew when they came: `moved` finds
 * the merged ones, and its KEY SHARE takes the lock on the table that the merge job waits for (`merge-channel.ts`).
 */
const statement = ({ isNew, isCounted }: { isNew: boolean; isCounted: boolean }) => `
with moved as (
  select c.id, c.merged_into, c.merge_factor, c.merge_offset from unnest($7::int4[]) as x(c)
  join energy.channels c on c.id = x.c and c.merged_into is not null for key share of c
), stored as (
  insert into telemetry.readings
  select c, t, v from unnest($1::int4[], $2::timestamptz[], $3::float8[]) as x(c, t, v) where not exists (select from moved)
  ${isNew ? "" : overwrite}
  ${isCounted ? "returning channel_id, time, value" : ""}
), states as (
  insert into telemetry.states
  select c, t, s from unnest($4::int4[], $5::timestamptz[], $6::text[]) as x(c, t, s) where not exists (select from moved)
  on conflict (channel_id, time) do update set value = excluded.value
), newest as (
  insert into telemetry.latest as l (channel_id, time, value, text, received_at)
  select c, t, v, s, case when $15 then t else now() end
  from unnest($7::int4[], $8::timestamptz[], $9::float8[], $10::text[]) as x(c, t, v, s) where not exists (select from moved)
  on conflict (channel_id) do update set
    value = case when excluded.time >= l.time then excluded.value else l.value end,
    text = case when excluded.time >= l.time then excluded.text else l.text end,
    time = greatest(excluded.time, l.time), received_at = greatest(l.received_at, excluded.received_at)
), marked as (
  insert into telemetry.dirty (channel_id, from_time, to_time, due_at)
  select c, f, t, coalesce(to_timestamp($14::float8 / 1000), '-infinity')
  from unnest($11::int4[], $12::timestamptz[], $13::timestamptz[]) as x(c, f, t) where not exists (select from moved)
  -- What a channel that reports on change showed last is held until its device, or its gateway, goes offline.
  union all
  select g.id, x.t, x.t, coalesce(to_timestamp($14::float8 / 1000), '-infinity')
  from unnest($4::int4[], $5::timestamptz[]) as x(c, t)
  -- offset 0: looked up for each state that came, so for none where none did.
  cross join lateral (
    select g.id from energy.channels o
    cross join lateral (select o.device_id as id union all select id from energy.devices where gateway_id = o.device_id) d
    join energy.channels g on g.device_id = d.id and g.kind = 'gauge' and g.reporting = 'on-change'
    where o.id = x.c and o.metric = 'online' offset 0) g
  where not exists (select from moved)
)
select id as channel, null::int4 as count, merged_into as into, merge_factor as factor, merge_offset as "offset" from moved
${isCounted ? `union all ${countRepeats}` : ""}`;

const statements = {
  // The usual batch is newer than all that is stored: a plain insert costs half of one that looks for conflicts.
  "store-new-batch": statement({ isNew: true, isCounted: false }),
  "store-batch": statement({ isNew: false, isCounted: false }),
  "store-and-count-batch": statement({ isNew: false, isCounted: true }),
};

/** Another process stored the same readings: for this long nothing is taken to be new. */
const distrustMs = 1_000;
let distrustUntilMs = 0;

/** Stores a batch: when this resolves without moves, it is committed. Rejects with the driver's error and nothing stored. */
export async function storeBatch(batch: Batch): Promise<Stored> {
  if (batch.mayRepeat) return run("store-and-count-batch", batch);
  if (performance.now() < distrustUntilMs) return run("store-batch", batch);
  try {
    return await run("store-new-batch", batch);
  } catch (error) {
    if ((error as { code?: string }).code !== uniqueViolation) throw error;
    distrustUntilMs = performance.now() + distrustMs;
    return run("store-batch", batch);
  }
}

const uniqueViolation = "23505";

interface Row {
  channel: number;
  count: number | null;
  into: number;
  factor: number;
  offset: number;
}

async function run(name: keyof typeof statements, batch: Batch): Promise<Stored> {
  const { rows } = await systemPool().query<Row>({
    name,
    text: statements[name],
    values: [
      int4Array(batch.channels),
      timestampArray(batch.times),
      float8Array(batch.values),
      int4Array(batch.stateChannels),
      timestampArray(batch.stateTimes),
      batch.stateTexts,
      int4Array(batch.latestChannels),
      timestampArray(batch.latestTimes),
      float8Array(batch.latestValues),
      batch.latestTexts,
      int4Array(batch.dirtyChannels),
      timestampArray(batch.dirtyFrom),
      timestampArray(batch.dirtyTo),
      batch.marksDueMs ?? null,
      batch.isHistory ?? false,
    ],
  });
  const stored: Stored = { moves: [], repeats: [] };
  for (const { channel, count, ...move } of rows) {
    if (count === null) stored.moves.push({ channel, ...move });
    else stored.repeats.push({ channel, count });
  }
  return stored;
}

/** Makes the partition that holds a month, where the engine has partitions. `monthMs`: any instant in it, epoch milliseconds. */
export async function ensureMonth(monthMs: number): Promise<void> {
  await systemPool().query("select telemetry.ensure_partitions(to_timestamp($1 / 1000.0), to_timestamp($1 / 1000.0))", [
    monthMs,
  ]);
}
