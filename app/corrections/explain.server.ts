import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import { eventsOf } from "../../db/meter-events.ts";
import { readingsOf } from "../../db/readings.ts";
import { rollUpChannels } from "../../db/roll-up.ts";
import { stretchOf, type Correction } from "../../domain/energy/corrections.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { piecesOf, type Piece } from "../../domain/energy/pieces.ts";
import type { Reading } from "../../domain/reading.ts";
import { compose, type Composed } from "../../domain/rollup/compose.ts";
import { bucketsWithin } from "../api/series.server.ts";
import { foldStretch, type Folded } from "./fold-stretch.server.ts";

/** Why a figure is what it is: the readings behind it, what was not counted and why, and how each piece follows. */
export interface Explanation {
  fromMs: number;
  toMs: number;
  /** The whole window, from its buckets. */
  total: Composed;
  /** Readings before it are kept no longer, and some of the window lies there; null: none of it does. */
  frozenBeforeMs: number | null;
  /** What the register did in the window; what people corrected there. At most 200 each. */
  events: MeterEvent[];
  corrections: (Correction & { id: string })[];
  /** A page: pieces and readings in [pageFromMs, pageToMs). */
  pageFromMs: number;
  pageToMs: number;
  pieces: ExplainedPiece[];
  ignored: IgnoredReading[];
  readings: number;
  /** Where the next page begins; null: this is the last one. */
  nextMs: number | null;
}

export interface ExplainedPiece extends Piece {
  /** How the energy of an outage is laid; null: it was measured. */
  laidBy: "gauge" | "profile" | "line" | null;
}

/** A reading that was sent and does not count as it is. */
export interface IgnoredReading extends Reading {
  why: "excluded" | "scaled" | "replaced by hand" | "glitch" | "jitter" | "pending";
  /** What counts in its place; null: nothing. */
  counted: number | null;
}

export interface ExplainQuery {
  fromMs: number;
  toMs: number;
  /** Where the page begins; absent: at the beginning. */
  startMs?: number | undefined;
  /** Readings per page. */
  limit: number;
}

/** Longer than a year of days is not one figure. */
export const longestWindowMs = 400 * 86_400_000;
const mostListed = 200;

/** @returns null: there is no such channel. */
export async function explain(
  organizationId: string,
  channel: ChannelRow,
  { fromMs, toMs, startMs = fromMs, limit }: ExplainQuery,
): Promise<Explanation | null> {
  const sent = await readingsOf(organizationId, channel.id, { fromMs: startMs, toMs, limit: limit + 1 });
  const nextMs = sent[limit]?.timeMs ?? null;
  const page = { fromMs: startMs, toMs: nextMs ?? toMs };
  return asOrganization(organizationId, async (sql) => {
    const known = (await rollUpChannels(sql, [channel.id])).get(channel.id);
    if (!known) return null;
    const [total] = compose(await bucketsWithin(sql, channel, [{ startMs: fromMs, endMs: toMs }]), [
      { startMs: fromMs, endMs: toMs },
    ]);
    const events = (await eventsOf(sql, [channel.id], { fromMs, toMs })).get(channel.id) ?? [];
    const reaches = (one: Correction) => stretchOf(one).fromMs < toMs && stretchOf(one).toMs >= fromMs;
    const folded = await foldStretch(sql, known, page);
    const counted = new Map(folded.readings.map((reading) => [reading.timeMs, reading.value]));
    return {
      ...{ fromMs, toMs, nextMs },
      frozenBeforeMs: fromMs < known.frozenBeforeMs ? known.frozenBeforeMs : null,
      total: total!,
      events: events.slice(0, mostListed),
      corrections: known.corrections.filter(reaches).slice(0, mostListed),
      pageFromMs: page.fromMs,
      pageToMs: page.toMs,
      pieces: piecesOf({ channel: known, ...folded, ...page }).map((piece) => ({
        ...piece,
        laidBy: laidBy(piece, folded),
      })),
      ignored: sent
        .slice(0, limit)
        .flatMap((reading) => ignoredReading(reading, known.corrections, { events: folded.events, counted })),
      readings: Math.min(sent.length, limit),
    };
  });
}

function laidBy({ how, fromMs, toMs, turned, isCovered }: Piece, { gapOf, laidBy: by }: Folded) {
  if (how !== "register" || !(isCovered || turned)) return null;
  return toMs - fromMs > gapOf(toMs).maxGapS * 1000 ? by({ startMs: fromMs, endMs: toMs }) : null;
}

function ignoredReading(
  reading: Reading,
  corrections: readonly Correction[],
  { events, counted }: { events: readonly MeterEvent[]; counted: ReadonlyMap<number, number> },
): IgnoredReading[] {
  const { timeMs, value } = reading;
  const now = counted.get(timeMs);
  if (now === undefined) return [{ timeMs, value, why: "excluded", counted: null }];
  const event = events.findLast((one) => one.timeMs <= timeMs && timeMs < one.plainFromMs);
  if (event && (event.type === "glitch" || event.type === "jitter" || event.type === "pending"))
    return [{ timeMs, value, why: event.type, counted: null }];
  if (corrections.some((one) => one.what === "reading" && one.atMs === timeMs))
    return [{ timeMs, value, why: "replaced by hand", counted: now }];
  return now === value ? [] : [{ timeMs, value, why: "scaled", counted: now }];
}
