import type { Direction, Medium, Role } from "../channel.ts";

/**
 * What counts energy at a site: a channel (`c12`) or a virtual meter (`v3`), the same to flows, tree, groups and charts.
 */
export type MeterId = `c${number}` | `v${number}`;

export const channelMeter = (channelId: number): MeterId => `c${channelId}`;
export const virtualMeter = (virtualId: number): MeterId => `v${virtualId}`;

/** "c12" -> 12 of the channels, "v3" -> 3 of the virtual meters; null: neither. */
export function readMeterId(text: string): { kind: "channel" | "virtual"; number: number; id: MeterId } | null {
  const [, letter, digits] = /^([cv])([1-9]\d{0,9})$/.exec(text) ?? [];
  if (!letter || Number(digits) > 2_147_483_647) return null;
  return { kind: letter === "c" ? "channel" : "virtual", number: Number(digits), id: text as MeterId };
}

export interface Meter {
  id: MeterId;
  name: string;
  medium: Medium;
  /** kWh or m3: of its amounts. */
  unit: string | null;
  role: Role;
  direction: Direction | null;
  /** It counts for its role. Others can be charted and be part of a formula. */
  isPrimary: boolean;
  /** The meter that measures what this one measures, and more. */
  parentId: MeterId | null;
  groupId: number | null;
  /** The device that a channel belongs to; null: a virtual meter. */
  deviceId: string | null;
}
