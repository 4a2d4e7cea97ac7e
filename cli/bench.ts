import { Command, Option } from "commander";
import { benchEngines } from "./bench/bench-server.ts";
import { benchBill } from "./bench/bill.ts";
import { benchIngest } from "./bench/ingest.ts";
import { benchLive } from "./bench/live.ts";
import { benchQuery } from "./bench/query.ts";
import { benchRollUp } from "./bench/roll-up.ts";

export const command = new Command("bench")
  .description("measures the product; prints a JSON line for each figure, with the limit measured in the same run")
  .addCommand(
    new Command("ingest")
      .description(
        "acknowledged and committed readings per second over MQTT (QoS 1, Tasmota) and HTTP (line protocol), against COPY",
      )
      .option("--seconds <n>", "how long each part runs", Number, 10)
      .option("--clients <n>", "MQTT connections", Number, 50)
      .option("--window <n>", "unacknowledged messages per connection", Number, 20)
      .option("--fields <n>", "fields per line-protocol request", Number, 5_000)
      .option(
        "--connections <n>",
        "MQTT clients connected at once for the figures of memory; 0: leave them out",
        Number,
        10_000,
      )
      .action(benchIngest),
  )
  .addCommand(
    new Command("query")
      .description(
        "from HTTP request to last byte for a raw day, a year by day, 13 months of quarter-hours and a site's year of costs, and bytes per stored reading",
      )
      .option("--channels <n>", "channels, ten to a site", Number, 1_000)
      .option("--requests <n>", "requests of each kind", Number, 100)
      .addOption(
        new Option("--engine <name>", "the database; timescaledb is that of scripts/timescaledb.sh, without fsync")
          .choices(benchEngines)
          .default("embedded"),
      )
      .action(benchQuery),
  )
  .addCommand(
    new Command("roll-up")
      .description(
        "readings of registers that the roll-up takes in a second of CPU time, of Node and Postgres together: history, live rounds, the first round of a day and of an hour",
      )
      .option("--registers <n>", "how many, each read every 10 s", Number, 1_000)
      .option("--hours <n>", "of history before the live rounds", Number, 6)
      .action(benchRollUp),
  )
  .addCommand(
    new Command("live")
      .description("from the publish of a reading to its value in a real browser")
      .option("--messages <n>", "how many", Number, 100)
      .option("--browser <path>", "the Chromium to use", "/usr/bin/chromium")
      .action(benchLive),
  )
  .addCommand(
    new Command("bill")
      .description(
        "a year of quarter-hours at many tariffs, and one contract for many meters, on one core; the same over HTTP from the database",
      )
      .option("--tariffs <n>", "how many tariffs of the library are ranked", Number, 20)
      .option("--meters <n>", "how many meters are priced", Number, 100)
      .action(benchBill),
  );
