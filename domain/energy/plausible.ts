import type { Reading } from "../reading.ts";
import type { EnergyChannel } from "./channel-config.ts";

/**
 * Whether one reading of a register can follow another: no lower than jitter allows and no higher than max_power allows.
 * Worked, at 50 kW: 60 s after 100.5 the register may show up to 100.5 + 0.833 + 0.1 (one unit of the last place sent).
 */
export interface Plausibility {
  /** What the register may turn in an hour, in its unit, at an instant. */
  limitOf: (timeMs: number) => number;
  channel: Pick<EnergyChannel, "direction" | "scale" | "shift">;
  /** The decimals of readings that were looked at: each is compared with many others where nothing is plausible. */
  decimals?: WeakMap<Reading, number>;
}

/** A net register: falling is turning backwards. */
export const mayFall = ({ channel }: Plausibility): boolean => channel.direction === "both";

const hourMs = 3_600_000;
const jitterShare = 0.001;
const jitterMost = 0.5;
const stepMost = 1;
/** Sums of decimals miss by a few units in the last binary place: 300 - 299.7 is more than 0.3. */
const noise = 8 * Number.EPSILON;

/** The dip that is still jitter below a running maximum: 0.1 % of it or 0.5, whichever is less. */
export const jitterBelow = (level: number): number => Math.max(0, Math.min(jitterShare * level, jitterMost));

/** `a <= b`, where both come of levels of this size. */
export const isAtMost = (a: number, b: number, level: number): boolean => a <= b + noise * Math.abs(level);

/** What may have turned from one reading to another: max_power x the time between, plus one step of the register. */
export function isWithinLimit(rules: Plausibility, amount: number, from: Reading, to: Reading): boolean {
  const byTime = (rules.limitOf(to.timeMs) * (to.timeMs - from.timeMs)) / hourMs;
  if (amount <= byTime) return true;
  const level = Math.max(Math.abs(from.value), Math.abs(to.value));
  if (!isAtMost(amount, byTime + stepMost, level)) return false;
  return isAtMost(amount, byTime + Math.min(stepMost, lastPlace(rules, from, to)), level);
}

/** One unit of the last decimal place in which either of two readings was sent: 100 and 100.25 give 0.01. */
function lastPlace(rules: Plausibility, a: Reading, b: Reading): number {
  return 10 ** -Math.max(decimalsOf(rules, a), decimalsOf(rules, b)) * Math.abs(rules.channel.scale ?? 1);
}

function decimalsOf({ channel: { scale = 1, shift = 0 }, decimals: known }: Plausibility, reading: Reading): number {
  const counted = known?.get(reading);
  if (counted !== undefined) return counted;
  const count = decimals((reading.value - shift) / scale);
  known?.set(reading, count);
  return count;
}

/** Of the shortest decimal form; fifteen digits, since a converted value may end in binary noise (0.30000000000000004). */
function decimals(value: number): number {
  const [mantissa, exponent] = Number(value.toPrecision(15)).toExponential().split("e") as [string, string];
  return Math.max(0, mantissa.replace(/^-?\d\.?/, "").length - Number(exponent));
}

/** The plain way on: up (or, where it may fall, down) and not too fast. */
export function follows(rules: Plausibility, from: Reading, to: Reading): boolean {
  const turned = to.value - from.value;
  if (turned < 0 && !mayFall(rules)) return false;
  return isWithinLimit(rules, Math.abs(turned), from, to);
}

/** Below a running maximum by no more than jitter. */
export function isDip(rules: Plausibility, level: number, value: number): boolean {
  return !mayFall(rules) && value < level && isAtMost(level - value, jitterBelow(level), level);
}

export function isPlausible(rules: Plausibility, from: Reading, to: Reading): boolean {
  return follows(rules, from, to) || isDip(rules, from.value, to.value);
}
