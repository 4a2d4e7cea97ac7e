/** The middle one of some values, or the mean of the two in the middle: of 10, 10, 12 and 60 it is 11. Sorts its argument. */
export function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
