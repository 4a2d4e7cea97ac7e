import type { Kind } from "../../domain/channel.ts";
import { stretchOf, type Correction } from "../../domain/energy/corrections.ts";

export interface CorrectionFault {
  field: "what" | "from" | "to" | "factor" | "value" | "finalValue" | "firstValue";
  message: string;
}

const dayMs = 86_400_000;
export const longestRangeDays = 3_660;
const largest = 1e15;

/** What is wrong with a correction of a channel, and what is expected; null: nothing. */
export function faultOf(
  { kind, frozenBeforeMs }: { kind: Kind; frozenBeforeMs: number | null },
  correction: Correction,
  nowMs: number,
): CorrectionFault | null {
  if (kind === "state")
    return { field: "what", message: "a channel of states has no readings that could be corrected" };
  if (kind !== "counter" && (correction.what === "judge" || correction.what === "replace"))
    return { field: "what", message: "only a counter has events and a meter that is replaced" };
  const { fromMs, toMs } = stretchOf(correction);
  if (!(fromMs >= 0 && fromMs <= nowMs + dayMs))
    return { field: "from", message: "expected a time between 1970 and tomorrow" };
  if (frozenBeforeMs !== null && fromMs < frozenBeforeMs) {
    const message = `expected a time from ${new Date(frozenBeforeMs).toISOString()} on: raw readings before it are kept no longer`;
    return { field: "from", message };
  }
  if ("fromMs" in correction && !(toMs > fromMs)) return { field: "to", message: "expected a time after from" };
  if (toMs - fromMs > longestRangeDays * dayMs)
    return { field: "to", message: `expected a range of at most ${longestRangeDays} days` };
  if (correction.what === "scale" && !(correction.factor !== 0 && Math.abs(correction.factor) <= 1e9))
    return { field: "factor", message: "expected a number other than 0, such as 0.001" };
  const isOff = (value: number | null) => value !== null && !(Math.abs(value) <= largest);
  if (correction.what === "reading" && isOff(correction.value))
    return { field: "value", message: "expected a number such as 13424.5" };
  if (correction.what !== "replace") return null;
  if (isOff(correction.finalValue)) return { field: "finalValue", message: "expected a number such as 13424.5" };
  if (isOff(correction.firstValue)) return { field: "firstValue", message: "expected a number such as 0.5" };
  return null;
}
