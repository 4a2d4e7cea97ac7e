import type { Reading } from "../reading.ts";
import { correct, type Correction } from "./corrections.ts";

/** Readings of a window [fromMs, toMs) with the last one before it and one or more after it, ascending. */
export interface Around {
  readings: Reading[];
  /** Later ones exist, or may, that were not read. */
  hasMore: boolean;
}

export interface WantedWindow {
  fromMs: number;
  toMs: number;
  /** Readings wanted beyond the first one after the window; 0: none. */
  ahead: number;
}

/** Where the exclusion begins that takes a reading away; undefined: it is not excluded. */
export function beforeExclusion(corrections: readonly Correction[], timeMs: number): number | undefined {
  const starts = exclusionsOf(corrections, timeMs).map(({ fromMs }) => fromMs);
  return starts.length ? Math.min(...starts) : undefined;
}

/** Where the exclusion ends that takes a reading away. */
export function afterExclusion(corrections: readonly Correction[], timeMs: number): number | undefined {
  const ends = exclusionsOf(corrections, timeMs).map(({ toMs }) => toMs);
  return ends.length ? Math.max(...ends) : undefined;
}

const exclusionsOf = (corrections: readonly Correction[], timeMs: number) =>
  corrections.filter((c) => c.what === "exclude").filter(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);

/**
 * The readings of a window after their corrections, cut to what was wanted: a register is read from its very last reading before the
 * window on, and not beyond what is known.
 * @param raw in the channel's unit; its nearest readings around the window are not excluded.
 */
export function correctedWindow(wanted: WantedWindow, raw: Around, corrections: readonly Correction[]): Around {
  if (!corrections.length) return raw;
  const knownToMs = raw.hasMore && wanted.ahead > 0 ? (raw.readings.at(-1)?.timeMs ?? -Infinity) : Infinity;
  const all = correct(raw.readings, corrections).readings.filter(({ timeMs }) => timeMs <= knownToMs);
  const from = Math.max(
    0,
    all.findLastIndex(({ timeMs }) => timeMs < wanted.fromMs),
  );
  const after = all.findIndex(({ timeMs }) => timeMs >= wanted.toMs);
  const to = wanted.ahead > 0 || after < 0 ? all.length : after + 1;
  return { readings: all.slice(from, to), hasMore: raw.hasMore };
}

/** The manual readings among corrections that hold, ascending. */
export function manualTimes(corrections: readonly Correction[]): number[] {
  return corrections.flatMap((c) => (c.what === "reading" ? [c.atMs] : [])).sort((a, b) => a - b);
}
