import {
  addLocalDays,
  addLocalMonths,
  startOfLocalDay,
  startOfLocalMonth,
  type StepName,
} from "../../domain/local-time/steps.ts";

/** How far back a channel's chart goes. */
export const rangeNames = ["hour", "day", "week", "month", "year"] as const;
export type RangeName = (typeof rangeNames)[number];

export interface RangeWindow {
  name: RangeName;
  fromMs: number;
  toMs: number;
  /** It ends now, and goes on. */
  isRunning: boolean;
  /** End of the window before this one, and of the one after it; null: the one after it is the running one. */
  previousToMs: number;
  nextToMs: number | null;
}

const hourMs = 3_600_000;

/**
 * The window of a range that ends at `toMs` (null, or not in the past: now). Hour and day slide; week, month and year begin
 * with a local day or month, so that their steps are whole: a week is the day of its end and the six before it.
 */
export function rangeWindow(
  name: RangeName,
  { toMs, nowMs, timezone }: { toMs: number | null; nowMs: number; timezone: string },
): RangeWindow {
  const isRunning = toMs === null || !Number.isFinite(toMs) || toMs <= 0 || toMs >= nowMs;
  const endMs = isRunning ? nowMs : toMs;
  const fromMs = startOf(name, endMs, timezone);
  const nextMs = endMs + (endMs - fromMs);
  return { name, fromMs, toMs: endMs, isRunning, previousToMs: fromMs, nextToMs: nextMs < nowMs ? nextMs : null };
}

function startOf(name: RangeName, endMs: number, timezone: string): number {
  // An end at midnight belongs to the day before it.
  const lastMs = endMs - 1;
  switch (name) {
    case "hour":
      return endMs - hourMs;
    case "day":
      return endMs - 24 * hourMs;
    case "week":
      return addLocalDays(timezone, startOfLocalDay(timezone, lastMs), -6);
    case "month":
      return addLocalDays(timezone, startOfLocalDay(timezone, lastMs), -29);
    case "year":
      return addLocalMonths(timezone, startOfLocalMonth(timezone, lastMs), -11);
  }
}

/** How finely a range is cut: means of gauges, and energy of registers. null: the readings themselves. */
export const meanSteps: Record<RangeName, StepName | null> = {
  hour: null,
  day: null,
  week: "15m",
  month: "hour",
  year: "day",
};
export const energySteps: Record<RangeName, StepName> = {
  hour: "15m",
  day: "hour",
  week: "day",
  month: "day",
  year: "month",
};
