import type { DeviceChannel } from "./primary.ts";

/**
 * The channels that measure the same flow of the same device as `chosen`: where it counts, they must not. A total rivals its
 * parts and its daily register; phases and tariff registers of one kind do not rival each other, since only together they are
 * the flow; nor do the numbered channels of a multi-channel device.
 * Worked: of energy.import, energy.import.t1 and energy.import.t2, choosing t1 ends energy.import, and leaves t2.
 */
export function rivalsOf<T extends DeviceChannel>(chosen: DeviceChannel, others: readonly T[]): T[] {
  return others.filter((other) => other.key !== chosen.key && isSameFlow(chosen, other) && !isOtherPart(chosen, other));
}

function isSameFlow(a: DeviceChannel, b: DeviceChannel): boolean {
  const isSameGroup = a.group === b.group || a.group === null || b.group === null;
  return a.role === b.role && a.medium === b.medium && a.scope === b.scope && isSameGroup;
}

function isOtherPart(a: DeviceChannel, b: DeviceChannel): boolean {
  if (a.partOf === null || a.partOf === "period" || a.partOf !== b.partOf) return false;
  return a.quantity === b.quantity && a.kind === b.kind && (a.metric !== b.metric || a.phase !== b.phase);
}
