import type { Step } from "../../domain/local-time/steps.ts";
import { zoned } from "../../domain/local-time/zone.ts";
import type { Cell } from "./csv.ts";

/**
 * The one form of every chart's download: a step a row, its time in UTC and on the site's clock with its offset, what the chart
 * shows of it, and how much of it was measured, estimated and missing.
 */
export interface Column<T> {
  name: string;
  of: (item: T) => Cell;
}

export const utc = (ms: number): string => new Date(Math.round(ms)).toISOString();
export const local = (ms: number, timezone: string): string =>
  zoned(timezone, Math.round(ms)).toString({ timeZoneName: "never", smallestUnit: "second" });

/** Amounts to a millionth: what is beyond is the noise of adding. */
export const amount = (value: number | null): number | null => (value === null ? null : Math.round(value * 1e6) / 1e6);

export interface Known {
  completeness: number;
  /** The estimated part of what the row is about, 0 to 1. */
  estimatedShare: number;
}

export function* stepRows<T extends Step>(
  items: Iterable<T>,
  { timezone, columns, known }: { timezone: string; columns: readonly Column<T>[]; known: (item: T) => Known },
): Generator<Cell[]> {
  yield ["start", "end", "start_local", "end_local", ...columns.map(({ name }) => name), ...qualityColumns];
  for (const item of items) {
    const times = [utc(item.startMs), utc(item.endMs), local(item.startMs, timezone), local(item.endMs, timezone)];
    yield [...times, ...columns.map(({ of }) => of(item)), ...qualityCells(known(item))];
  }
}

export const qualityColumns = ["measured_share", "estimated_share", "missing_share"] as const;

export function qualityCells({ completeness, estimatedShare }: Known): Cell[] {
  return [completeness * (1 - estimatedShare), completeness * estimatedShare, 1 - completeness].map(amount);
}
