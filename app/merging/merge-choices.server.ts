import { listDevices, type Device } from "../../db/devices.ts";
import type { Choice } from "./choose.tsx";

/** The devices of a site that one of them can become one with: those that wait in the inbox come last. */
export async function mergeChoices(
  organizationId: string,
  { id, siteId }: Pick<Device, "id" | "siteId">,
): Promise<Choice[]> {
  const devices = await listDevices(organizationId, { siteId });
  const others = devices.filter((device) => device.id !== id && device.kind !== "gateway");
  const isNew = (device: Device) => device.acceptedAt === null;
  return [...others.filter((device) => !isNew(device)), ...others.filter(isNew)].map((device) => ({
    id: device.id,
    name: isNew(device) ? `${device.name} (new)` : device.name,
  }));
}
