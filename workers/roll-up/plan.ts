import type { Sql } from "../../db/client.ts";
import { eventsReaching, startsBefore } from "../../db/meter-events.ts";
import { correctedNeighbours } from "../../db/corrected-readings.ts";
import type { Mark, RollUpChannel } from "../../db/roll-up.ts";
import type { Gap } from "../../domain/energy/channel-config.ts";
import { affectedWindow } from "../../domain/rollup/affected.ts";
import { bucketCeil, bucketStart } from "../../domain/rollup/bucket.ts";
import { rulesIn } from "./learn.ts";
import { joinOverlapping, type Window } from "./window.ts";

interface Neighbours {
  previousMs: number | null;
  nextMs: number | null;
}

/** The buckets that each mark can have changed; overlapping windows of a channel are one. */
export async function planWindows(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  marks: readonly Mark[],
  nowMs: number,
): Promise<Window[]> {
  if (!marks.length) return [];
  const around = await correctedNeighbours(sql, channels, marks);
  await goBack(sql, channels, marks, around);
  const stretches = marks.map((mark, i) => ({
    channelId: mark.channelId,
    fromMs: mark.fromMs,
    toMs: around[i]!.nextMs ?? mark.toMs,
  }));
  const rules = await rulesIn(sql, channels, stretches);
  const windows = marks.map(({ channelId, fromMs, toMs }, i) => {
    const { previousMs, nextMs } = around[i]!;
    const { gapOf } = rules(channelId);
    const gap = wider(gapOf(fromMs), gapOf(nextMs ?? toMs));
    const channel = channels.get(channelId)!;
    const window = affectedWindow({ channel, gap, changedFromMs: fromMs, changedToMs: toMs, previousMs, nextMs });
    return {
      channelId,
      fromMs: window.fromMs,
      // What a channel on change holds has not happened beyond now.
      toMs: Math.min(window.toMs, bucketCeil(Math.max(nowMs, toMs + 1))),
      changedToMs: toMs,
      stored: [],
      storedToMs: -Infinity,
    };
  });
  return joinOverlapping(windows);
}

function wider(a: Gap, b: Gap): Gap {
  const expected = Math.max(a.expectedIntervalS ?? 0, b.expectedIntervalS ?? 0);
  return { maxGapS: Math.max(a.maxGapS, b.maxGapS), expectedIntervalS: expected || null };
}

/**
 * Where an event before a change can become another one by it, the change goes back to before that event: `around` gets the last
 * reading there as the previous one.
 */
async function goBack(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  marks: readonly Mark[],
  around: Neighbours[],
): Promise<void> {
  const counters = marks.flatMap((mark, i) => (channels.get(mark.channelId)!.kind === "counter" ? [{ mark, i }] : []));
  if (!counters.length) return;
  const reaching = await eventsReaching(
    sql,
    counters.map(({ mark: { channelId, fromMs }, i }) => ({
      channelId,
      atMs: bucketStart(around[i]!.previousMs ?? fromMs),
      toMs: fromMs,
    })),
  );
  const reached = counters.filter(({ mark }) => reaching.has(mark.channelId));
  if (!reached.length) return;
  const starts = await startsBefore(
    sql,
    "system",
    reached.map(({ mark }) => ({ channelId: mark.channelId, atMs: mark.fromMs, changedMs: mark.fromMs })),
  );
  const earlier = reached.map(({ mark, i }, k) => ({ mark, i, beforeMs: starts[k]!.beforeMs }));
  const back = await correctedNeighbours(
    sql,
    channels,
    earlier.map(({ mark, beforeMs }) => ({ channelId: mark.channelId, fromMs: beforeMs, toMs: beforeMs })),
  );
  earlier.forEach(({ mark, i, beforeMs }, k) => {
    around[i]!.previousMs = back[k]!.previousMs ?? (beforeMs < mark.fromMs ? beforeMs : null);
  });
}
