import type { Direction, Kind, Medium, Quantity, Role } from "../channel.ts";
import { defineChannel } from "../device/vocabulary.ts";
import { forwardRole } from "./flows.ts";
import { choosePrimaries, type DeviceChannel } from "./primary.ts";

/** A channel as the database has it, as far as its place among its device's channels goes. */
export interface StoredChannel {
  id: number;
  deviceId: string;
  key: string;
  metric: string;
  tags: Record<string, string>;
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  direction: Direction | null;
  role: Role;
}

/** The words of a stored channel: its metric's, with what the database (and so perhaps a person) says of it on top. */
export function deviceChannelOf(row: Omit<StoredChannel, "id" | "deviceId">): DeviceChannel {
  const { key, metric, medium, quantity, kind, unit, direction, role, tags } = row;
  return { ...defineChannel(metric, { kind, unit, tags }), key, metric, medium, quantity, kind, unit, direction, role };
}

/** The gauges that show the power of a site's flows now: of each device and flow the one that is the total. */
export function powerShapes<T extends StoredChannel>(channels: readonly T[]): T[] {
  const byDevice = new Map<string, T[]>();
  for (const channel of channels) {
    const list = byDevice.get(channel.deviceId);
    if (list) list.push(channel);
    else byDevice.set(channel.deviceId, [channel]);
  }
  return [...byDevice.values()].flatMap((ofDevice) => {
    const places = choosePrimaries(ofDevice.map(deviceChannelOf));
    return ofDevice.filter((c) => c.medium === "electricity" && places.get(c.key)?.isPowerShape);
  });
}

/** One flow's power at an instant, in W; `timeMs` null: nothing known. */
export interface PowerReading {
  role: Role;
  direction: Direction | null;
  valueW: number | null;
  timeMs: number | null;
  /** How long the value speaks for now, where the channel's own pace is known. */
  staleAfterMs?: number;
}

export interface PowerNow {
  importW: number;
  exportW: number;
  productionW: number;
  /** Positive: charging. */
  batteryW: number;
  consumptionW: number;
  hasGrid: boolean;
  hasProduction: boolean;
  hasBattery: boolean;
  /** Oldest of the readings that were used; null: there is none that is fresh. */
  asOfMs: number | null;
}

/** Power older than this says nothing about now, where the channel's own pace is not known. */
export const staleAfterMs = 10 * 60_000;

/** The same sum as for energy, for one moment. Stale readings are left out. */
export function powerNow(readings: readonly PowerReading[], nowMs: number): PowerNow {
  const now: PowerNow = {
    importW: 0,
    exportW: 0,
    productionW: 0,
    batteryW: 0,
    consumptionW: 0,
    hasGrid: readings.some((r) => r.role === "grid_import" || r.role === "grid_export"),
    hasProduction: readings.some((r) => r.role === "production"),
    hasBattery: readings.some((r) => r.role === "battery_charge" || r.role === "battery_discharge"),
    asOfMs: null,
  };
  let consumersW = 0;
  for (const reading of readings) {
    const { direction, valueW, timeMs, staleAfterMs: own = staleAfterMs } = reading;
    const role = forwardRole(reading);
    if (valueW === null || timeMs === null || nowMs - timeMs > own) continue;
    if (role === "consumer" && now.hasGrid) continue;
    now.asOfMs = Math.min(now.asOfMs ?? Infinity, timeMs);
    const forward = Math.max(0, valueW);
    const reverse = direction === "both" ? Math.max(0, -valueW) : 0;
    if (role === "grid_import") {
      now.importW += forward;
      now.exportW += reverse;
    } else if (role === "grid_export") now.exportW += forward;
    else if (role === "production") now.productionW += forward;
    else if (role === "battery_charge") now.batteryW += forward - reverse;
    else if (role === "battery_discharge") now.batteryW -= forward;
    else consumersW += forward;
  }
  // A meter that sends import and export apart and a signed one agree only in their difference.
  const netW = now.importW - now.exportW;
  now.importW = Math.max(0, netW);
  now.exportW = Math.max(0, -netW);
  now.consumptionW = now.hasGrid ? Math.max(0, netW + now.productionW - now.batteryW) : consumersW;
  return now;
}
