import { zoned } from "../../domain/local-time/zone.ts";
import type { Cell } from "../charts/csv.ts";
import type { Figure, PowerPoint } from "./figures.ts";

interface Place {
  timezone: string;
  currency: string;
}

const utc = (ms: number) => new Date(Math.round(ms)).toISOString();
const local = (ms: number, timezone: string) =>
  zoned(timezone, Math.round(ms)).toString({ timeZoneName: "never", smallestUnit: "second" });
const kwh = (value: number) => Math.round(value * 1e6) / 1e6;

/** A bar a row; the cost is decimal text, unrounded. */
export function* barRows(bars: readonly Figure[], { timezone, currency }: Place): Generator<Cell[]> {
  yield [
    ...[
      "start",
      "end",
      "start_local",
      "used_kwh",
      "from_sun_kwh",
      "from_battery_kwh",
      "from_grid_kwh",
      "produced_kwh",
      "imported_kwh",
      "exported_kwh",
    ],
    ...["estimated_kwh", "known_share", `cost_${currency.toLowerCase()}`],
  ];
  for (const bar of bars) {
    const energies = [
      bar.consumptionKwh,
      bar.fromSunKwh,
      bar.fromBatteryKwh,
      bar.fromGridKwh,
      bar.productionKwh,
      bar.importKwh,
      bar.exportKwh,
      bar.estimatedKwh,
    ];
    const cost = bar.cost === null ? null : Number(bar.cost);
    yield [
      utc(bar.startMs),
      utc(bar.endMs),
      local(bar.startMs, timezone),
      ...energies.map(kwh),
      kwh(bar.completeness),
      cost,
    ];
  }
}

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
