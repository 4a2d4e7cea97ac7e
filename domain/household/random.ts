/**
 * Chance as a function: the same seed, stream and index always give the same number, in whatever order they are asked for.
 * That is what lets a year of history and today's live values come from one household.
 */
export type Chance = (index: number) => number;

/** A stream of numbers in [0, 1), one for each whole index (negative ones too). Streams of different names are independent. */
export function chanceOf(seed: number, stream: string): Chance {
  let key = mix(seed | 0, Math.floor(seed / 2 ** 32));
  for (let i = 0; i < stream.length; i++) key = mix(key, stream.charCodeAt(i));
  return (index) => mix(mix(key, index | 0), Math.floor(index / 2 ** 32)) / 2 ** 32;
}

/** Two 32-bit words to one (the finalizer of MurmurHash3, by Austin Appleby, in the public domain). */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b ^ (b >>> 15), 0xcc9e2d51);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number in [low, high). */
export const between = (share: number, low: number, high: number): number => low + share * (high - low);

/** Noise that wanders smoothly in [0, 1): a random value at every whole `at`, joined without corners. */
export function drift(chance: Chance, at: number): number {
  const knot = Math.floor(at);
  const t = at - knot;
  const before = chance(knot);
  return before + (chance(knot + 1) - before) * t * t * (3 - 2 * t);
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
