/** One measured figure; `ratio` is value / limit, the limit being measured in the same run. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  limit?: number;
  ratio?: number;
  [detail: string]: unknown;
}

export function print(figure: Figure): void {
  const rounded = Object.fromEntries(
    Object.entries(figure).map(([key, value]) => [
      key,
      typeof value === "number" ? Number(value.toPrecision(5)) : value,
    ]),
  );
  process.stdout.write(`${JSON.stringify(rounded)}\n`);
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
