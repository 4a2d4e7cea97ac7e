/** The mains at the socket: voltage and frequency wander a little, each phase for itself. */
import { between, chanceOf, drift } from "./random.ts";

export interface Mains {
  /** V of phase 0, 1 or 2. */
  voltage(phase: number, ms: number): number;
  /** Hz. */
  frequency(ms: number): number;
}

export function mainsOf(seed: number): Mains {
  const phases = [0, 1, 2].map((phase) => chanceOf(seed, `voltage ${phase}`));
  const beat = chanceOf(seed, "frequency");
  return {
    voltage: (phase, ms) =>
      between(drift(phases[phase]!, ms / 1_500_000), 226, 237) + between(drift(phases[phase]!, ms / 20_000), -0.8, 0.8),
    frequency: (ms) => between(drift(beat, ms / 15_000), 49.96, 50.04),
  };
}
