import type { Reading } from "../reading.ts";
import type { EnergyChannel } from "./channel-config.ts";

/**
 * A register's readings, cut into good, continuous stretches: within one, the register only rises, and what it turned is
 * its last value minus its first.
 *
 * Today there is one rule: a fall ends a stretch. The time from the last reading before the fall to the first one after it
 * is missing, and counts nothing: nobody knows yet what the fall was (it is pending).
 * Worked: 100, 100.5, 0, 0.5, 1 is cut into 100, 100.5 and 0, 0.5, 1: 0.5 + 1 kWh, and the minute of the fall is missing.
 *
 * Still to come, here and nowhere else: the five events (jitter, glitch, rollover, reset, replacement), which drop wrong
 * readings, join stretches or name the cut, and the upward jump by more than `max_power` allows, which counts in full
 * until then.
 */
export interface Stretch {
  /** Index of the first reading, and of the one after the last. Never empty. */
  from: number;
  to: number;
}

export interface RegisterCut {
  /** The good readings, ascending; those given, as long as no event drops any. */
  readings: readonly Reading[];
  stretches: Stretch[];
}

/**
 * Cuts a register's readings into stretches.
 *
 * @param channel a register of both directions (`energy.net`) may fall: it is one stretch, its falls are reverse energy
 * @param readings ascending, each time once, in the channel's unit
 */
export function cutRegister(channel: EnergyChannel, readings: readonly Reading[]): RegisterCut {
  if (readings.length === 0) return { readings, stretches: [] };
  const stretches: Stretch[] = [];
  let from = 0;
  if (channel.direction !== "both") {
    for (let i = 1; i < readings.length; i++) {
      if (readings[i]!.value >= readings[i - 1]!.value) continue;
      stretches.push({ from, to: i });
      from = i;
    }
  }
  stretches.push({ from, to: readings.length });
  return { readings, stretches };
}
