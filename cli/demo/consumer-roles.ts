import { listChannels, updateChannel } from "../../db/channels.ts";

/**
 * A meter with import and export looks like the grid's. The one in front of the wallbox is not, so its roles are corrected,
 * as its owner would in the device's settings.
 */
export async function makeConsumer(organizationId: string, deviceId: string): Promise<void> {
  for (const { id, role } of await listChannels(organizationId, { deviceId })) {
    if (role === "grid_import") await updateChannel(organizationId, id, { role: "consumer" });
    if (role === "grid_export") await updateChannel(organizationId, id, { role: "none", isPrimary: false });
  }
}
