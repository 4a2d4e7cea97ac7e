import type { Sql } from "../../db/client.ts";
import { eventsReaching } from "../../db/meter-events.ts";
import { isPlainAt, type MeterEvent } from "../../domain/energy/event.ts";
import { rangeAbove } from "../../domain/energy/register-range.ts";
import { bucketCeil, bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import type { Loaded } from "./load.ts";
import type { Window } from "./window.ts";

const dayMs = 86_400_000;

/**
 * Up to where a register's buckets have to be recomputed: to the first reading after the change at which it is plain and of the
 * same range, both by what was stored and by what was read now. From there on all follows from readings that did not change.
 * @param loaded the window's last piece. @returns epoch milliseconds, a bucket edge; no more than the window's end: it is done.
 */
export function affectedTo(window: Window, { channel, readings, fromMs, register }: Loaded): number {
  const { events, startRange, hasMore, decidedToMs } = register!;
  const rangeOf = (list: readonly MeterEvent[], timeMs: number) => lastRange(list, timeMs) ?? null;
  for (const { timeMs, value } of readings) {
    if (timeMs <= window.changedToMs) continue;
    if (timeMs > decidedToMs) break;
    if (!isPlainAt(events, timeMs) || !isPlainAt(window.stored, timeMs)) continue;
    const own = rangeAbove(value, channel);
    const before = lastRange(events, fromMs) ?? startRange ?? 0;
    const now = Math.max(own, rangeOf(events, timeMs) ?? startRange ?? 0);
    const then = Math.max(own, rangeOf(window.stored, timeMs) ?? before);
    if (now === then) return bucketCeil(timeMs);
  }
  // None at all: a person excluded them.
  const last = readings.at(-1)?.timeMs ?? -Infinity;
  if (!hasMore) return Math.max(bucketStart(last) + bucketMs, storedTo(window));
  return Math.max(bucketCeil(last), window.toMs + dayMs);
}

/**
 * Keeps of each register's events, before a piece of it is stored anew, those that `affectedTo` will ask for: as far as the piece
 * was read, and not what was over before it. So a register that is never plain for long costs no more than its pieces.
 */
export async function rememberStored(sql: Sql, pieces: readonly { window: Window; loaded: Loaded }[]): Promise<void> {
  const asked = pieces.flatMap(({ window, loaded }) => {
    if (!loaded.register || window.changedToMs === -Infinity) return [];
    const lastMs = Math.max(loaded.toMs, loaded.readings.at(-1)?.timeMs ?? -Infinity);
    return [{ window, loaded, toMs: loaded.register.hasMore ? lastMs : Infinity }];
  });
  if (!asked.length) return;
  const found = await eventsReaching(
    sql,
    asked.map(({ window: { channelId, fromMs, storedToMs }, toMs }) => ({
      channelId,
      atMs: Math.max(fromMs, storedToMs),
      toMs,
    })),
  );
  for (const { window, loaded, toMs } of asked) {
    const later = (found.get(window.channelId) ?? []).filter(({ timeMs }) => timeMs > window.storedToMs);
    const all = [...window.stored, ...later];
    const last = all.findLastIndex(({ timeMs }) => timeMs < loaded.fromMs);
    window.stored = all.filter(({ plainFromMs }, i) => i >= last || plainFromMs > loaded.fromMs);
    window.storedToMs = Math.max(window.storedToMs, toMs);
  }
}

function lastRange(events: readonly MeterEvent[], timeMs: number): number | undefined {
  return events.findLast((event) => event.timeMs <= timeMs)?.range;
}

/** What was stored may speak of readings that are gone. */
function storedTo({ stored }: Window): number {
  const last = stored.at(-1);
  return last ? bucketStart(last.timeMs) + bucketMs : -Infinity;
}
