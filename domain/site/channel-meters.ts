import type { Direction, Kind, Medium, Quantity, Role } from "../channel.ts";
import { channelMeter, virtualMeter, type Meter } from "./meter.ts";

/** What of a channel makes it a meter. */
interface Countable {
  id: number;
  deviceId: string;
  deviceName: string;
  metric: string;
  name: string;
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  direction: Direction | null;
  role: Role;
  isPrimary: boolean;
  parentId: number | null;
  parentVirtualId: number | null;
  groupId: number | null;
}

/** A channel has amounts where it is a register, amounts of intervals, or power: its energy by the quarter-hour is known. */
export function hasAmounts({ kind, quantity }: Pick<Countable, "kind" | "quantity">): boolean {
  if (kind === "gauge") return quantity === "power";
  return kind !== "state" && (quantity === "energy" || quantity === "volume");
}

/** The channels with amounts, as meters: named by the person, or by their device where it counts in one way only. */
export function channelMeters(channels: readonly Countable[]): Meter[] {
  const counting = channels.filter(hasAmounts);
  return counting.map((channel) => {
    const { id, deviceId, medium, role, direction, isPrimary, groupId, unit } = channel;
    return {
      ...{ id: channelMeter(id), medium, role, direction, isPrimary, groupId, deviceId },
      name: channel.name || nameOf(channel, counting),
      unit: channel.quantity === "power" ? "kWh" : unit,
      parentId: parentOf(channel),
    };
  });
}

export const parentOf = ({ parentId, parentVirtualId }: Pick<Countable, "parentId" | "parentVirtualId">) =>
  parentId !== null ? channelMeter(parentId) : parentVirtualId !== null ? virtualMeter(parentVirtualId) : null;

function nameOf(channel: Countable, all: readonly Countable[]): string {
  const alike = all.filter((c) => c.deviceId === channel.deviceId && c.isPrimary && c.role !== "none");
  const isOnly = channel.isPrimary && alike.length === 1;
  return isOnly ? channel.deviceName : `${channel.deviceName}: ${channel.metric}`;
}
