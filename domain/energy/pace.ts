import type { Reading } from "../reading.ts";
import type { EnergyChannel } from "./channel-config.ts";
import { median } from "./median.ts";

/**
 * How fast a register may turn, in its unit per hour. A person gives it as max_power (the fuse: 50 kW is 50 kWh in an hour); where
 * nothing is known it is 100 kW or 20 x the median pace of the register's own rises, whichever is more. A power limits energy
 * only: registers of other units (m3, kvarh) go by 100 units or their own pace.
 */
const assumedPerHour = 100;
const timesMedian = 20;
const hourMs = 3_600_000;

/** The median pace of the rises between successive readings (ascending), per hour; null: it never rose. */
export function learnPace(readings: readonly Reading[]): number | null {
  const paces: number[] = [];
  for (let i = 1; i < readings.length; i++) {
    const rise = readings[i]!.value - readings[i - 1]!.value;
    if (rise > 0) paces.push((rise * hourMs) / (readings[i]!.timeMs - readings[i - 1]!.timeMs));
  }
  return paces.length ? median(paces) : null;
}

/** Whether a channel's limit goes by its own pace. */
export function isPaced({ kind, unit, maxPowerW }: EnergyChannel): boolean {
  return kind === "counter" && (maxPowerW === null || !isEnergy(unit));
}

/** A channel of unknown unit is taken for kWh. */
const isEnergy = (unit: string | null) => unit === null || unit === "kWh";

/** @param learnedPace the median pace of the register's own rises, per hour; null: not known. */
export function resolveLimit({ unit, maxPowerW }: EnergyChannel, learnedPace: number | null): number {
  if (isEnergy(unit) && maxPowerW !== null) return maxPowerW / 1000;
  return Math.max(assumedPerHour, timesMedian * (learnedPace ?? 0));
}
