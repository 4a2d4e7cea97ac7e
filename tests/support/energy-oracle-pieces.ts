/** Power (kW) that goes in a line from `p0` at `from` to `p1` at `to` (ms since 1970). */
export interface Piece {
  from: number;
  to: number;
  p0: number;
  p1: number;
  estimated: boolean;
}

/** Energy (kWh) of a bucket, or of the part of it that a window leaves. */
export interface Bucket {
  start: string;
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
  coveredSeconds: number;
}

export const MINUTE = 60_000;
export const QUARTER = 15 * MINUTE;
export const HOUR = 60 * MINUTE;

export function median(numbers: number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return half % 1 === 0 ? (sorted.length ? (sorted[half - 1]! + sorted[half]!) / 2 : undefined) : sorted[half - 0.5];
}

/** Energy (kWh) of the part of the line above zero that lies in [from, to). */
function above(piece: Piece, from: number, to: number): number {
  const a = Math.max(from, piece.from);
  const b = Math.min(to, piece.to);
  if (a >= b) return 0;
  const at = (time: number) =>
    piece.p0 === piece.p1
      ? piece.p0
      : piece.p0 + ((piece.p1 - piece.p0) * (time - piece.from)) / (piece.to - piece.from);
  const [pa, pb] = [at(a), at(b)];
  if (pa >= 0 && pb >= 0) return (((pa + pb) / 2) * (b - a)) / HOUR;
  if (pa <= 0 && pb <= 0) return 0;
  const high = Math.max(pa, pb);
  const part = high / (high - Math.min(pa, pb));
  return ((high / 2) * part * (b - a)) / HOUR;
}

const upsideDown = (piece: Piece): Piece => ({ ...piece, p0: -piece.p0, p1: -piece.p1 });
export const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

/** Milliseconds of [from, to) that lie in at least one piece. */
function covered(pieces: Piece[], from: number, to: number): number {
  let until = from;
  let total = 0;
  for (const piece of pieces.toSorted((a, b) => a.from - b.from)) {
    const a = Math.max(piece.from, until);
    const b = Math.min(piece.to, to);
    if (b <= a) continue;
    total += b - a;
    until = b;
  }
  return total;
}

/** The energy of one bucket [start, start + 15 minutes), of which the part inside the window counts. */
export function bucketOf(all: Piece[], start: number, from = start, to = start + QUARTER): Bucket {
  const [a, b] = [Math.max(start, from), Math.min(start + QUARTER, to)];
  const pieces = all.filter((piece) => piece.from < b && piece.to > a);
  const energy = (some: Piece[]) => sum(some.map((piece) => above(piece, a, b)));
  return {
    start: new Date(start).toISOString(),
    energyKwh: energy(pieces),
    reverseKwh: energy(pieces.map(upsideDown)),
    estimatedKwh: energy(pieces.filter((piece) => piece.estimated)),
    coveredSeconds: covered(pieces, a, b) / 1000,
  };
}
