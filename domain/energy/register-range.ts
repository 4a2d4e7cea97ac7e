/** The next power of ten strictly above a value: 999.9 gives 1,000, and 1,000 gives 10,000. Nothing above 0 gives 0. */
export function powerOfTenAbove(value: number): number {
  if (!(value > 0)) return 0;
  let exponent = Math.floor(Math.log10(value));
  while (Number(`1e${exponent}`) <= value) exponent++;
  while (Number(`1e${exponent - 1}`) > value) exponent--;
  return Number(`1e${exponent}`);
}
