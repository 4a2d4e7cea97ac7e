import type { Reading } from "../reading.ts";
import type { Replacement } from "./channel-config.ts";
import type { Judgement, Judgements } from "./judgement.ts";

/**
 * What people corrected of a channel, as pure data: the raw readings stay as they are, and everything is folded from the readings
 * after their corrections. Worked: a register that sent watt-hours for a day as kilowatt-hours is scaled by 0.001 over that day; the
 * wrong value at 12:03 is excluded; the fall at 18:00 was a replacement with the final value 5,000.7.
 */
export type Correction =
  /** Readings in [fromMs, toMs) are as if they had not been sent; one reading is a range of a millisecond. */
  | { what: "exclude"; fromMs: number; toMs: number }
  /** Readings in [fromMs, toMs) are value x factor. */
  | { what: "scale"; fromMs: number; toMs: number; factor: number }
  /** A reading that a person took from the meter; in the place of a sent one of the same time. */
  | { what: "reading"; atMs: number; value: number }
  /** What the reading at `atMs` is: one of the events, or a rise that is real. */
  | { what: "judge"; atMs: number; as: Judgement }
  /** From `atMs` on another meter counts. */
  | ({ what: "replace" } & Replacement);

export interface Corrected {
  readings: Reading[];
  judgements: Judgements;
  /** Ascending. */
  replacements: Replacement[];
}

/**
 * @param readings ascending, in the channel's unit, as they were sent.
 * @param corrections those in force, in the order in which people made them: scales multiply, of two judgements of one reading the
 *   later holds, and an exclusion takes away what was sent, not what a person read.
 */
export function correct(readings: readonly Reading[], corrections: readonly Correction[]): Corrected {
  const judgements = new Map<number, Judgement>();
  const replacements = new Map<number, Replacement>();
  const manual = new Map<number, Reading>();
  let sent = [...readings];
  for (const correction of corrections) {
    switch (correction.what) {
      case "exclude":
        sent = sent.filter(({ timeMs }) => !isWithin(correction, timeMs));
        break;
      case "scale":
        sent = sent.map((r) => (isWithin(correction, r.timeMs) ? { ...r, value: r.value * correction.factor } : r));
        break;
      case "reading":
        manual.set(correction.atMs, { timeMs: correction.atMs, value: correction.value });
        break;
      case "judge":
        judgements.set(correction.atMs, correction.as);
        break;
      case "replace": {
        const { atMs, finalValue, firstValue } = correction;
        replacements.set(atMs, { atMs, finalValue, firstValue });
        break;
      }
      default:
        correction satisfies never;
    }
  }
  const all = [...sent.filter(({ timeMs }) => !manual.has(timeMs)), ...manual.values()];
  return {
    readings: all.sort((a, b) => a.timeMs - b.timeMs),
    judgements,
    replacements: [...replacements.values()].sort((a, b) => a.atMs - b.atMs),
  };
}

const isWithin = ({ fromMs, toMs }: { fromMs: number; toMs: number }, timeMs: number): boolean =>
  timeMs >= fromMs && timeMs < toMs;

/** The stretch of a channel's time whose readings a correction changes (closed): what is to be marked when it is made or undone. */
export function stretchOf(correction: Correction): { fromMs: number; toMs: number } {
  if ("fromMs" in correction) return { fromMs: correction.fromMs, toMs: correction.toMs };
  return { fromMs: correction.atMs, toMs: correction.atMs };
}
