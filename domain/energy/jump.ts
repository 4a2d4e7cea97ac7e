import type { Reading } from "../reading.ts";
import type { EnergyChannel } from "./channel-config.ts";
import { isAtMost, isWithinLimit, mayFall, type Plausibility } from "./plausible.ts";

/** What a register that is at another level has done, if it stays there, and what the jump itself counts. */
export interface Jump {
  type: "rollover" | "reset" | "replacement";
  counted: number;
}

const edgeOfRange = 0.02;
const mostOfLevel = 0.5;

/**
 * In the order of the rules: a rollover (from the last 2 % of the range to the first 2 %), a reset (down to what can have been
 * counted since, and to half of the level before at most), else a replacement.
 * @param range what the register counts to before it begins again at 0. @param from the last good reading.
 */
export function jumpOf(channel: EnergyChannel, rules: Plausibility, range: number, from: Reading, to: Reading): Jump {
  const isWithin = (amount: number) => isWithinLimit(rules, amount, from, to);
  const isFall = to.value < from.value;
  const isNet = mayFall(rules);
  if (isFall && !isNet && !channel.restartsDaily) {
    const rolled = range - from.value + to.value;
    if (isAtEdges(range, from.value, to.value) && isWithin(rolled)) return { type: "rollover", counted: rolled };
  }
  if (isFall && isNearZero(from.value, to.value, isNet) && isWithin(Math.abs(to.value)))
    return { type: "reset", counted: to.value };
  return { type: "replacement", counted: 0 };
}

function isAtEdges(range: number, from: number, to: number): boolean {
  if (!(range > 0) || from > range || to < 0) return false;
  return isAtMost((1 - edgeOfRange) * range, from, range) && isAtMost(to, edgeOfRange * range, range);
}

function isNearZero(from: number, to: number, isNet: boolean): boolean {
  if (to < 0 && !isNet) return false;
  return isAtMost(Math.abs(to), mostOfLevel * Math.abs(from), from);
}
