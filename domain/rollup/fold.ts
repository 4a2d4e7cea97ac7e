import type { EnergyChannel, Gap } from "../energy/channel-config.ts";
import { integratesToEnergy, shapeOf } from "../energy/channel-config.ts";
import { addRegister } from "../energy/counter.ts";
import { addAmounts } from "../energy/delta.ts";
import { addHeld, addLines, addSteps } from "../energy/gauge.ts";
import type { ProfileBefore } from "../energy/profile.ts";
import { amountBuckets, countReadings, gaugeBuckets, newTally } from "../energy/tally.ts";
import type { Reading } from "../reading.ts";
import type { Bucket } from "./bucket.ts";

/**
 * A channel's readings become buckets: the one way from readings to energy.
 *
 * A bucket's content depends on the readings around it alone: not on the window asked for, and not on how many more readings
 * are given than it needs. So recomputing a few buckets gives what recomputing all would give, bit for bit.
 * Worked: a power gauge with 1000 W at 12:00, 12:10 and 12:20: the bucket of 12:00 holds 0.25 kWh, that of 12:15 holds
 * 0.0833 kWh with 300 s covered.
 */
export interface FoldInput {
  channel: EnergyChannel;
  gap: Gap;
  /** For a counter: the profile of the gap that starts at a time; without one, gaps are laid linearly. */
  profile?: ProfileBefore | null;
  /**
   * Ascending, each time once, in the channel's canonical unit. At least those in the window, the last one before it, the
   * first one after it, and those within `reachMs` of it.
   */
  readings: readonly Reading[];
  /** `[fromMs, toMs)` in epoch ms. Buckets that an edge cuts hold the part inside. */
  fromMs: number;
  toMs: number;
  /** Ascending times at which the device went offline: a channel that reports on change holds no longer. */
  offlineMs?: readonly number[];
}

/** Every bucket of the window, ascending, empty ones too. */
export function fold(input: FoldInput): Bucket[] {
  const { channel, gap, readings } = input;
  const tally = newTally(input.fromMs, input.toMs);
  const shape = shapeOf(channel);
  const signed = channel.direction === "both";
  const energy = integratesToEnergy(channel);
  countReadings(tally, readings, shape === "line" || shape === "step");
  switch (shape) {
    case "register":
      addRegister(tally, { channel, gap, readings, profile: input.profile });
      return amountBuckets(tally);
    case "amount":
      addAmounts(tally, { channel, gap, readings });
      return amountBuckets(tally);
    case "line":
      addLines(tally, gap, readings);
      return gaugeBuckets(tally, { energy, signed });
    case "held":
      addHeld(tally, { channel, gap, readings });
      return gaugeBuckets(tally, { energy, signed });
    case "step":
      addSteps(tally, { gap, readings, offlineMs: input.offlineMs });
      return gaugeBuckets(tally, { energy, signed });
    default:
      return shape satisfies never;
  }
}
