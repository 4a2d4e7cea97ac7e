import { addMonths, isoDay, localDay, parseDay, type DayNumber } from "../../domain/local-time/civil-day.ts";
import { heldPeriod } from "../../domain/tariff/costs.ts";
import type { TariffVersion } from "../../domain/tariff/contract.ts";
import { scopeAt } from "../../domain/tariff/scope.ts";

/** Days [from, to) that a bill is for: "2026-03-01", "2026-04-01". */
export interface BillDays {
  from: string;
  to: string;
  /** Up to when of them; left out: all that has been. */
  untilMs?: number;
}

/** The days as an address has them. */
export const daysQuery = ({ from, to, untilMs }: BillDays): string =>
  `from=${from}&to=${to}${untilMs === undefined ? "" : `&until=${untilMs}`}`;

interface Billed {
  versions: readonly TariffVersion[];
  endsMs: number;
}

const most = 24;
/** Where a contract does not say since when it holds, so much of the past is offered. */
const monthsBack = 24;
export const longestBillDays = 1_100;

/** The billing periods of a contract up to the running one, newest first. */
export function billPeriods(contract: Billed, timezone: string, nowMs: number): BillDays[] {
  const held = heldPeriod(contract, timezone);
  const lastMs = Math.min(nowMs, held.toMs - 1);
  const today = localDay(timezone, lastMs);
  const first = Number.isFinite(held.fromMs) ? localDay(timezone, held.fromMs) : addMonths(today, -monthsBack);
  const periods: BillDays[] = [];
  for (let day = today; day >= first && periods.length < most;) {
    const { fromDay, toDay } = scopeAt("billing-period", day, billingAt(contract, day), {
      timezone,
      asked: { fromMs: lastMs, toMs: lastMs + 1 },
    });
    const from = Math.max(first, fromDay);
    periods.push({ from: isoDay(from), to: isoDay(toDay) });
    day = from - 1;
  }
  return periods;
}

const monthly = { months: 1, start: "2000-01-01" };

function billingAt({ versions }: Billed, day: DayNumber) {
  const version = versions.findLast(({ validFrom }) => validFrom === null || validFrom <= day) ?? versions[0]!;
  return version.tariff.billing ?? monthly;
}

/** The days that an address asks for; of none, or none that can be billed: the last whole billing period, else the running one. */
export function readBillDays(query: URLSearchParams, periods: readonly BillDays[], today: string): BillDays {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const [first, end] = [parseDay(from), parseDay(to)];
  const until = Number(query.get("until") ?? NaN);
  if (first !== null && end !== null && first < end && end - first <= longestBillDays)
    return { from, to, ...(Number.isFinite(until) && until > 0 && { untilMs: until }) };
  return (
    periods.find((period) => period.to <= today) ?? periods[0] ?? { from: today, to: isoDay(parseDay(today)! + 1) }
  );
}

/** The day after a day of the calendar: bills name the first day that they are not for. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
