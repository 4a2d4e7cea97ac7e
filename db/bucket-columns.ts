import { bucketMs } from "../domain/rollup/bucket.ts";
import type { Stretch } from "../domain/site/quarters.ts";
import type { Sql } from "./client.ts";
import { copiedRows } from "./copied-rows.ts";

/**
 * The buckets of channels over long stretches, column by column: one array a quantity, one place a bucket. A year of a site is a
 * few arrays so, where it would be hundreds of thousands of objects.
 */
const stored = {
  energy: { column: "energy_kwh", none: 0 },
  reverse: { column: "reverse_kwh", none: 0 },
  estimated: { column: "estimated_kwh", none: 0 },
  estimatedReverse: { column: "estimated_reverse_kwh", none: 0 },
  covered: { column: "covered_s", none: 0 },
  mean: { column: "mean", none: NaN },
  min: { column: "min", none: NaN },
  max: { column: "max", none: NaN },
};

type ColumnName = keyof typeof stored;
type Columns<N extends ColumnName> = Record<N, Float64Array>;

/** Which columns are read together. */
const sets = {
  energies: ["energy", "reverse", "estimated", "estimatedReverse", "covered"],
  means: ["mean"],
  series: ["energy", "reverse", "estimated", "covered", "mean", "min", "max"],
} as const satisfies Record<string, readonly ColumnName[]>;

export type SetName = keyof typeof sets;
export type ColumnsOf<S extends SetName> = Columns<(typeof sets)[S][number]>;

const column = (count: number, none: number) =>
  none === 0 ? new Float64Array(count) : new Float64Array(count).fill(none);

const utcDay = (ms: number) => `(to_timestamp(${Number(ms)}::float8 / 1000) at time zone 'UTC')::date`;

const slots = 96;
const fullS = bucketMs / 1000;

/**
 * Columns of each channel. What is not known is 0, of means, minima and maxima NaN. Columns that say nothing may be one array:
 * they are for reading only. In an organization's context; other organizations' channels are empty.
 */
export async function bucketColumnsOf<S extends SetName>(
  sql: Sql,
  channelIds: readonly number[],
  { startMs, count }: Stretch,
  set: S,
): Promise<Map<number, ColumnsOf<S>>> {
  const names: readonly ColumnName[] = sets[set];
  const nothing = new Map([0, NaN].map((none) => [none, column(count, none)]));
  const empty = () => Object.fromEntries(names.map((name) => [name, nothing.get(stored[name].none)!]));
  const found = new Map(channelIds.map((id) => [id, empty() as Columns<ColumnName>]));
  if (!channelIds.length || count <= 0) return found;
  const own = (channelId: number, name: ColumnName): Float64Array => {
    const columns = found.get(channelId)!;
    const { none } = stored[name];
    if (columns[name] === nothing.get(none)) columns[name] = column(count, none);
    return columns[name];
  };
  const window = [channelIds, startMs, startMs + count * bucketMs];
  // Rows first: what is packed between the two questions is then in both answers.
  const rowsAsked = sql.query<{ channelId: number; ms: number } & Record<ColumnName, number | null>>({
    name: `bucket-rows-${set}`,
    text: `select channel_id as "channelId", extract(epoch from start)::float8 * 1000 as ms,
       ${names.map((name) => `${stored[name].column} as "${name}"`).join(", ")}
     from energy.channel_rollup_buckets where channel_id = any ($1)
       and start >= to_timestamp($2::float8 / 1000) and start < to_timestamp($3::float8 / 1000)`,
    values: window,
  });
  const daysAsked = copiedRows(
    sql,
    `select channel_id, day, ${names.map((name) => stored[name].column).join(", ")}
     from energy.channel_rollup_days where channel_id = any ('{${channelIds.map(Number).join()}}')
       and day >= ${utcDay(startMs)} and day <= ${utcDay(startMs + count * bucketMs)}`,
  );
  const [{ rows }, days] = await Promise.all([rowsAsked, daysAsked]);
  while (days.next()) {
    const channelId = days.int4()!;
    const at = Math.round((days.date()! - startMs) / bucketMs);
    for (const name of names) {
      if (!days.isNull()) days.float8s(own(channelId, name), at);
      else if (name === "covered") own(channelId, name).fill(fullS, Math.max(0, at), Math.max(0, at + slots));
    }
  }
  // A row wins over its slot in a packed day.
  for (const row of rows) {
    const at = Math.round((row.ms - startMs) / bucketMs);
    for (const name of names) {
      const value = row[name] ?? NaN;
      if (!Object.is(value, found.get(row.channelId)![name][at])) own(row.channelId, name)[at] = value;
    }
  }
  return found;
}

/** What has been read of each channel: whoever asks for a part of it gets it from here. */
export type ReadEnergies = Map<number, { stretch: Stretch; columns: ColumnsOf<"energies"> }>;

/** The columns of energies; those of a stretch that is in `read` are taken from there, and what had to be read is added to it. */
export async function energyColumnsOf(
  sql: Sql,
  channelIds: readonly number[],
  stretch: Stretch,
  read: ReadEnergies = new Map(),
): Promise<Map<number, ColumnsOf<"energies">>> {
  const missing = channelIds.filter((id) => !isWithin(stretch, read.get(id)?.stretch));
  for (const [id, columns] of await bucketColumnsOf(sql, missing, stretch, "energies"))
    read.set(id, { stretch, columns });
  return new Map(channelIds.map((id) => [id, cut(read.get(id)!, stretch)]));
}

const isWithin = ({ startMs, count }: Stretch, outer: Stretch | undefined) =>
  outer !== undefined &&
  outer.startMs <= startMs &&
  startMs + count * bucketMs <= outer.startMs + outer.count * bucketMs;

function cut({ stretch, columns }: NonNullable<ReturnType<ReadEnergies["get"]>>, { startMs, count }: Stretch) {
  const from = (startMs - stretch.startMs) / bucketMs;
  const part = (column: Float64Array) => column.subarray(from, from + count);
  return {
    energy: part(columns.energy),
    reverse: part(columns.reverse),
    estimated: part(columns.estimated),
    estimatedReverse: part(columns.estimatedReverse),
    covered: part(columns.covered),
  };
}
