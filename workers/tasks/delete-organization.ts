import { beginErasure, eraseOrganization, eraseReadings } from "../../db/erasure.ts";
import { clearOrphans } from "../../db/orphans.ts";
import type { Task } from "../task.ts";

/** Readings first, a channel at a time, and the rows last: a job that is interrupted goes on where it was. */
const deleteOrganization: Task<"delete-organization"> = async ({ organizationId }, { log, signal }) => {
  const left = await beginErasure(organizationId);
  if (!left) return;
  let readings = 0;
  for (const channelId of left.channels) {
    signal.throwIfAborted();
    readings += await eraseReadings(organizationId, channelId);
  }
  await eraseOrganization(organizationId);
  // What a device had sent just before it was shut out, and was stored just after its channel was gone.
  await clearOrphans();
  log.info({ channels: left.channels.length, devices: left.devices.length, readings }, "an organization was deleted");
};

export default deleteOrganization;
