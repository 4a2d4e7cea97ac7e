import type { Cell } from "../charts/csv.ts";
import { amount, local, qualityCells, qualityColumns, stepRows, utc } from "../charts/step-csv.ts";
import type { Usage } from "./load-usage.server.ts";

const shareOf = (part: number, of: number) => (of > 0 ? Math.min(1, part / of) : 0);

/** A meter, device or room a row. */
export function* usageRows(
  { rows, total, unit, period, compared }: Usage,
  { timezone, currency }: { timezone: string; currency: string },
): Generator<Cell[]> {
  const columns = ["name", `amount_${unit.toLowerCase()}`, "share", `compared_${unit.toLowerCase()}`];
  yield [
    ...columns,
    ...qualityColumns,
    "start",
    "end",
    "start_local",
    "compared_start",
    "compared_end",
    ...worthColumns(currency),
  ];
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
      ...worthCells(row),
    ];
  }
}

const worthColumns = (currency: string) => [
  ...[`cost_${currency.toLowerCase()}`, `saved_${currency.toLowerCase()}`, "co2_emitted_kg"],
  ...["from_grid", "from_sun", "from_battery"],
];

/** Money is not rounded. */
function worthCells({ worth }: Usage["rows"][number]): Cell[] {
  const money = (text: string | null | undefined) => (text == null ? null : Number(text));
  const amounts = [worth?.emittedKg, worth?.gridKwh, worth?.sunKwh, worth?.batteryKwh];
  return [money(worth?.cost), money(worth?.saved), ...amounts.map((value) => amount(value ?? null))];
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
