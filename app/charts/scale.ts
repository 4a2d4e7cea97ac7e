/** Round numbers for an axis. */

/** The next of 1, 2, 2.5, 5 times a power of ten at or above a positive value. */
export function niceStep(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= value * (1 - 1e-9))!;
}

export interface Scale {
  top: number;
  /** Zero or negative. */
  bottom: number;
  ticks: number[];
  /** Where a value lies, from 0 (top) to 1 (bottom). */
  at(value: number): number;
}

/** An axis from the highest value up to the lowest down, through zero, with about `count` ticks. Without any height: 0 to 1. */
export function scaleOf(highest: number, lowest: number, count = 4): Scale {
  const high = Math.max(0, highest);
  const low = Math.min(0, lowest);
  const step = niceStep((high - low) / count || 1);
  const top = Math.max(high > 0 || low === 0 ? step : 0, Math.ceil(high / step - 1e-9) * step);
  // Little below zero needs little room: half a step is enough.
  const bottom = Math.floor(low / (step / 2) + 1e-9) * (step / 2) || 0;
  const ticks = Array.from({ length: Math.floor((top - bottom) / step + 1e-9) + 1 }, (_, i) => top - i * step).map(
    (tick) => Math.round(tick * 1e9) / 1e9 || 0,
  );
  return { top, bottom, ticks, at: (value) => (top - value) / (top - bottom) };
}
