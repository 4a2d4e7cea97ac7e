/**
 * What is never switched off: standby and network, a fridge and a freezer in their own cycles. About 150 W on the mean,
 * 1,300 kWh a year.
 */
import { between, chanceOf, drift } from "./random.ts";

const minuteMs = 60_000;

interface Cooler {
  periodMinutes: number;
  /** Share of the period that the compressor runs at 20 degrees. */
  share: number;
  watts: number;
}

const fridge: Cooler = { periodMinutes: 47, share: 0.34, watts: 78 };
const freezer: Cooler = { periodMinutes: 63, share: 0.3, watts: 96 };

/** Power in W by time: standby by drift, compressors in steps. */
export function baseLoadOf(seed: number): (ms: number) => number {
  const standby = chanceOf(seed, "standby");
  const flicker = chanceOf(seed, "flicker");
  const coolers = [fridge, freezer].map((cooler, i) => coolerOf(seed, `cooler ${i}`, cooler));
  return (ms) => {
    const steady =
      between(drift(standby, ms / (55 * minuteMs)), 84, 112) + between(flicker(Math.floor(ms / 10_000)), -4, 4);
    return coolers.reduce((sum, cooler) => sum + cooler(ms), steady);
  };
}

/** Each period the compressor runs once, a little earlier or later, longer or shorter. */
function coolerOf(seed: number, name: string, { periodMinutes, share, watts }: Cooler): (ms: number) => number {
  const chance = chanceOf(seed, name);
  const periodMs = periodMinutes * minuteMs;
  return (ms) => {
    const period = Math.floor(ms / periodMs);
    const from = period * periodMs + chance(2 * period) * 0.25 * periodMs;
    const runs = between(chance(2 * period + 1), 0.85, 1.15) * share * periodMs;
    const since = ms - from;
    if (since < 0 || since >= runs) return 0;
    // The compressor starts hard.
    return since < 10_000 ? watts * 2.2 : watts;
  };
}
