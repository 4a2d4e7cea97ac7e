import type { Meter, MeterId } from "./meter.ts";

/**
 * The tree of meters: a sub-meter lies below the meter that measures it too. So a part is never added beside its whole.
 * Worked: the main meter counts 10, below it the heat pump 6, below that its heating rod 2: the site used 10, the heat pump 4
 * without its rod, and 4 are untracked.
 */
type Linked = Pick<Meter, "id" | "parentId">;

/**
 * The way up from a meter that would close into a circle if `parentId` were its parent: ["c1", "c2", "c1"]; null: it would not.
 */
export function circleAbove(meters: readonly Linked[], id: MeterId, parentId: MeterId): MeterId[] | null {
  const parents = new Map(meters.map((meter) => [meter.id, meter.parentId]));
  const way: MeterId[] = [id];
  let at: MeterId | null | undefined = parentId;
  while (at && !way.slice(1).includes(at)) {
    way.push(at);
    if (at === id) return way;
    at = parents.get(at);
  }
  return null;
}

export const countsAtSite = ({ isPrimary, role }: Pick<Meter, "isPrimary" | "role">): boolean =>
  isPrimary && role !== "none";

/** The nearest counting meter above, of the same role, medium and unit: the whole that this one is a part of. Null: a root. */
export function wholeOf<T extends Meter>(meter: T, byId: ReadonlyMap<MeterId, T>): T | null {
  const seen = new Set<MeterId>([meter.id]);
  let at = meter.parentId;
  while (at && !seen.has(at)) {
    seen.add(at);
    const above = byId.get(at);
    if (!above) return null;
    if (countsAtSite(above) && isSameFlow(above, meter)) return above;
    at = above.parentId;
  }
  return null;
}

const isSameFlow = (a: Meter, b: Meter) => a.role === b.role && a.medium === b.medium && a.unit === b.unit;

/** A counting meter in its place. */
export interface Placed<T extends Meter> {
  meter: T;
  /** Index of its whole in the list, which is before it; -1: a root. */
  whole: number;
  depth: number;
}

/** The meters that count, wholes before their parts, and each whole's parts behind it, in the order they were given in. */
export function placeMeters<T extends Meter>(meters: readonly T[]): Placed<T>[] {
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  const parts = new Map<MeterId | null, T[]>();
  for (const meter of meters.filter(countsAtSite)) {
    const whole = wholeOf(meter, byId)?.id ?? null;
    const list = parts.get(whole);
    if (list) list.push(meter);
    else parts.set(whole, [meter]);
  }
  const placed: Placed<T>[] = [];
  const place = (of: MeterId | null, whole: number, depth: number): void => {
    for (const meter of parts.get(of) ?? []) {
      placed.push({ meter, whole, depth });
      place(meter.id, placed.length - 1, depth + 1);
    }
  };
  place(null, -1, 0);
  return placed;
}

/** A placed meter and all that are below it. */
export function withParts(placed: readonly Placed<Meter>[], id: MeterId): MeterId[] {
  const parts = new Set<MeterId>();
  for (const { meter, whole } of placed)
    if (meter.id === id || (whole >= 0 && parts.has(placed[whole]!.meter.id))) parts.add(meter.id);
  return [...parts];
}
