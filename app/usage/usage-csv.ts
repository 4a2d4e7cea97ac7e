import type { Cell } from "../charts/csv.ts";
import { amount, local, qualityCells, qualityColumns, stepRows, utc } from "../charts/step-csv.ts";
import type { Usage } from "./load-usage.server.ts";

const shareOf = (part: number, of: number) => (of > 0 ? Math.min(1, part / of) : 0);

/** A meter, device or room a row. */
export function* usageRows({ rows, total, unit, period, compared }: Usage, timezone: string): Generator<Cell[]> {
  const columns = ["name", `amount_${unit.toLowerCase()}`, "share", `compared_${unit.toLowerCase()}`];
  yield [...columns, ...qualityColumns, "start", "end", "start_local", "compared_start", "compared_end"];
  for (const row of rows) {
    const figures = [row.amount, shareOf(row.amount, total), row.before].map(amount);
    const quality = qualityCells({
      completeness: row.completeness,
      estimatedShare: shareOf(row.estimated, row.amount),
    });
    const times = [utc(period.startMs), utc(period.endMs), local(period.startMs, timezone)];
    yield [
      row.name,
      ...figures,
      ...(row.isRest ? [null, null, null] : quality),
      ...times,
      utc(compared.startMs),
      utc(compared.endMs),
    ];
  }
}

/** A bar a row. */
export const usageBarRows = ({ bars, unit }: Usage, timezone: string): Generator<Cell[]> =>
  stepRows(bars, {
    timezone,
    columns: [
      { name: `amount_${unit.toLowerCase()}`, of: (bar) => amount(bar.amount) },
      { name: `estimated_${unit.toLowerCase()}`, of: (bar) => amount(bar.estimated) },
    ],
    known: ({ completeness, amount: whole, estimated }) => ({
      completeness,
      estimatedShare: shareOf(estimated, whole),
    }),
  });
