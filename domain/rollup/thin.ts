import type { Reading } from "../reading.ts";

/**
 * A long series for a chart a few hundred pixels wide: of each of `most / 2` equal stretches of readings, the lowest and the
 * highest stay, so that no peak is lost. 10,000 readings and most = 800 give at most 800.
 */
export function thin(readings: readonly Reading[], most: number): Reading[] {
  if (readings.length <= most) return [...readings];
  const stretches = Math.floor(most / 2);
  const kept: Reading[] = [];
  for (let i = 0; i < stretches; i++) {
    const from = Math.floor((i * readings.length) / stretches);
    const to = Math.floor(((i + 1) * readings.length) / stretches);
    let low = readings[from]!;
    let high = low;
    for (let k = from; k < to; k++) {
      const reading = readings[k]!;
      if (reading.value < low.value) low = reading;
      if (reading.value > high.value) high = reading;
    }
    if (low === high) kept.push(low);
    else if (low.timeMs < high.timeMs) kept.push(low, high);
    else kept.push(high, low);
  }
  return kept;
}
