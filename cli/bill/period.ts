import { parseDay, startOfDay, addMonths } from "../../domain/local-time/civil-day.ts";
import type { Period } from "../../domain/tariff/scope.ts";

/** The period of a bill as a person gives it: days, months, years or instants. */
export function instantOf(text: string, timezone: string): number | null {
  const day = parseDay(/^\d{4}$/.test(text) ? `${text}-01-01` : /^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text);
  if (day !== null) return startOfDay(timezone, day);
  // A clock time without a zone would be read in the machine's.
  if (!/T.*(Z|[+-]\d{2}:?\d{2})$/i.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** "2026" is a year, "2026-03" a month, "2026-03-29" a day, "2026-03-01/2026-04-01" from and to. */
export function periodOf(text: string, timezone: string): Period | null {
  const [from, to] = text.split("/");
  if (to !== undefined) return between(instantOf(from!, timezone), instantOf(to, timezone));
  if (/^\d{4}$/.test(text)) return between(instantOf(text, timezone), instantOf(String(Number(text) + 1), timezone));
  const isMonth = /^\d{4}-\d{2}$/.test(text);
  const first = parseDay(isMonth ? `${text}-01` : text);
  if (first === null) return null;
  const end = isMonth ? addMonths(first, 1) : first + 1;
  return { fromMs: startOfDay(timezone, first), toMs: startOfDay(timezone, end) };
}

const between = (fromMs: number | null, toMs: number | null): Period | null =>
  fromMs === null || toMs === null ? null : { fromMs, toMs };
