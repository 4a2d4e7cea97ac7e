import { isoDay, localDay } from "../local-time/civil-day.ts";
import type { Bill } from "./bill.ts";
import type { Line } from "./line.ts";
import type { Money } from "./money.ts";

/**
 * A bill as JSON. Amounts, quantities and unit prices are JSON numbers, written in decimal as they are (12.34); `exact` is text,
 * because it may have more digits than a reader's float.
 */
export function billJson(bill: Bill): BillJson {
  const { period, completeness, timezone } = bill;
  return {
    currency: bill.currency,
    timezone,
    from: iso(period.fromMs),
    to: iso(period.toMs),
    fromDay: isoDay(localDay(timezone, period.fromMs)),
    lastDay: isoDay(localDay(timezone, period.toMs - 1)),
    total: number(bill.total),
    exactTotal: bill.exactTotal.toFixed(),
    roundingDifference: number(bill.total.minus(bill.exactTotal)),
    lines: bill.lines.map(lineJson),
    completeness: {
      imported: number(completeness.imported),
      exported: number(completeness.exported),
      estimated: number(completeness.estimated),
      covered: completeness.covered,
      completeTo: completeness.completeToMs === null ? null : iso(completeness.completeToMs),
    },
    notes: bill.notes,
  };
}

export function lineJson(line: Line): LineJson {
  const { component, type, name, rate, validFrom, period, unit, isMean, arithmetic, on, notes } = line;
  return {
    ...{ component, type, name, rate },
    validFrom: validFrom === null ? null : isoDay(validFrom),
    from: iso(period.fromMs),
    to: iso(period.toMs),
    quantity: number(line.quantity),
    unit,
    unitPrice: line.unitPrice === null ? null : number(line.unitPrice),
    isMean,
    amount: number(line.amount),
    exact: line.exact.toFixed(),
    arithmetic,
    estimated: number(line.estimated),
    ...(on === undefined ? {} : { on }),
    notes,
    buckets: line.ranges.map(([from, to]) => [iso(from), iso(to)]),
  };
}

export interface LineJson {
  component: string;
  type: string;
  name: string;
  rate: string | null;
  validFrom: string | null;
  from: string;
  to: string;
  quantity: number;
  unit: string;
  unitPrice: number | null;
  isMean: boolean;
  amount: number;
  exact: string;
  arithmetic: string;
  estimated: number;
  on?: string[];
  notes: string[];
  buckets: string[][];
}

export interface BillJson {
  currency: string;
  timezone: string;
  from: string;
  to: string;
  fromDay: string;
  lastDay: string;
  total: number;
  exactTotal: string;
  roundingDifference: number;
  lines: LineJson[];
  completeness: { imported: number; exported: number; estimated: number; covered: number; completeTo: string | null };
  notes: string[];
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const number = (value: Money): number => value.toDecimalPlaces(12).toNumber();
