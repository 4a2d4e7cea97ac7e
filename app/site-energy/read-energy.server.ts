import { asOrganization } from "../../db/as-organization.ts";
import type { Sql } from "../../db/client.ts";
import { calculatedOf, metersOf, type SiteMeters } from "../../db/meters.ts";
import { quartersOf, stretchOf } from "../../db/quarters.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { countsAtSite } from "../../domain/site/meter-tree.ts";
import { channelMeter, readMeterId, type Meter, type MeterId } from "../../domain/site/meter.ts";
import type { Quarters, Stretch } from "../../domain/site/quarters.ts";
import { workOut } from "../../domain/site/virtual-meters.ts";

/** Buckets are held for this much time at once, whatever the window: ten meters over it are some 15 MB. */
const heldMs = 400 * 86_400_000;

/** What a site's meters counted over a stretch of time, by the quarter-hour. */
export interface SiteEnergy {
  meters: readonly Meter[];
  quarters: ReadonlyMap<MeterId, Quarters>;
  stretch: Stretch;
  steps: readonly Step[];
}

/**
 * Reads the energy of a site over steps (ascending, each on from the one before), piece by piece, and has `work` make something of
 * each piece; nothing where none of the meters that are wanted counts. Of the site as it is now: roles, tree and formulas hold for
 * all of its past.
 */
export function eachEnergy<T>(
  organizationId: string,
  siteId: string,
  steps: readonly Step[],
  work: (energy: SiteEnergy, sql: Sql) => T[] | Promise<T[]>,
  wants: (meter: Meter) => boolean = () => true,
): Promise<{ site: SiteMeters; made: T[] }> {
  return asOrganization(organizationId, async (sql) => {
    const site = await metersOf(sql, siteId);
    const made: T[] = [];
    const isWanted = site.meters.some((meter) => countsAtSite(meter) && wants(meter));
    if (isWanted)
      for (const piece of piecesOf(steps)) made.push(...(await work(await readPiece(sql, site, piece, wants), sql)));
    return { site, made };
  });
}

/** One piece of it, inside a transaction that is open already. */
export async function readPiece(
  sql: Sql,
  site: SiteMeters,
  steps: readonly Step[],
  wants: (meter: Meter) => boolean = () => true,
): Promise<SiteEnergy> {
  const stretch = stretchOf({ startMs: steps[0]!.startMs, endMs: steps.at(-1)!.endMs });
  const wantedMeters = site.meters.filter(wants);
  // One may speak of another: where one is wanted, all are worked out.
  const virtual = wantedMeters.some(({ id }) => id.startsWith("v")) ? calculatedOf(site.virtual) : [];
  const wanted = new Set([
    ...wantedMeters.filter(countsAtSite).map(({ id }) => id),
    ...virtual.flatMap(({ inputs }) => inputs),
  ]);
  const channels = site.meters.flatMap(({ id }) => {
    const read = wanted.has(id) ? readMeterId(id) : null;
    return read?.kind === "channel" ? [read.number] : [];
  });
  const measured = await quartersOf(sql, channels, stretch);
  const byMeter = new Map([...measured].map(([id, quarters]) => [channelMeter(id), quarters]));
  return { meters: site.meters, quarters: workOut(virtual, byMeter, stretch.count), stretch, steps };
}

/** Steps in pieces that can be held; a step that is longer is a piece of its own. */
export function piecesOf(steps: readonly Step[]): Step[][] {
  const pieces: Step[][] = [];
  for (const step of steps) {
    const piece = pieces.at(-1);
    if (piece && step.endMs - piece[0]!.startMs <= heldMs) piece.push(step);
    else pieces.push([step]);
  }
  return pieces;
}

/** Silent for longer than this, a meter is no reason for figures to be incomplete up to now. */
const heardMs = 86_400_000;

/**
 * Until when the counted meters that are still heard of are known: the end of the last covered bucket of the one that is furthest
 * behind. Null: none is.
 */
export function knownToMs(
  { quarters, stretch }: SiteEnergy,
  counted: readonly MeterId[],
  endMs: number,
): number | null {
  const ends = counted.flatMap((id) => {
    const { covered } = quarters.get(id)!;
    const last = covered.findLastIndex((seconds) => seconds > 0);
    return last < 0 ? [] : [stretch.startMs + last * bucketMs + Math.min(bucketMs, covered[last]! * 1000)];
  });
  const heard = ends.filter((ms) => ms > endMs - heardMs);
  return heard.length ? Math.min(endMs, ...heard) : ends.length ? Math.max(...ends) : null;
}
