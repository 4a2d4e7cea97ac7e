/** What a person (or a guess) says about a file: stored with its import, and enough to read it. */
import { z } from "zod";
import { kinds } from "../channel.ts";
import { isZone } from "../local-time/zone.ts";
import { conversionOf } from "../units.ts";
import { isTimePattern } from "./time-pattern.ts";

const name = z.string().min(1).max(200);

const unit = z
  .string()
  .max(20)
  .refine((text) => conversionOf(text) !== undefined, "expected a known unit such as kWh, W or m3");

/** One channel of a file: where its values are, and what they are. */
const columnSchema = z.strictObject({
  /** A name of the header, or the column's number from 1. */
  column: name,
  metric: name,
  /** null: unknown, or said by the unit's column. */
  unit: unit.nullable(),
  /** any: a number is a gauge, everything else a state. */
  kind: z.enum([...kinds, "any"]),
  /** Added to the row's time: an hour, where rows carry the beginning of an hour and a register's value at its end. */
  shiftS: z.number().min(-86_400).max(86_400).default(0),
});

export const csvSchema = z.strictObject({
  delimiter: z.enum([",", ";", "\t", "|"]),
  decimal: z.enum([".", ","]),
  hasHeader: z.boolean(),
  /** Lines before the header (or before the first row). */
  skipRows: z.number().int().min(0).max(1_000).default(0),
  time: z.strictObject({
    /** One column, or two: date and time of day. */
    columns: z.array(name).min(1).max(2),
    pattern: z.string().max(60).refine(isTimePattern, 'expected "iso", "unix" or a pattern such as dd.MM.yyyy HH:mm'),
  }),
  /** Long files: the column that names the metric of each row; of `columns`, the first one with a value counts. */
  metricColumn: name.nullable().default(null),
  unitColumn: name.nullable().default(null),
  columns: z.array(columnSchema).min(1).max(200),
});

export type CsvMapping = z.output<typeof csvSchema>;
export type CsvColumn = CsvMapping["columns"][number];

const timezone = z.string().refine(isZone, "expected a time zone of the IANA database, such as Europe/Berlin");
const feed = z.strictObject({ metric: name, unit: unit.nullable() });

export const optionsSchema = z.discriminatedUnion("format", [
  z.strictObject({ format: z.literal("csv"), timezone, csv: csvSchema }),
  z.strictObject({ format: z.literal("influx"), precision: z.enum(["ns", "us", "ms", "s"]) }),
  z.strictObject({
    format: z.literal("phpfina"),
    feed,
    startS: z.number().int().min(0).max(4_294_967_295),
    intervalS: z.number().int().min(1).max(31_536_000),
  }),
  z.strictObject({ format: z.literal("phptimeseries"), feed }),
  z.strictObject({ format: z.literal("emoncms-backup") }),
  z.strictObject({ format: z.literal("green-button"), timezone }),
]);

export type HistoryOptions = z.output<typeof optionsSchema>;
export type HistoryFormat = HistoryOptions["format"];

export const formatNames: Readonly<Record<HistoryFormat, string>> = {
  csv: "CSV",
  influx: "InfluxDB line protocol",
  phpfina: "emoncms PHPFina feed",
  phptimeseries: "emoncms PHPTimeSeries feed",
  "emoncms-backup": "emoncms backup",
  "green-button": "Green Button XML",
};
