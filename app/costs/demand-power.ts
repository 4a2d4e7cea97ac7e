import { powerNow, type PowerReading } from "../../domain/site/power-now.ts";

/** A device's power, as far as the demand guard asks. */
export type GuardedPower = PowerReading & { deviceId: string };

/** What is drawn now under a contract, W, and by which devices: of the whole site what comes from the grid, else the one meter's. */
export function drawnNow(
  power: readonly GuardedPower[],
  { deviceId, names, nowMs }: { deviceId: string | null; names: ReadonlyMap<string, string>; nowMs: number },
): { powerW: number; devices: { name: string; powerW: number }[] } | null {
  const own = deviceId === null ? power : power.filter((reading) => reading.deviceId === deviceId);
  const measured = powerNow(own, nowMs);
  if (measured.asOfMs === null) return null;
  const devices = power.flatMap((reading) => {
    const { role, deviceId: of } = reading;
    if (role !== "consumer" || of === deviceId) return [];
    // Of a consumer alone: beside a grid meter it would not count.
    const { consumptionW } = powerNow([reading], nowMs);
    return consumptionW > 0 ? [{ name: names.get(of) ?? "Device", powerW: consumptionW }] : [];
  });
  return { powerW: measured.hasGrid ? measured.importW : measured.consumptionW, devices };
}
