import type { ClaimedImport, Progress } from "../../db/import-runs.ts";
import type { HistoryBatch, Refusal } from "../../domain/history/history.ts";

/** As many refusals are kept by their row; the others are counted. */
export const mostRefusals = 200;

/** How far an import is. Counts go on from where an interrupted run had them written down. */
export class Tally {
  #items = 0;
  #dealtWith: number;
  #stored: number;
  #refused: number;
  #ambiguous: number;
  #firstMs: number | null;
  #lastMs: number | null;
  #refusals: Refusal[];
  #hasNewRefusals = false;

  constructor(claimed: Omit<ClaimedImport, "id" | "identity" | "fileName" | "options" | "size">) {
    this.#dealtWith = claimed.items;
    this.#stored = claimed.stored;
    this.#refused = claimed.refused;
    this.#ambiguous = claimed.ambiguous;
    this.#firstMs = claimed.firstMs;
    this.#lastMs = claimed.lastMs;
    this.#refusals = [...claimed.refusals];
  }

  /** Whether an earlier run has dealt with this piece. Asked once for each piece, in order. */
  isKnown({ readings, refusals }: HistoryBatch): boolean {
    this.#items += readings.length + refusals.length;
    return this.#items <= this.#dealtWith;
  }

  refuse(refusals: readonly Refusal[], count = refusals.length): void {
    this.#refused += count;
    const kept = refusals.slice(0, mostRefusals - this.#refusals.length);
    if (!kept.length) return;
    this.#refusals.push(...kept);
    this.#hasNewRefusals = true;
  }

  store(count: number, times: readonly number[]): void {
    this.#stored += count;
    for (const ms of times) {
      this.#firstMs = Math.min(this.#firstMs ?? ms, ms);
      this.#lastMs = Math.max(this.#lastMs ?? ms, ms);
    }
  }

  ambiguous(count: number): void {
    this.#ambiguous += count;
  }

  /** What is to be written down now. */
  progress(readBytes: number): Progress {
    const refusals = this.#hasNewRefusals ? this.#refusals : null;
    this.#hasNewRefusals = false;
    return {
      items: Math.max(this.#items, this.#dealtWith),
      stored: this.#stored,
      refused: this.#refused,
      ambiguous: this.#ambiguous,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      readBytes,
      refusals,
    };
  }
}
