import type { EnergyChannel } from "./channel-config.ts";

/**
 * A register's range where nobody gave it: it turns over at a power of ten of the unit that it shows, whatever unit we count in.
 * 999.9 GJ, which are 277,750 kWh, turn over at 1,000 GJ.
 * @param value in the channel's unit. @returns in the channel's unit; nothing above 0 gives 0.
 */
export function rangeAbove(value: number, { scale = 1, shift = 0 }: Pick<EnergyChannel, "scale" | "shift">): number {
  if (scale === 1 && shift === 0) return powerOfTenAbove(value);
  // To 12 digits: what was converted there and back must not stand just below a power of ten that it is.
  return powerOfTenAbove(Number(((value - shift) / scale).toPrecision(12))) * scale + shift;
}

/** The next power of ten strictly above a value: 999.9 gives 1,000, and 1,000 gives 10,000. Nothing above 0 gives 0. */
function powerOfTenAbove(value: number): number {
  if (!(value > 0)) return 0;
  let exponent = Math.floor(Math.log10(value));
  while (Number(`1e${exponent}`) <= value) exponent++;
  while (Number(`1e${exponent - 1}`) > value) exponent--;
  return Number(`1e${exponent}`);
}
