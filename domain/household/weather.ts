/**
 * The weather over one house: temperature by season, spell and hour of the day, and clouds from a front of days down to a
 * single cumulus of minutes. A function of time alone, so that it is the same however it is sampled.
 */
import { between, chanceOf, clamp, drift } from "./random.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export interface Weather {
  /** Outside, degrees Celsius. */
  temperatureC(ms: number): number;
  /** How much of the sky is covered: 0 clear, 1 overcast. */
  cover(ms: number): number;
  /** How much of the sun's beam comes through right now: 0 to 1, in steps of minutes under broken clouds. */
  beam(ms: number): number;
}

/** @param seed same seed, same weather. @param longitude where noon is, degrees east. */
export function weatherOf(seed: number, longitude: number): Weather {
  const front = chanceOf(seed, "cloud front");
  const spell = chanceOf(seed, "cloud spell");
  const field = chanceOf(seed, "cloud field");
  const cumulus = chanceOf(seed, "cumulus");
  const warmth = chanceOf(seed, "warm spell");
  const airMass = chanceOf(seed, "air mass");

  function cover(ms: number): number {
    const slow = 0.6 * drift(front, ms / (2.6 * dayMs)) + 0.4 * drift(spell, ms / (11 * hourMs));
    // Winters are duller here: the whole distribution moves by the season.
    return clamp((slow - 0.5) * 2.3 + 0.53 + 0.1 * Math.cos(yearAngle(ms)), 0, 1);
  }

  function beam(ms: number): number {
    const near = 0.55 * drift(field, ms / (27 * 60_000)) + 0.45 * drift(cumulus, ms / (4.5 * 60_000));
    return clamp((near - 0.1 - 0.8 * cover(ms)) * 6 + 0.5, 0, 1);
  }

  function temperatureC(ms: number): number {
    const season = 9.8 - 8.9 * Math.cos(yearAngle(ms) - (2 * Math.PI * 18) / 365.2425);
    const weeks = between(drift(warmth, ms / (6.3 * dayMs)), -6.5, 6.5);
    const days = between(drift(airMass, ms / (1.7 * dayMs)), -3, 3);
    const solarHour = (ms / hourMs + longitude / 15) % 24;
    const swing = (5.2 - 3.4 * cover(ms)) * (1 - 0.35 * Math.cos(yearAngle(ms)));
    return season + weeks + days + swing * Math.cos(((solarHour - 15) * Math.PI) / 12);
  }

  return { temperatureC, cover, beam };
}

/** The year as an angle: 0 on the first of January. */
const yearAngle = (ms: number): number => (2 * Math.PI * ((ms / dayMs) % 365.2425)) / 365.2425;
