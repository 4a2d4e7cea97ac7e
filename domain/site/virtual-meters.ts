import { valueOf, type Formula } from "./formula.ts";
import type { MeterId } from "./meter.ts";
import { noQuarters, type Quarters } from "./quarters.ts";

/** A virtual meter, as far as working it out goes. */
export interface Calculated {
  id: MeterId;
  formula: Formula;
  /** What the formula speaks of. */
  inputs: readonly MeterId[];
}

/**
 * Works virtual meters out, bucket by bucket; one may speak of another. A bucket is known as long as the least known of its
 * inputs, and estimated in the share of the most estimated of them. A result below zero counts as nothing, a division
 * by zero is not known, and so is what speaks of a meter that is not there or, by a way round, of itself.
 * A signed meter goes in as forward minus reverse.
 * @param measured the channels' energies, `count` buckets each.
 * @returns the channels' and the virtual meters' energies.
 */
export function workOut(
  virtual: readonly Calculated[],
  measured: ReadonlyMap<MeterId, Quarters>,
  count: number,
): Map<MeterId, Quarters> {
  const known = new Map(measured);
  const byId = new Map(virtual.map((one) => [one.id, one]));
  const open = new Set<MeterId>();
  const energiesOf = (id: MeterId): Quarters => {
    const done = known.get(id);
    if (done) return done;
    const one = byId.get(id);
    if (!one || open.has(id)) return noQuarters(count);
    open.add(id);
    const made = calculate(one, new Map(one.inputs.map((input) => [input, energiesOf(input)])), count);
    open.delete(id);
    known.set(id, made);
    return made;
  };
  for (const { id } of virtual) energiesOf(id);
  return known;
}

function calculate({ formula }: Calculated, inputs: ReadonlyMap<MeterId, Quarters>, count: number): Quarters {
  const parts = [...inputs.values()];
  const begins = parts.map(({ beganMs }) => beganMs);
  const made = noQuarters(count, begins.includes(null) ? null : Math.max(-Infinity, ...(begins as number[])));
  let at = 0;
  const amount = (id: MeterId) => {
    const { energy, reverse } = inputs.get(id)!;
    return energy[at]! - reverse[at]!;
  };
  for (; at < count; at++) {
    let covered = 900;
    let estimated = 0;
    for (const part of parts) {
      covered = Math.min(covered, part.covered[at]!);
      const total = part.energy[at]! + part.reverse[at]!;
      if (total > 0) estimated = Math.max(estimated, (part.estimated[at]! + part.estimatedReverse[at]!) / total);
    }
    if (covered === 0) continue;
    const value = valueOf(formula, amount);
    if (!Number.isFinite(value)) continue;
    made.energy[at] = Math.max(0, value);
    made.estimated[at] = Math.min(1, estimated) * made.energy[at]!;
    made.covered[at] = covered;
  }
  return made;
}

/** The way round by which a virtual meter would speak of itself: ["v1", "v2", "v1"]; null: there is none. */
export function circleOf(id: MeterId, inputsOf: (id: MeterId) => readonly MeterId[] | undefined): MeterId[] | null {
  const seen = new Set<MeterId>();
  const search = (at: MeterId, way: MeterId[]): MeterId[] | null => {
    for (const input of inputsOf(at) ?? []) {
      if (input === id) return [...way, input];
      if (seen.has(input)) continue;
      seen.add(input);
      const found = search(input, [...way, input]);
      if (found) return found;
    }
    return null;
  };
  return search(id, [id]);
}
