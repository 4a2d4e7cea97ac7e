import { bucketMs, bucketS, bucketStart, type Bucket } from "./bucket.ts";

/**
 * The running sums of a window's buckets. What is added for a stretch of time is cut at the bucket edges and depends only on
 * the stretch, never on the window; each bucket adds its terms in the order of time. So a bucket comes out bit for bit the
 * same from any window that holds it.
 */
export class Sums {
  readonly fromMs: number;
  readonly toMs: number;
  readonly #energy: Float64Array;
  readonly #reverse: Float64Array;
  readonly #estimated: Float64Array;
  readonly #estimatedReverse: Float64Array;
  readonly #covered: Float64Array;
  readonly #weighted: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #count: Int32Array;
  readonly #last: Float64Array;

  readonly #startMs: number;

  /** A window [fromMs, toMs). Buckets that its edges cut hold the part inside. */
  constructor(fromMs: number, toMs: number) {
    this.#startMs = bucketStart(fromMs);
    const length = Math.max(0, Math.ceil((toMs - this.#startMs) / bucketMs));
    const column = () => new Float64Array(length);
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.#energy = column();
    this.#reverse = column();
    this.#estimated = column();
    this.#estimatedReverse = column();
    this.#covered = column();
    this.#weighted = column();
    this.#min = column().fill(Infinity);
    this.#max = column().fill(-Infinity);
    this.#count = new Int32Array(length);
    this.#last = column().fill(NaN);
  }

  /** The bucket of an instant, or -1 outside the window. */
  #at(ms: number): number {
    return ms >= this.fromMs && ms < this.toMs ? Math.floor((ms - this.#startMs) / bucketMs) : -1;
  }

  /** A reading's own mark: it lies in this bucket, and its value is the last so far. */
  reading(timeMs: number, value: number): void {
    const at = this.#at(timeMs);
    if (at < 0) return;
    this.#count[at]!++;
    this.#last[at] = value;
  }

  /**
   * Calls `part` for each piece of [startMs, endMs) that lies in one bucket of the window. Pieces are cut at bucket edges
   * only.
   */
  eachPiece(startMs: number, endMs: number, part: (at: number, fromMs: number, toMs: number) => void): void {
    if (endMs <= this.fromMs || startMs >= this.toMs) return;
    let from = startMs;
    if (from < this.fromMs) from = this.fromMs;
    const end = endMs > this.toMs ? this.toMs : endMs;
    while (from < end) {
      const at = Math.floor((from - this.#startMs) / bucketMs);
      const edge = this.#startMs + (at + 1) * bucketMs;
      const to = edge < end ? edge : end;
      part(at, from, to);
      from = to;
    }
  }

  /** Covered time with its value: `area` is value x seconds, low and high the extremes in the piece. */
  value(at: number, seconds: number, area: number, low: number, high: number): void {
    this.#covered[at]! += seconds;
    this.#weighted[at]! += area;
    if (low < this.#min[at]!) this.#min[at] = low;
    if (high > this.#max[at]!) this.#max[at] = high;
  }

  cover(at: number, seconds: number): void {
    this.#covered[at]! += seconds;
  }

  energy(at: number, forward: number, reverse: number, estimated: boolean): void {
    this.#energy[at]! += forward;
    this.#reverse[at]! += reverse;
    if (!estimated) return;
    this.#estimated[at]! += forward;
    this.#estimatedReverse[at]! += reverse;
  }

  /** Every bucket of the window, an empty one with zeros. */
  buckets(): Bucket[] {
    return Array.from(this.#energy, (energyKwh, at) => {
      // Pieces of 7.3 s add up to 899.9999999 s: to the microsecond, a full bucket is full, and may teach a profile.
      const coveredS = Math.min(bucketS, Math.round(this.#covered[at]! * 1e6) / 1e6);
      const known = this.#min[at]! <= this.#max[at]! && this.#covered[at]! > 0;
      return {
        startMs: this.#startMs + at * bucketMs,
        energyKwh,
        reverseKwh: this.#reverse[at]!,
        estimatedKwh: this.#estimated[at]!,
        estimatedReverseKwh: this.#estimatedReverse[at]!,
        coveredS,
        mean: known ? this.#weighted[at]! / this.#covered[at]! : null,
        min: known ? this.#min[at]! : null,
        max: known ? this.#max[at]! : null,
        count: this.#count[at]!,
        last: this.#count[at]! > 0 ? this.#last[at]! : null,
      };
    });
  }
}
