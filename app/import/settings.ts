import type { CsvGuess } from "../../domain/history/csv-guess.ts";
import { optionsSchema, type CsvColumn, type HistoryOptions } from "../../domain/history/options.ts";
import { isZone } from "../../domain/local-time/zone.ts";

/** What a person may say about a column, in their words. */
export const kindWords: readonly [CsvColumn["kind"], string][] = [
  ["gauge", "A level: W, V, °C"],
  ["counter", "A register that counts up"],
  ["delta", "The amount of each interval"],
  ["state", "A state: on, off"],
  ["any", "Number or state"],
];

export type Settled = { ok: true; options: HistoryOptions } | { ok: false; error: string };

/** Reads the form about a file. `options`: how it would be read so far; the form changes what it shows of it. */
export function readSettings(form: FormData, options: HistoryOptions, csv: CsvGuess | null): Settled {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  if (options.format === "phpfina" || options.format === "phptimeseries") {
    return checked({ ...options, feed: { metric: text("metric"), unit: text("unit") || null } });
  }
  if (options.format === "influx") return checked({ ...options, precision: text("precision") });
  if (options.format !== "csv" || !csv) return { ok: true, options };
  if (!isZone(text("timezone")))
    return { ok: false, error: "Choose a time zone from the list, such as Europe/Berlin." };
  const columns = options.csv.metricColumn === null ? chosenColumns(text, csv) : options.csv.columns;
  if (!columns.length) return { ok: false, error: "No column is to be imported: say of at least one what it is." };
  const time = { columns: [text("time"), text("time2")].filter(Boolean), pattern: text("pattern") };
  const mapping = { ...options.csv, decimal: text("decimal"), time, columns };
  return checked({ format: "csv", timezone: text("timezone"), csv: mapping });
}

function chosenColumns(text: (name: string) => string, { names, amountShiftS }: CsvGuess) {
  return names.flatMap((column, i) => {
    const kind = text(`kind.${i}`);
    if (!kind) return [];
    const metric = text(`metric.${i}`) || column;
    return [{ column, metric, unit: text(`unit.${i}`) || null, kind, shiftS: kind === "delta" ? amountShiftS : 0 }];
  });
}

function checked(given: unknown): Settled {
  const result = optionsSchema.safeParse(given);
  if (result.success) return { ok: true, options: result.data };
  const { path, message } = result.error.issues[0]!;
  const isTime = path.includes("pattern");
  return { ok: false, error: isTime ? `How times are written: ${message}.` : `${path.join(".")}: ${message}.` };
}
