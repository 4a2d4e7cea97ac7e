import { createInterface } from "node:readline";
import { Command } from "commander";
import { answerCase } from "./meter/answer.ts";
import { readCase } from "./meter/case.ts";

export const command = new Command("meter")
  .description(
    "The rules of energy without a database: reads cases (NDJSON on stdin, one a line), writes a line for each.",
  )
  .option("--json", "write NDJSON (the only form there is)")
  .addHelpText(
    "after",
    `
A line in:  {"channel":{"kind":"counter","unit":"kWh","maxPowerW":50000},"readings":[["2026-03-01T00:00:00Z",100],…],"from"?,"to"?}
A line out: {"energyKwh","reverseKwh"?,"measuredKwh","estimatedKwh","events":[{"type","time"}],
            "buckets":[{"start","energyKwh","reverseKwh"?,"estimatedKwh","coveredSeconds"}]} or {"error"}
channel: kind (gauge, counter, delta), unit (any of electricity, gas, water, heat; the answer is in kWh or m3), and where known
direction, maxPowerW, registerMax, expectedIntervalSeconds, maxGapSeconds, stamp (instant, start, end), reporting (periodic,
on-change), restartsDaily, timezone (of its site, UTC when absent).
Readings may come in any order; of the same time, the later in the list is the reading. The window is [from, to); without one it
goes from the first reading to the last one, or to the end of the last interval. reverseKwh comes with direction "both".`,
  )
  .action(meterLines);

async function meterLines(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === "") continue;
    const output = `${JSON.stringify(meterLine(line))}\n`;
    if (!process.stdout.write(output)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  }
}

/** One line to its answer. A line that is no case makes the command fail at its end, after all lines are answered. */
function meterLine(line: string): object {
  const read = readCase(line);
  if ("error" in read) process.exitCode = 1;
  return "error" in read ? read : answerCase(read);
}
