/**
 * A rooftop PV system: beam and diffuse light on a tilted roof, less what the cells lose to heat and the inverter cuts off.
 * Worked: 7.5 kWp facing south at 35 degrees, a clear noon in June at 25 degrees: about 5.9 kW.
 */
import { sunAt, type Place } from "./sun.ts";
import type { Weather } from "./weather.ts";

const rad = Math.PI / 180;
const solarConstant = 1361;
/** Wiring, inverter, mismatch and dirt. */
const performance = 0.85;

export interface Roof extends Place {
  kwp: number;
  tiltDegrees: number;
  /** From south, west positive. */
  azimuthDegrees: number;
  /** The most that the inverter gives, W. */
  inverterW: number;
}

/** AC power in W at an instant: 0 at night. */
export function roofPower(roof: Roof, weather: Weather, ms: number): number {
  const { sinElevation, azimuth } = sunAt(roof, ms);
  if (sinElevation <= 0) return 0;
  const onRoof = lightOnRoof(roof, { sinElevation, azimuth }, weather, ms);
  const cellC = weather.temperatureC(ms) + 0.028 * onRoof;
  const dc = roof.kwp * onRoof * performance * (1 - 0.0036 * (cellC - 25));
  // Below a threshold of light the inverter sleeps.
  return dc < 0.004 * roof.kwp * 1000 ? 0 : Math.min(dc, roof.inverterW);
}

/** W per square metre in the plane of the roof. */
function lightOnRoof(
  { tiltDegrees, azimuthDegrees }: Roof,
  { sinElevation, azimuth }: { sinElevation: number; azimuth: number },
  weather: Weather,
  ms: number,
): number {
  const elevation = Math.asin(sinElevation) / rad;
  // Kasten and Young's air mass, Meinel's clear-sky beam.
  const airMass = 1 / (sinElevation + 0.50572 * (elevation + 6.07995) ** -1.6364);
  const clearBeam = solarConstant * 0.7 ** (airMass ** 0.678);
  const cover = weather.cover(ms);
  const beam = clearBeam * weather.beam(ms);
  // Thin and broken clouds scatter light down to us; a closed cover swallows most of it.
  const diffuse = clearBeam * sinElevation * (0.13 + 0.55 * cover * (1 - cover) + 0.06 * cover);
  const tilt = tiltDegrees * rad;
  const cosElevation = Math.sqrt(1 - sinElevation ** 2);
  const cosIncidence =
    sinElevation * Math.cos(tilt) + cosElevation * Math.sin(tilt) * Math.cos(azimuth - azimuthDegrees * rad);
  const ground = 0.2 * (beam * sinElevation + diffuse) * ((1 - Math.cos(tilt)) / 2);
  return beam * Math.max(0, cosIncidence) + diffuse * ((1 + Math.cos(tilt)) / 2) + ground;
}
