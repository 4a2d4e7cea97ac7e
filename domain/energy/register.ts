import type { Reading } from "../reading.ts";
import type { EnergyChannel, Replacement } from "./channel-config.ts";

/**
 * What a register's readings mean one after the other. This is the place of the five register events (jitter, glitch,
 * rollover, reset, replacement): until they are told apart, a fall is pending, counts nothing, and the time up to the first
 * reading after it is missing. 100, 100.5, 3, 3.5 gives the steps 0.5, (pending), 0.5: nothing is invented, nothing negative.
 */
export interface Step {
  from: Reading;
  to: Reading;
  /** What the register turned, in its unit; null: not known (pending). */
  turned: number | null;
}

/** The steps between successive readings (ascending). A net register (`both`) may fall: its steps may be negative. */
export function* registerSteps(channel: EnergyChannel, readings: readonly Reading[]): Generator<Step> {
  const mayFall = channel.direction === "both";
  for (let i = 1; i < readings.length; i++) {
    const from = readings[i - 1]!;
    const to = readings[i]!;
    const replacement = channel.replacements?.find(({ atMs }) => from.timeMs < atMs && atMs <= to.timeMs);
    const turned = replacement ? turnedAcross(replacement, from, to) : to.value - from.value;
    yield { from, to, turned: turned >= 0 || mayFall ? turned : null };
  }
}

/** The jump itself is nothing: what the old register still turned, and what the new one has turned since. */
function turnedAcross({ finalValue, firstValue }: Replacement, from: Reading, to: Reading): number {
  return (finalValue ?? from.value) - from.value + to.value - (firstValue ?? to.value);
}
