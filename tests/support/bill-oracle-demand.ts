import { Decimal } from "decimal.js";
import { number, type OracleComponent, type Scope } from "./bill-oracle-case.ts";
import type { OraclePart } from "./bill-oracle-rate.ts";
import { dateOf, holdsIn, isWithin, type DayRange, type Quarter } from "./bill-oracle-time.ts";

/** The demand charges of the bill's oracle: mean powers of local quarter, half and whole hours, one after the other. */
interface Interval {
  day: string;
  kw: Decimal;
}

export function demandOf(part: OraclePart, c: OracleComponent): [Decimal, Decimal][] {
  const scopes = new Map<string, DayRange>();
  for (const q of part.quarters) {
    const scope = part.days.scope(looksBack(c) ? "month" : (c.peakOf ?? "billing-period"), q);
    scopes.set(scope.from, scope);
  }
  return [...scopes.values()]
    .filter((scope) => hasHours(part, c, scope))
    .map((scope) => {
      const kw = billedKw(part, c, scope);
      const charged = part.quarters.filter((q) => isWithin(q, scope));
      const count = part.days.count((c.per ?? "billing-period") as Scope, charged);
      if (!c.steps) return [count.times(kw), count.times(kw).times(c.price as string)];
      const step = c.steps.find(({ upTo }) => upTo === undefined || kw.lte(upTo))!;
      return [count, count.times(step.amount)];
    });
}

/** What looks back on months is of a month, whatever else its peak would be sought in. */
const looksBack = ({ basis }: OracleComponent): boolean => basis?.kind === "rolling-mean" || basis?.kind === "ratchet";

/** Whether the charge's hours come at all in a scope; one that looks back on months is charged anyway. */
function hasHours(part: OraclePart, c: OracleComponent, scope: DayRange): boolean {
  const { when } = c;
  if (!when || looksBack(c)) return true;
  for (let day = scope.from; day < scope.to; day = dateOf(day).add({ days: 1 }).toString())
    for (let minute = 0; minute < 1440; minute += 15)
      if (when.some((window) => holdsIn(part.tariff, window, { day, minute }))) return true;
  return false;
}

function billedKw(part: OraclePart, c: OracleComponent, scope: DayRange): Decimal {
  const basis = c.basis ?? { kind: "highest" };
  const least = number(c.minimumKw ?? 0);
  const count = basis.kind === "mean-of-highest" ? basis.count! : 1;
  const here = peaksIn(part, c, scope, basis.oneADay ?? false).slice(0, count);
  const peak = mean(here.map((kw) => Decimal.max(kw, least))) ?? least;
  if (basis.kind !== "rolling-mean" && basis.kind !== "ratchet") return peak;
  const earlier = Array.from(
    { length: (basis.months ?? (basis.kind === "ratchet" ? 11 : 12)) - (basis.kind === "ratchet" ? 0 : 1) },
    (_, i) => {
      const month = dateOf(scope.from).subtract({ months: i + 1 });
      return peaksIn(part, c, part.days.range(month, month.add({ months: 1 })), false).slice(0, 1);
    },
  ).flat();
  const raised = earlier.map((kw) => Decimal.max(kw, least));
  if (basis.kind === "rolling-mean") return mean([...(here.length > 0 ? [peak] : []), ...raised]) ?? least;
  return Decimal.max(peak, ...raised.map((kw) => kw.times(basis.percent ?? 100).div(100)));
}

const mean = (kws: Decimal[]): Decimal | null =>
  kws.length === 0 ? null : kws.reduce((a, b) => a.plus(b), number(0)).div(kws.length);

/** The mean powers within some days, the highest first; estimated ones only where nothing was measured. */
function peaksIn(part: OraclePart, c: OracleComponent, scope: DayRange, oneADay: boolean): Decimal[] {
  const measured = intervalsIn(part, c, scope, false);
  const intervals = measured.length > 0 ? measured : intervalsIn(part, c, scope, true);
  const sorted = intervals.sort((a, b) => b.kw.comparedTo(a.kw));
  if (!oneADay) return sorted.map(({ kw }) => kw);
  const days = new Set<string>();
  return sorted.filter(({ day }) => !days.has(day) && days.add(day)).map(({ kw }) => kw);
}

function intervalsIn(part: OraclePart, c: OracleComponent, scope: DayRange, wantsEstimated: boolean): Interval[] {
  const minutes = c.interval ?? 15;
  const intervals = new Map<number, { first: Quarter; kwh: Decimal; isEstimated: boolean; isGiven: boolean }>();
  for (const q of part.all) {
    if (!isWithin(q, scope)) continue;
    const startMs = q.ms - (q.minute % minutes) * 60_000;
    if (!intervals.has(startMs))
      intervals.set(startMs, { first: q, kwh: number(0), isEstimated: false, isGiven: false });
    const interval = intervals.get(startMs)!;
    interval.kwh = interval.kwh.plus(c.flow === "export" ? q.exported : q.imported);
    interval.isEstimated ||= c.flow !== "export" && q.estimated.gt(0);
    interval.isGiven ||= q.given;
  }
  return [...intervals.values()]
    .filter(({ isGiven, isEstimated }) => isGiven && isEstimated === wantsEstimated)
    .filter(({ first }) => !c.when || c.when.some((window) => holdsIn(part.tariff, window, first)))
    .map(({ first, kwh }) => ({ day: first.day, kw: kwh.times(60).div(minutes) }));
}
