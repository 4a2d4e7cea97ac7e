import { roofPower, type Roof } from "../household/solar-roof.ts";

/**
 * What a roof would give, in kWh of each quarter-hour: the sun's course over an average sky, scaled to the yearly yield where
 * one is known. 5 kWp facing south near Berlin give about 5,000 kWh a year.
 */
export interface SolarSystem {
  kwp: number;
  latitude: number;
  longitude: number;
  /** 0 flat, 90 upright; left out: 30. */
  tiltDegrees?: number;
  /** From south, west positive; left out: 0 (north of the equator south, south of it north). */
  azimuthDegrees?: number;
  /** The most that the inverter gives, kW; left out: the kWp. */
  inverterKw?: number;
  /** kWh a year for each kWp, from a yield map or a neighbour; left out: what the average sky gives. */
  yieldKwhPerKwp?: number;
}

const quarterMs = 900_000;
const quartersOfYear = 35_064;

/** Light through clouds, as its mean over a year in the middle latitudes; cells at the season's temperature. */
const averageSky = {
  cover: () => 0.5,
  beam: () => 0.45,
  temperatureC: (ms: number) => 12 - 9 * Math.cos((2 * Math.PI * ((ms / 86_400_000) % 365.2425)) / 365.2425 - 0.3),
};

export function solarProduction(system: SolarSystem, startMs: number, length: number): Float64Array {
  const roof = roofOf(system);
  const kwh = (ms: number) => roofPower(roof, averageSky, ms + quarterMs / 2) / 4000;
  const scale = system.yieldKwhPerKwp === undefined ? 1 : scaleTo(system, kwh, startMs);
  const most = (system.inverterKw ?? system.kwp) / 4;
  return Float64Array.from({ length }, (_, i) => Math.min(most, kwh(startMs + i * quarterMs) * scale));
}

function roofOf({ kwp, latitude, longitude, tiltDegrees = 30, azimuthDegrees, inverterKw = kwp }: SolarSystem): Roof {
  const towardsEquator = latitude < 0 ? 180 : 0;
  return {
    kwp,
    latitude,
    longitude,
    tiltDegrees,
    azimuthDegrees: azimuthDegrees ?? towardsEquator,
    inverterW: inverterKw * 1000,
  };
}

function scaleTo({ kwp, yieldKwhPerKwp }: SolarSystem, kwh: (ms: number) => number, startMs: number): number {
  let year = 0;
  for (let i = 0; i < quartersOfYear; i++) year += kwh(startMs + i * quarterMs);
  return year > 0 ? (yieldKwhPerKwp! * kwp) / year : 0;
}
