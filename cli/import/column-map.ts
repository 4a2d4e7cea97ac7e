import { kinds } from "../../domain/channel.ts";
import type { CsvColumn } from "../../domain/history/options.ts";
import { conversionOf } from "../../domain/units.ts";
import { SetupError } from "../../platform/env.ts";

export interface ColumnMap {
  /** One column, or two: date and time of day. Empty: as guessed. */
  time: string[];
  /** A kind that is not given is null. */
  columns: { column: string; metric: string; unit: string | null; kind: CsvColumn["kind"] | null }[];
}

/**
 * `time=Datum+Uhrzeit,power=Leistung:kW,energy.import=Bezug:kWh:counter`: metric=column, with unit and kind where they are not
 * clear. A comma or colon that belongs to a name is written \, or \:.
 * @throws SetupError
 */
export function parseColumnMap(text: string): ColumnMap {
  const map: ColumnMap = { time: [], columns: [] };
  for (const pair of text.split(/(?<!\\),/)) {
    const at = pair.indexOf("=");
    if (at < 1) throw new SetupError(`--map "${pair}" is not metric=column: expected such as power=Leistung:kW.`);
    const metric = pair.slice(0, at).trim();
    const [column = "", unit = "", kind = ""] = pair
      .slice(at + 1)
      .split(/(?<!\\):/)
      .map((part) => part.replace(/\\([,:])/g, "$1").trim());
    if (metric === "time") map.time = column.split("+").map((name) => name.trim());
    else map.columns.push({ column, metric, unit: unitOf(unit), kind: kindOf(kind) });
  }
  return map;
}

function unitOf(unit: string): string | null {
  if (unit === "") return null;
  if (conversionOf(unit)) return unit;
  throw new SetupError(`--map: the unit ${unit} is not known: give one such as W, kWh or m3.`);
}

function kindOf(kind: string): CsvColumn["kind"] | null {
  const known = [...kinds, "any"] as const;
  if (kind === "") return null;
  const found = known.find((name) => name === kind);
  if (found) return found;
  throw new SetupError(`--map: the kind ${kind} is not known: expected one of ${known.join(", ")}.`);
}
