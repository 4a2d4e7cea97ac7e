import { answerCase } from "../../cli/meter/answer.ts";
import { readCase } from "../../cli/meter/case.ts";
import type { MeterAnswer, MeterCase } from "./energy-case.ts";

/** What `energy meter` answers to a line, without the process around it. */
export function energyMeter(given: MeterCase): MeterAnswer {
  const read = readCase(JSON.stringify(given));
  if ("error" in read) throw new Error(read.error);
  return answerCase(read) as MeterAnswer;
}
