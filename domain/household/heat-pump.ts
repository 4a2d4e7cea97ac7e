/**
 * An air-source heat pump of a well insulated house: the colder, the more heat and the worse its ratio. At 0 degrees
 * outside the house loses (19 - 0) x 120 W = 2.3 kW; at a ratio of 3.4 that is about 670 W of electricity. Below its smallest
 * step it runs in cycles. Hot water twice a day. About 2,500 kWh a year.
 */
import type { Day } from "./calendar.ts";
import { between, chanceOf, clamp } from "./random.ts";
import { programme, type Run } from "./run.ts";
import type { Weather } from "./weather.ts";

const hourMs = 3_600_000;
const cycleMs = 50 * 60_000;
/** What its electronics and the circulation pump take. */
const standbyW = 9;
const smallestW = 520;
const largestW = 2_600;
/** The house needs no heating above this; sun and people do the rest. */
const heatingLimitC = 15;

export interface HeatPump {
  /** Heating power in W at an instant. `isAway`: the house is let cool down a little. */
  heating(ms: number, isAway: boolean): number;
  /** Making hot water: runs of a local day. */
  hotWater(day: Day, at: (minutes: number) => number, localDay: number): Run[];
}

/** @param heatLossWPerK what the house loses for each degree between inside and outside. */
export function heatPumpOf(seed: number, weather: Weather, heatLossWPerK: number): HeatPump {
  const chance = chanceOf(seed, "heat pump");
  const water = chanceOf(seed, "hot water");

  // Asked every 10 seconds, decided once a cycle.
  let asked = { cycle: NaN, isAway: false, from: 0, to: 0, watts: 0 };

  function heating(ms: number, isAway: boolean): number {
    const cycle = Math.floor(ms / cycleMs);
    if (cycle !== asked.cycle || isAway !== asked.isAway) asked = { cycle, isAway, ...decide(cycle, isAway) };
    if (ms < asked.from || ms >= asked.to) return standbyW;
    return standbyW + asked.watts * between(chance(Math.floor(ms / 40_000)), 0.97, 1.03);
  }

  /** When in a cycle it runs, and how hard. */
  function decide(cycle: number, isAway: boolean): { from: number; to: number; watts: number } {
    const startMs = cycle * cycleMs;
    // The house is slow: what it feels is the mean of the last hours.
    const outsideC = (weather.temperatureC(startMs) + weather.temperatureC(startMs - 5 * hourMs)) / 2;
    if (outsideC >= heatingLimitC) return { from: 0, to: 0, watts: 0 };
    const heatW = (19 - (isAway ? 3 : 0) - outsideC) * heatLossWPerK;
    const wanted = clamp(heatW / ratio(outsideC, 35), 0, largestW);
    if (wanted >= smallestW) return { from: startMs, to: startMs + cycleMs, watts: wanted };
    const from = startMs + chance(2 * cycle) * 0.3 * cycleMs;
    return { from, to: from + Math.min(0.7, wanted / smallestW) * cycleMs, watts: smallestW };
  }

  function hotWater({ isAway }: Day, at: (minutes: number) => number, localDay: number): Run[] {
    if (isAway) return [];
    return [330, 1020].flatMap((minute, i) => {
      const [when, howMuch] = [water(localDay * 4 + 2 * i), water(localDay * 4 + 2 * i + 1)];
      const startMs = at(minute + between(when, -15, 25));
      const heatKwh = between(howMuch, 1.6, 3.4);
      const watts = 1_750;
      const minutes = (heatKwh / ratio(weather.temperatureC(startMs), 50) / watts) * 60_000;
      return programme(startMs, [
        { minutes: 2, watts: watts * 0.6 },
        { minutes, watts },
      ]);
    });
  }

  return { heating, hotWater };
}

/** Heat for electricity: 45 % of what thermodynamics allows between the air and the water. */
function ratio(outsideC: number, waterC: number): number {
  return clamp((0.45 * (waterC + 273)) / (waterC + 4 - outsideC), 1.5, 5.5);
}
