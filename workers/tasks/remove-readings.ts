import { retentionsInForce, noteRemoval, type RemovalPass } from "../../db/retention-in-force.ts";
import { channelsWithReadingsBefore, freezeChannel, removeReadings as removeBefore } from "../../db/remove-readings.ts";
import { rawKeptFrom } from "../../domain/retention.ts";
import type { Task } from "../task.ts";

const hourMs = 3_600_000;

/**
 * Removes raw readings that organizations chose not to keep, and writes down what it did. The ingest refuses what is before the
 * edge an hour earlier than this takes it away: all that was accepted is stored by then. May be interrupted and run again.
 */
const removeReadings: Task<"remove-readings"> = async (_payload, { log, signal }) => {
  const nowMs = Date.now();
  for (const { organizationId, days } of await retentionsInForce(nowMs)) {
    if (signal.aborted) return;
    const pass = await removeOf(organizationId, rawKeptFrom(nowMs - hourMs, days), signal);
    await noteRemoval(organizationId, pass);
    log.info({ organizationId, days, ...pass }, "removed raw readings that the organization does not keep");
  }
};

async function removeOf(organizationId: string, beforeMs: number, signal: AbortSignal): Promise<RemovalPass> {
  let [readings, waitingChannels] = [0, 0];
  for (const channelId of await channelsWithReadingsBefore(organizationId, beforeMs)) {
    if (signal.aborted) break;
    const upToMs = await freezeChannel(channelId, beforeMs);
    if (upToMs === "waiting") waitingChannels++;
    else if (upToMs !== null) readings += await removeBefore(channelId, upToMs);
  }
  return { beforeMs, readings, waitingChannels };
}

export default removeReadings;
