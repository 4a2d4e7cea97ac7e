import { offsetMs } from "../local-time/zone.ts";
import { billedKw, demandCost, type KnownPeaks } from "../tariff/billed-kw.ts";
import type { ComponentOf } from "../tariff/component-schema.ts";
import { Money } from "../tariff/money.ts";

/**
 * The running 15, 30 or 60 minutes against the month's peak: where the mean is heading, what it would cost, how much may still
 * be drawn, and which devices drive it. 10 minutes at 6 kW and 5 at 9 kW are a mean of 7 kW.
 */
export interface GuardInput {
  nowMs: number;
  timezone: string;
  demand: ComponentOf<"demand">;
  /** kWh drawn since the window began (see `runningWindow`). */
  energyKwh: number;
  /** W drawn now: what the projection goes on with. */
  powerW: number;
  /** Peaks that are known already, of this month and before. */
  peaks: KnownPeaks;
  /** Where each day counts once: which of the month's peaks is today's, so that a higher one replaces it; null: none is. */
  todaysPeak?: number | null;
  /** What the charge is per, as a length of the month: 1 month, or 0.085 of a year (`lengthIn` says it). */
  length: Money;
  devices?: readonly { name: string; powerW: number }[];
}

export interface GuardState {
  fromMs: number;
  toMs: number;
  secondsLeft: number;
  /** The window's mean if nothing more were drawn, and if the power stays as it is. */
  reachedKw: number;
  projectedKw: number;
  /** What must not be exceeded: the lowest peak that would be displaced, or the minimum that is billed anyway. */
  limitKw: number;
  isOver: boolean;
  /** Mean W that may be drawn for the rest of the window without a new peak: 0 where it is too late. */
  roomW: number;
  /** What a window at the projected mean adds to the charge. */
  addedCost: Money;
  /** The power that is billed, and what it costs: as it is, and with a window at the projected mean. */
  billed: { kw: Money; cost: Money; withKw: Money; withCost: Money };
  /** Devices by their power; `suffices`: without it (and nothing else changed) there is no new peak. */
  drivers: { name: string; powerW: number; share: number; suffices: boolean }[];
}

const hourMs = 3_600_000;

/** The window of a demand charge that holds an instant, aligned to the local hour. */
export function runningWindow({ interval }: { interval: number }, timezone: string, ms: number) {
  const length = interval * 60_000;
  const local = ms + offsetMs(timezone, ms);
  const fromMs = ms - (((local % length) + length) % length);
  return { fromMs, toMs: fromMs + length };
}

export function guardDemand(input: GuardInput): GuardState {
  const { nowMs, demand, energyKwh, powerW, peaks, length, todaysPeak = null, devices = [] } = input;
  const { fromMs, toMs } = runningWindow(demand, input.timezone, nowMs);
  const hours = (toMs - fromMs) / hourMs;
  const hoursLeft = (toMs - nowMs) / hourMs;
  const projectedKw = (energyKwh + (powerW / 1000) * hoursLeft) / hours;
  const limitKw = limitOf(demand, peaks, todaysPeak);
  const roomKwh = Math.max(0, limitKw * hours - energyKwh);
  const neededKw = projectedKw - limitKw;
  const billed = billedWith(demand, { peaks, todaysPeak, kw: new Money(Math.max(0, projectedKw)), length });
  const total = devices.reduce((sum, device) => sum + Math.max(0, device.powerW), 0);
  return {
    ...{ fromMs, toMs, projectedKw, limitKw },
    secondsLeft: (toMs - nowMs) / 1000,
    reachedKw: energyKwh / hours,
    isOver: neededKw > 0,
    roomW: hoursLeft > 0 ? (roomKwh / hoursLeft) * 1000 : 0,
    addedCost: Money.max(0, billed.withCost.minus(billed.cost)),
    billed,
    drivers: devices
      .filter((device) => device.powerW > 0)
      .sort((a, b) => b.powerW - a.powerW)
      .map((device) => ({
        ...device,
        share: device.powerW / Math.max(total, powerW),
        suffices: neededKw > 0 && ((device.powerW / 1000) * hoursLeft) / hours >= neededKw,
      })),
  };
}

/** Below it, a window changes nothing of the charge. */
function limitOf(
  { basis, minimumKw }: ComponentOf<"demand">,
  { own, before }: KnownPeaks,
  todaysPeak: number | null,
): number {
  const displaced = own[todaysPeak ?? (basis.kind === "mean-of-highest" ? basis.count - 1 : 0)];
  const held =
    basis.kind === "ratchet"
      ? Money.max(0, ...before)
          .times(basis.percent)
          .div(100)
      : new Money(0);
  return Money.max(displaced ?? 0, held, minimumKw ?? 0).toNumber();
}

function billedWith(
  demand: ComponentOf<"demand">,
  { peaks, todaysPeak, kw: more, length }: { peaks: KnownPeaks; todaysPeak: number | null; kw: Money; length: Money },
): GuardState["billed"] {
  const others = peaks.own.filter((_, i) => i !== todaysPeak);
  const ofToday = todaysPeak === null ? more : Money.max(more, peaks.own[todaysPeak]!);
  const own = [...others, ofToday].sort((a, b) => b.comparedTo(a));
  const [kw, withKw] = [billedKw(demand, peaks), billedKw(demand, { own, before: peaks.before })];
  return { kw, cost: demandCost(demand, kw, length), withKw, withCost: demandCost(demand, withKw, length) };
}
