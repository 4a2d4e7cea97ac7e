import type { StepName } from "../../domain/local-time/steps.ts";
import type { Formats } from "../charts/formats.ts";

/** What is written below a bar. */
export function stepLabel(startMs: number, step: StepName, formats: Formats): { label: string; shortLabel: string } {
  if (step === "day") return { label: formats.dayOfMonth(startMs), shortLabel: formats.dayOfMonth(startMs) };
  if (step === "year") return { label: formats.year(startMs), shortLabel: formats.year(startMs) };
  if (step !== "month") return { label: formats.time(startMs), shortLabel: formats.hour(startMs) };
  const label = formats.month(startMs);
  return { label, shortLabel: label.slice(0, 1) };
}

/** What a bar is called in full. */
export function stepTitle(startMs: number, step: StepName, formats: Formats): string {
  if (step === "day") return formats.longDay(startMs);
  if (step === "month") return formats.longMonth(startMs);
  return step === "year" ? formats.year(startMs) : formats.shortDateTime(startMs);
}
