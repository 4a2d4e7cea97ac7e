import type { Quantity } from "../../domain/channel.ts";
import { conversions, unitsFor } from "../../domain/units.ts";

interface Scaled {
  quantity: Quantity;
  /** Canonical unit. */
  unit: string | null;
  /** canonical = stored x scale + shift */
  scale: number;
  shift: number;
}

/** The unit in which a channel's sender speaks: the one whose conversion is what its stored values are scaled by. */
export function sourceUnit({ quantity, unit, scale, shift }: Scaled): string {
  if (unit === null) return "";
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  const found = unitsFor(quantity).find((name) => {
    const { canonical, multiply, divide, add } = conversions[name]!;
    return canonical === unit && close(multiply / divide, scale) && close(add, shift);
  });
  return found ?? unit;
}
