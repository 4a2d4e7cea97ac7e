/**
 * The packed form of a channel's UTC day of readings (telemetry.reading_days; its formula stands at the table in
 * prisma/migrations/0009_reading_days): whole numbers, as small as they can be, in arrays that Postgres compresses and can
 * unpack itself. Exact: times to the microsecond, values to the bit.
 */

/** Readings of one channel, column-wise, ascending, no time twice. `micros`: microseconds since the epoch, whole. */
export interface Readings {
  micros: number[];
  values: number[];
}

/** A row of telemetry.reading_days, but for its key. */
export interface ReadingDay {
  firstMicros: number;
  lastMicros: number;
  count: number;
  stepMicros: number;
  tickMicros: number;
  /** Differences of successive times, less the step, in ticks; null: all are as long as the step. */
  gaps: number[] | null;
  /** value = whole number / divisor; null: `plain` has the values as they are. */
  divisor: number | null;
  firstWhole: number | null;
  /** Differences of successive whole numbers; null: all the same. */
  changes: number[] | null;
  plain: number[] | null;
}

/** What a reader of telemetry.reading_days or energy.channel_reading_days selects. */
export const readingDayColumns = `channel_id as "channelId", date_part('epoch', day::timestamp) * 1000 as "dayMs",
  round(date_part('epoch', first_time) * 1000000) as "firstMicros", round(date_part('epoch', last_time) * 1000000) as "lastMicros",
  count, step_us as "stepMicros", tick_us as "tickMicros", coalesce(gaps::int8[], wide_gaps) as gaps, divisor, first_whole as "firstWhole",
  coalesce(changes::int8[], wide_changes) as changes, plain`;

const ticks = [1_000_000, 1_000, 1];
/** Up to nine decimals; more are no meter's. */
const divisors = Array.from({ length: 10 }, (_, decimals) => 10 ** decimals);
/** Sums of differences stay exact in float8 below this. */
const largestWhole = 2 ** 52;

/** @throws when there is nothing to pack */
export function packReadings({ micros, values }: Readings): ReadingDay {
  if (!micros.length) throw new Error("a day without readings cannot be packed");
  const spans = differences(micros);
  const stepMicros = median(spans);
  const rests = spans.map((span) => span - stepMicros);
  const tickMicros = ticks.find((tick) => rests.every((rest) => rest % tick === 0))!;
  const divisor = divisors.find((candidate) => values.every((value) => isWhole(value, candidate))) ?? null;
  const wholes = divisor === null ? null : values.map((value) => Math.round(value * divisor));
  return {
    firstMicros: micros[0]!,
    lastMicros: micros.at(-1)!,
    count: micros.length,
    ...{ stepMicros, tickMicros },
    gaps: nullWhenZero(rests.map((rest) => rest / tickMicros)),
    divisor,
    firstWhole: wholes && wholes[0]!,
    changes: wholes && nullWhenZero(differences(wholes)),
    plain: wholes ? null : values,
  };
}

/** Whether dividing gives this very value back; -0 is not the 0 that a whole number would give. */
function isWhole(value: number, divisor: number): boolean {
  const whole = Math.round(value * divisor);
  return Math.abs(whole) < largestWhole && whole / divisor === value && !Object.is(value, -0);
}

const differences = (numbers: readonly number[]): number[] => numbers.slice(1).map((number, i) => number - numbers[i]!);

const median = (numbers: readonly number[]): number => Float64Array.from(numbers).sort()[numbers.length >> 1] ?? 0;

const nullWhenZero = (numbers: number[]): number[] | null => (numbers.some((number) => number !== 0) ? numbers : null);

export function unpackReadings(day: ReadingDay): Readings {
  const { count, stepMicros, tickMicros, gaps, divisor, changes, plain } = day;
  const micros = new Array<number>(count);
  const values = plain ?? new Array<number>(count);
  let time = day.firstMicros;
  let whole = day.firstWhole ?? 0;
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      time += stepMicros + (gaps ? tickMicros * gaps[i - 1]! : 0);
      if (changes) whole += changes[i - 1]!;
    }
    micros[i] = time;
    if (!plain) values[i] = whole / divisor!;
  }
  return { micros, values };
}

/** Both ascending; of the same time, `over` wins. */
export function overlayReadings(under: Readings, over: Readings): Readings {
  if (!under.micros.length) return over;
  if (!over.micros.length) return under;
  const merged: Readings = { micros: [], values: [] };
  const take = ({ micros, values }: Readings, i: number) => {
    merged.micros.push(micros[i]!);
    merged.values.push(values[i]!);
  };
  let [u, o] = [0, 0];
  while (u < under.micros.length || o < over.micros.length) {
    const [below, above] = [under.micros[u] ?? Infinity, over.micros[o] ?? Infinity];
    if (below < above) take(under, u++);
    else {
      if (below === above) u++;
      take(over, o++);
    }
  }
  return merged;
}

/** The part in [fromMicros, toMicros). */
export function cutReadings({ micros, values }: Readings, fromMicros: number, toMicros: number): Readings {
  const [from, to] = [indexFrom(micros, fromMicros), indexFrom(micros, toMicros)];
  return from === 0 && to === micros.length
    ? { micros, values }
    : { micros: micros.slice(from, to), values: values.slice(from, to) };
}

/** How many are before an instant. */
function indexFrom(micros: readonly number[], instant: number): number {
  let [low, high] = [0, micros.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (micros[middle]! < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
