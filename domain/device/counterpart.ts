import type { ChannelDefinition } from "../channel.ts";

type Comparable = Pick<ChannelDefinition, "medium" | "quantity" | "kind" | "unit" | "direction"> & {
  key: string;
  phase: string | null;
  tariffRegister: string | null;
  isPart: boolean;
};

/**
 * Which of another device's channels measures the same: the one with the same key, or the only one of the same physics. Another
 * make names its register differently: `ENERGY.Total` continues `energy.import` when both are the device's import register.
 */
export function counterpartOf<T extends Comparable>(channel: Comparable, others: readonly T[]): T | null {
  const alike = others.filter((other) => isAlike(channel, other));
  const sameKey = alike.find(({ key }) => key === channel.key);
  if (sameKey) return sameKey;
  return alike.length === 1 && channel.quantity !== "custom" && channel.quantity !== "state" ? alike[0]! : null;
}

function isAlike(a: Comparable, b: Comparable): boolean {
  return (
    a.medium === b.medium &&
    a.quantity === b.quantity &&
    a.kind === b.kind &&
    a.unit === b.unit &&
    a.direction === b.direction &&
    a.phase === b.phase &&
    a.tariffRegister === b.tariffRegister &&
    a.isPart === b.isPart
  );
}
