import type { Cell } from "../charts/csv.ts";
import { amount, local, stepRows, utc, type Column } from "../charts/step-csv.ts";
import { co2Columns } from "../costs/co2-columns.ts";
import type { Figure, PowerPoint } from "./figures.ts";
import type { BarFigure } from "./load-overview.server.ts";

interface Place {
  timezone: string;
  currency: string;
}

const kwh = (name: string, of: (bar: Figure) => number): Column<Figure> => ({
  name: `${name}_kwh`,
  of: (bar) => amount(of(bar)),
});

const energies: Column<Figure>[] = [
  kwh("used", ({ consumptionKwh }) => consumptionKwh),
  kwh("from_sun", ({ fromSunKwh }) => fromSunKwh),
  kwh("from_battery", ({ fromBatteryKwh }) => fromBatteryKwh),
  kwh("from_grid", ({ fromGridKwh }) => fromGridKwh),
  kwh("produced", ({ productionKwh }) => productionKwh),
  kwh("imported", ({ importKwh }) => importKwh),
  kwh("exported", ({ exportKwh }) => exportKwh),
  kwh("estimated", ({ estimatedKwh }) => estimatedKwh),
];

/** A bar a row; the cost is decimal text, unrounded. */
export const barRows = (bars: readonly BarFigure[], { timezone, currency }: Place): Generator<Cell[]> =>
  stepRows(bars, {
    timezone,
    columns: [
      ...energies,
      { name: `cost_${currency.toLowerCase()}`, of: ({ cost }) => (cost === null ? null : Number(cost)) },
      ...co2Columns(bars),
    ],
    known: ({ completeness, consumptionKwh, estimatedKwh }) => ({
      completeness,
      estimatedShare: consumptionKwh > 0 ? Math.min(1, estimatedKwh / consumptionKwh) : 0,
    }),
  });

/** A quarter-hour a row: mean powers at its middle; empty where nothing is known. */
export function* powerRows(points: readonly PowerPoint[], { timezone }: Place): Generator<Cell[]> {
  yield [
    "time",
    "time_local",
    "used_w",
    "from_sun_w",
    "from_battery_w",
    "from_grid_w",
    "to_grid_w",
    "into_battery_w",
    "produced_w",
  ];
  for (const { timeMs, useW, sunW, batteryW, gridW, exportW, chargeW, productionW } of points) {
    const powers =
      useW === null ? Array<null>(7).fill(null) : [useW, sunW, batteryW, gridW, exportW, chargeW, productionW];
    yield [utc(timeMs), local(timeMs, timezone), ...powers];
  }
}
