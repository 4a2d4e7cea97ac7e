import { localDay } from "../local-time/civil-day.ts";
import { bucketCeil, bucketMs, bucketStart } from "../rollup/bucket.ts";
import type { ComponentOf } from "../tariff/component-schema.ts";
import { demandScope, monthsBefore } from "../tariff/demand.ts";
import { perUnit } from "../tariff/exact-sum.ts";
import { Money } from "../tariff/money.ts";
import { peaksOf, type Peak } from "../tariff/peaks.ts";
import { lengthIn, scopeAt, scopePeriod, type Period } from "../tariff/scope.ts";
import type { Tariff } from "../tariff/tariff.ts";
import { emptyUsage, endOf, indexAt, type Usage } from "../tariff/usage.ts";
import { guardDemand, runningWindow, type GuardState } from "./guard.ts";

/**
 * What the demand guard knows at one moment, in a form that can be sent: with the power of each later moment it says where the
 * running window is heading (`guardNow`), without asking again for what was measured.
 */
export interface GuardBase {
  demand: ComponentOf<"demand">;
  timezone: string;
  /** kW as decimal text: of this month (or billing period) highest first, and of the months before. */
  own: string[];
  before: string[];
  /** Where each day counts once: which of `own` is today's; null: none is. */
  todaysPeak: number | null;
  length: string;
  /** What was measured of the window that began at fromMs, up to toMs. */
  measured: { fromMs: number; toMs: number; energyKwh: number };
  /** Whether this window counts at all: some charges are for certain hours only. */
  isCharged: boolean;
}

/** @param usage from before the months that the charge looks back on, up to now. */
export function guardBase(
  usage: Usage,
  {
    tariff,
    demand,
    timezone,
    nowMs,
  }: { tariff: Tariff; demand: ComponentOf<"demand">; timezone: string; nowMs: number },
): GuardBase {
  const window = runningWindow(demand, timezone, nowMs);
  const calendar = { timezone, asked: { fromMs: window.fromMs, toMs: window.toMs } };
  const scope = scopePeriod(
    scopeAt(demandScope(demand), localDay(timezone, nowMs), tariff.billing, calendar),
    timezone,
  );
  const { basis } = demand;
  const [count, oneADay] = basis.kind === "mean-of-highest" ? [basis.count, basis.oneADay] : [1, false];
  const peaksIn = (period: Period) => peaksOf(usage, period, demand, { tariff, timezone, count, oneADay }).highest;
  const textOf = ({ kw }: Peak) => kw.toFixed();
  const monthsBack = basis.kind === "ratchet" ? basis.months : basis.kind === "rolling-mean" ? basis.months - 1 : 0;
  const known = monthsBefore(scope, monthsBack, timezone).filter(({ toMs }) => toMs > usage.startMs);
  const own = scope.fromMs < window.fromMs ? peaksIn({ fromMs: scope.fromMs, toMs: window.fromMs }) : [];
  const today = own.findIndex(({ startMs }) => localDay(timezone, startMs) === localDay(timezone, window.fromMs));
  return {
    ...{ demand, timezone },
    own: own.map(textOf),
    before: known.flatMap((month) => peaksIn(month).slice(0, 1).map(textOf)),
    todaysPeak: oneADay && today >= 0 ? today : null,
    length: lengthIn(demand.per, scope, tariff.billing, calendar).toFixed(),
    measured: measuredOf(usage, window, nowMs),
    isCharged: countsAt(window, { tariff, demand, timezone }),
  };
}

function measuredOf(usage: Usage, { fromMs }: { fromMs: number }, nowMs: number): GuardBase["measured"] {
  let energyKwh = 0;
  let toMs = fromMs;
  const end = indexAt(usage, Math.min(endOf(usage), bucketCeil(nowMs)));
  for (let i = indexAt(usage, bucketStart(fromMs)); i < end; i++) {
    if (!(usage.coveredS[i]! > 0)) break;
    energyKwh += usage.imported[i]! / perUnit;
    toMs = usage.startMs + i * bucketMs + usage.coveredS[i]! * 1000;
  }
  return { fromMs, toMs: Math.min(toMs, nowMs), energyKwh };
}

/** A window of some energy is a peak where the charge's hours hold it. */
function countsAt(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { tariff, demand, timezone }: { tariff: Tariff; demand: ComponentOf<"demand">; timezone: string },
): boolean {
  const startMs = bucketStart(fromMs);
  const usage = emptyUsage(startMs, (bucketCeil(toMs) - startMs) / bucketMs);
  usage.imported.fill(perUnit);
  usage.coveredS.fill(bucketMs / 1000);
  const found = peaksOf(usage, { fromMs: startMs, toMs: bucketCeil(toMs) }, demand, { tariff, timezone, count: 1, oneADay: false }); // prettier-ignore
  return found.highest.length > 0;
}

/** Where the window that is running at a moment is heading, if the power stays what it is. */
export function guardNow(
  { demand, timezone, own, before, todaysPeak, length, measured }: GuardBase,
  { nowMs, powerW, devices }: { nowMs: number; powerW: number; devices?: { name: string; powerW: number }[] },
): GuardState {
  const { fromMs } = runningWindow(demand, timezone, nowMs);
  const isSame = measured.fromMs === fromMs;
  // What is not measured yet is taken to be drawn at the power of now.
  const sinceMs = isSame ? Math.max(measured.toMs, fromMs) : fromMs;
  const unknownKwh = (Math.max(0, nowMs - sinceMs) / 3_600_000) * (powerW / 1000);
  const decimals = (texts: readonly string[]) => texts.map((text) => new Money(text));
  return guardDemand({
    ...{ nowMs, timezone, demand, powerW },
    energyKwh: (isSame ? measured.energyKwh : 0) + unknownKwh,
    peaks: { own: decimals(own), before: decimals(before) },
    length: new Money(length),
    todaysPeak,
    ...(devices ? { devices } : {}),
  });
}
