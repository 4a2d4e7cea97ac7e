import { HOUR, QUARTER, bucketOf } from "./energy-oracle-pieces.ts";
import type { Piece } from "./energy-oracle-pieces.ts";

const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** Energy (kWh) counted from one reading of a register to another. */
interface Counted {
  from: number;
  to: number;
  kwh: number;
}

const flat = ({ from, to, kwh }: Counted, estimated: boolean): Piece => {
  const kw = kwh / ((to - from) / HOUR);
  return { from, to, p0: kw, p1: kw, estimated };
};

const floor = (time: number) => Math.floor(time / QUARTER) * QUARTER;
const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** The counted energy as pieces: linear where it is measured, by the profile (in UTC) where it is estimated. */
export function laid(counted: Counted[], maxGap: number): Piece[] {
  const isGap = ({ from, to }: Counted) => to - from > maxGap;
  const measured = counted.filter((pair) => !isGap(pair)).map((pair) => flat(pair, false));
  const gaps = counted.filter(isGap).flatMap((gap) => byProfile(gap, measured));
  return [...measured, ...gaps];
}

function byProfile(gap: Counted, measured: Piece[]): Piece[] {
  const weight = profile(gap.from, measured);
  if (!weight) return [flat(gap, true)];
  const parts: Counted[] = [];
  for (let start = floor(gap.from); start < gap.to; start += QUARTER) {
    const [from, to] = [Math.max(start, gap.from), Math.min(start + QUARTER, gap.to)];
    parts.push({ from, to, kwh: (weight(start) * (to - from)) / QUARTER });
  }
  const total = parts.reduce((sum, part) => sum + part.kwh, 0);
  if (!(total > 0)) return [flat(gap, true)];
  return parts.map((part) => flat({ ...part, kwh: (part.kwh / total) * gap.kwh }, true));
}

/** The mean of the same quarter-hour of the week over the fully measured buckets of the 4 weeks before. */
function profile(before: number, measured: Piece[]): ((start: number) => number) | null {
  if (measured.every((piece) => piece.from > before - 2 * WEEK)) return null;
  let oldest = before;
  const bySlot = new Map<number, number[]>();
  const recent = measured.filter((piece) => piece.to > before - 4 * WEEK);
  for (let start = floor(before - 4 * WEEK + QUARTER - 1); start + QUARTER <= before; start += QUARTER) {
    const { energyKwh, coveredSeconds } = bucketOf(recent, start);
    if (coveredSeconds < QUARTER / 1000) continue;
    oldest = Math.min(oldest, start);
    bySlot.set(start % WEEK, [...(bySlot.get(start % WEEK) ?? []), energyKwh]);
  }
  if (before - oldest < 2 * WEEK) return null;
  const ofAll = mean([...bySlot.values()].flat());
  return (start) => (bySlot.has(start % WEEK) ? mean(bySlot.get(start % WEEK)!) : ofAll);
}
