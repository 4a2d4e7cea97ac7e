/** What a column of a CSV file most likely is, by its name, its unit and its numbers. */
import type { Kind } from "../channel.ts";
import { readFreeName } from "../device/free-name.ts";
import { defineChannel, isVocabulary } from "../device/vocabulary.ts";
import { canonicalUnits, conversionOf } from "../units.ts";
import type { CsvColumn } from "./options.ts";

/** Whole names in the languages of those who export: what they are where the unit is a register's, and where it is a power's. */
const knownNames: readonly [RegExp, energy: string, power: string][] = [
  [/^(netz)?bezug|^zukauf|consumo|^verbruik|^afname|soutirage/i, "energy.import", "power.import"],
  [/einspeisung|teruglevering|^returned|injection|feed.?in/i, "energy.export", "power.export"],
  [/^(strom|gesamt|energie)?verbrauch|^usage|consommation/i, "energy.import", "power"],
  [/^(pv.?)?(erzeugung|ertrag)|^opwek|^production|^generation/i, "energy.production", "pv.power"],
  [/^(wirk)?leistung|^vermogen|^puissance|^potencia/i, "power", "power"],
  [/^(gas)(verbrauch|verbruik|zaehler|zähler)?$/i, "gas", "gas"],
  [/^wasser|^water/i, "water", "water"],
  [/^temperatur/i, "temperature", "temperature"],
];

/** A register by its name alone: of energy, where its unit is one. */
const registerName = /^(strom)?(zähler|zaehler)stand$|^meterstand$|^meter.?reading$|^lectura$/i;

/** "Power [kW]" is Power in kW. */
const unitInName = /^(.*?)\s*[[(]\s*([^\])]+?)\s*[\])]\s*$/;

/**
 * @param label what the column is called, where its header says nothing.
 * @param values the column's numbers in order of time.
 * @param stampShiftS what an interval's amount is to be shifted by to lie at the interval's end.
 */
export function guessColumn(
  column: string,
  { label, values, stampShiftS }: { label: string; values: readonly number[]; stampShiftS: number },
): CsvColumn {
  const bracketed = unitInName.exec(label);
  const said = bracketed && conversionOf(bracketed[2]!) ? bracketed[2]! : null;
  const base = said === null ? label : bracketed![1]!;
  const metric = metricOf(base, said);
  const words = defineChannel(metric, { kind: "gauge", unit: said });
  const unit = said ?? (isVocabulary(metric) ? null : words.sourceUnit) ?? null;
  const isAmount = words.kind === "counter" && !isRegister(values);
  const kind: Kind = isAmount ? "delta" : words.kind;
  return { column, metric, unit: unit ?? canonicalUnits[words.quantity], kind, shiftS: isAmount ? stampShiftS : 0 };
}

function metricOf(name: string, unit: string | null): string {
  const plain = name.trim().toLowerCase();
  if (isVocabulary(plain)) return plain;
  const slug = plain.replace(/[^\p{L}\p{N}.]+/gu, "_").replace(/^_+|_+$/g, "") || "value";
  const known = knownNames.find(([pattern]) => pattern.test(name.trim()));
  const canonical = unit === null ? null : conversionOf(unit)?.canonical;
  if (canonical === "kWh" && registerName.test(name.trim())) return "energy.import";
  if (known && readFreeName(slug, { kind: "gauge", unit: null }) === undefined)
    return canonical === "W" ? known[2] : known[1];
  return slug;
}

/** Whether numbers in order of time are those of a register: it only rises, but for a reset now and then. */
export function isRegister(values: readonly number[]): boolean {
  let falls = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) falls++;
  const rises = values.length > 1 && Math.max(...values) > Math.min(...values);
  return rises && falls <= values.length / 100;
}
