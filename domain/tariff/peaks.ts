import { bucketMs } from "../rollup/bucket.ts";
import type { ComponentOf } from "./component-schema.ts";
import { perUnit } from "./exact-sum.ts";
import { Money } from "./money.ts";
import type { Period } from "./scope.ts";
import type { Tariff } from "./tariff.ts";
import { dayReader, rateTable } from "./time-of-use.ts";
import { calendarOf, indexAt, type Usage } from "./usage.ts";

/** Mean powers of 15, 30 or 60 minutes, aligned to the local hour. 2.5 kWh in a quarter-hour are 10 kW. */
export interface Peak {
  startMs: number;
  endMs: number;
  kw: Money;
}

export interface Peaks {
  /** Highest first, at most as many as were asked for. */
  highest: Peak[];
  /** The highest of the intervals that hold estimated energy, where it is above the lowest of the `highest`. */
  estimated: Peak | null;
}

interface Interval {
  from: number;
  to: number;
  sum: number;
}

/**
 * The highest intervals of a period. Energy that was estimated is laid by a profile, not by what was really drawn: such
 * intervals count only where there are no measured ones; an estimate is one of the energy taken, so it leaves peaks of export
 * alone. What is missing of an interval counts as nothing; an interval of which nothing is known is none: an outage of a month is no month
 * of 0 kW.
 */
export function peaksOf(
  usage: Usage,
  period: Period,
  demand: Pick<ComponentOf<"demand">, "interval" | "flow" | "when">,
  { tariff, timezone, count, oneADay }: { tariff: Tariff; timezone: string; count: number; oneADay: boolean },
): Peaks {
  const measured = new Highest(count, oneADay);
  const estimated = new Highest(count, oneADay);
  const { day } = calendarOf(usage, timezone);
  for (const interval of intervals(usage, period, demand, { tariff, timezone }))
    (demand.flow === "import" && hasEstimate(usage, interval) ? estimated : measured).offer(
      interval,
      day[interval.from]!,
    );
  const hours = demand.interval / 60;
  const peak = ({ from, to, sum }: Interval): Peak => ({
    startMs: usage.startMs + from * bucketMs,
    endMs: usage.startMs + to * bucketMs,
    kw: new Money(sum).div(perUnit).div(hours),
  });
  const { all } = measured;
  if (all.length === 0) return { highest: estimated.all.map(peak), estimated: null };
  const [doubtful] = estimated.all;
  const isAbove = doubtful !== undefined && doubtful.sum > all.at(-1)!.sum;
  return { highest: all.map(peak), estimated: isAbove ? peak(doubtful) : null };
}

function* intervals(
  usage: Usage,
  period: Period,
  { interval, flow, when }: Pick<ComponentOf<"demand">, "interval" | "flow" | "when">,
  { tariff, timezone }: { tariff: Tariff; timezone: string },
): Generator<Interval> {
  const { day, quarter } = calendarOf(usage, timezone);
  const column = flow === "import" ? usage.imported : usage.exported;
  const length = interval / 15;
  const read = dayReader(tariff);
  const table = when && rateTable([{ when }], tariff.seasons);
  const end = indexAt(usage, period.toMs);
  for (let i = indexAt(usage, period.fromMs); i < end;) {
    const from = i;
    let sum = 0;
    let isKnown = false;
    // Up to the next full interval of the wall clock, also where the clock jumps by half an hour.
    do {
      isKnown ||= usage.coveredS[i]! > 0;
      sum += column[i++]!;
    } while (i < end && i - from < length && quarter[i]! % length !== 0);
    if (!isKnown) continue;
    if (!table || table(read(day[from]!))[quarter[from]!] === 0) yield { from, to: i, sum };
  }
}

function hasEstimate({ estimated }: Usage, { from, to }: Interval): boolean {
  if (estimated === null) return false;
  for (let i = from; i < to; i++) if (estimated[i]! > 0) return true;
  return false;
}

/** The few highest intervals, highest first; of equal ones the earlier. */
class Highest {
  readonly all: (Interval & { day: number })[] = [];
  readonly #count: number;
  readonly #oneADay: boolean;

  constructor(count: number, oneADay: boolean) {
    this.#count = count;
    this.#oneADay = oneADay;
  }

  offer(interval: Interval, day: number): void {
    const { all } = this;
    if (all.length === this.#count && interval.sum <= all.at(-1)!.sum) return;
    const sameDay = this.#oneADay ? all.findIndex((other) => other.day === day) : -1;
    if (sameDay >= 0) {
      if (interval.sum <= all[sameDay]!.sum) return;
      all.splice(sameDay, 1);
    }
    const at = all.findIndex((other) => interval.sum > other.sum);
    all.splice(at < 0 ? all.length : at, 0, { ...interval, day });
    if (all.length > this.#count) all.pop();
  }
}
