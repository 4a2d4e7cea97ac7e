/** An electric car at an 11 kW wallbox (three phases of 16 A): plugged in on some evenings, about 12,000 km a year. */
import type { Day } from "./calendar.ts";
import { between, chanceOf } from "./random.ts";
import { programme, type Run } from "./run.ts";

const wattsOfPhase = 3_680;

/** Draws of each local day: whether, when, how much. */
export function electricCarOf(seed: number): (day: Day, at: (minutes: number) => number, localDay: number) => Run[] {
  const chance = chanceOf(seed, "car");
  return ({ isAway, isFree, returns }, at, localDay) => {
    const draw = (i: number) => chance(localDay * 4 + i);
    if (isAway || draw(0) > (isFree ? 0.22 : 0.38)) return [];
    const plugged = Math.max(returns + between(draw(1), 4, 25), between(draw(1), 1030, 1150));
    const kwh = between(draw(2) ** 1.4, 6, 36);
    const full = 3 * wattsOfPhase;
    // The last few minutes taper off as the battery fills; before that it is all or nothing.
    const taper = [0.8, 0.6, 0.4, 0.2].map((share) => ({ minutes: 2.5, watts: full * share }));
    const taperKwh = taper.reduce((sum, { minutes, watts }) => sum + (minutes * watts) / 60_000, 0);
    const minutes = ((kwh - taperKwh) / full) * 60_000;
    return programme(at(plugged), [{ minutes: 0.5, watts: full / 2 }, { minutes, watts: full }, ...taper]);
  };
}
