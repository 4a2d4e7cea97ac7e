import type { Mark } from "../../db/roll-up.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";

/** Buckets to recompute: [fromMs, toMs), whole buckets. */
export interface Window extends Mark {
  /** Readings changed up to here: a register is read on until it is again as it was. */
  changedToMs: number;
  /** The events of a register as they were stored before the pass, as far as it was read; later ones follow with its pieces. */
  stored: readonly MeterEvent[];
  /** Up to where they are known; -Infinity: not asked for yet. */
  storedToMs: number;
}

/** Windows of a channel that touch are one. Sorts. */
export function joinOverlapping(windows: readonly Window[]): Window[] {
  const sorted = [...windows].sort((a, b) => a.channelId - b.channelId || a.fromMs - b.fromMs);
  const joined: Window[] = [];
  for (const window of sorted) {
    const last = joined.at(-1);
    if (last && last.channelId === window.channelId && window.fromMs <= last.toMs) {
      last.toMs = Math.max(last.toMs, window.toMs);
      last.changedToMs = Math.max(last.changedToMs, window.changedToMs);
    } else joined.push({ ...window });
  }
  return joined;
}
