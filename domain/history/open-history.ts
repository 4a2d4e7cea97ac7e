import { CsvReader } from "./csv.ts";
import { PhpFinaReader, PhpTimeSeriesReader } from "./emoncms-feed.ts";
import { GreenButtonReader } from "./green-button-file.ts";
import type { HistoryReader } from "./history.ts";
import { InfluxReader } from "./influx-file.ts";
import type { HistoryOptions } from "./options.ts";

/** A backup holds many feeds: each of its files is opened by itself. */
export type OneFile = Exclude<HistoryOptions, { format: "emoncms-backup" }>;

/** A reader of a file that holds one thing. */
export function openHistory(options: OneFile): HistoryReader {
  switch (options.format) {
    case "csv":
      return new CsvReader(options.csv, options.timezone);
    case "influx":
      return new InfluxReader(options.precision);
    case "phpfina":
      return new PhpFinaReader(options.feed, options);
    case "phptimeseries":
      return new PhpTimeSeriesReader(options.feed);
    case "green-button":
      return new GreenButtonReader(options.timezone);
  }
}
