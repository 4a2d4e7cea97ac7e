/** The energies of one meter in successive 15-minute buckets: one array a quantity, one place a bucket. */
export interface Quarters {
  /** Forward amounts, measured and estimated together; kWh or m3, never negative. */
  energy: Float64Array;
  reverse: Float64Array;
  /** The estimated parts of the two. */
  estimated: Float64Array;
  estimatedReverse: Float64Array;
  /** Seconds known, 0 to 900. */
  covered: Float64Array;
  /** When the meter's history begins, which may be long before; null: nothing is known of it at all. */
  beganMs: number | null;
}

/** A stretch of buckets: `count` of them from `startMs` on, which is a bucket's edge. */
export interface Stretch {
  startMs: number;
  count: number;
}

export function noQuarters(count: number, beganMs: number | null = null): Quarters {
  const empty = () => new Float64Array(count);
  return {
    energy: empty(),
    reverse: empty(),
    estimated: empty(),
    estimatedReverse: empty(),
    covered: empty(),
    beganMs,
  };
}
