import type { Sql } from "../../db/client.ts";
import { pendingRuns } from "../../db/meter-events.ts";
import { deferMarks, type Mark, type TakenMarks } from "../../db/roll-up.ts";

/**
 * A register of which no reading is plausible (its limit is set to 1 W, say) is pending from its last good reading on, and each new
 * reading can decide on all of them: they are all read again. Nothing of it counts meanwhile, so what only lengthens such a run waits:
 * the longer the run, the longer, and all that has come is then looked at once. What changes any of its readings is looked at at once.
 */
const mostPending = 200;
/** A run of a day is looked at every quarter of an hour. */
const shareOfRun = 0.01;
const [leastMs, mostMs] = [10_000, 3_600_000];

/** @returns the marks that are left to do now. */
export async function deferUnclear(sql: Sql, { marks, dueChannels }: TakenMarks, nowMs: number): Promise<Mark[]> {
  const fresh = [...new Set(marks.map(({ channelId }) => channelId))].filter((id) => !dueChannels.has(id));
  const runs = new Map((await pendingRuns(sql, fresh, mostPending)).map((run) => [run.channelId, run]));
  if (!runs.size) return [...marks];
  const isLater = ({ channelId, fromMs }: Mark) => fromMs > (runs.get(channelId)?.lastMs ?? Infinity);
  const dueMs = ({ channelId }: Mark) => {
    const { firstMs, lastMs } = runs.get(channelId)!;
    const waitMs = Math.min(mostMs, Math.max(leastMs, (lastMs - firstMs) * shareOfRun));
    // On a grid, so that all that waits is due together.
    return (Math.floor(nowMs / waitMs) + 1) * waitMs;
  };
  const later = marks.filter(isLater).map((mark) => ({ ...mark, dueMs: dueMs(mark) }));
  await deferMarks(sql, later);
  return marks.filter((mark) => !isLater(mark));
}
