import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { acceptDevices, ignoreDevices, inboxOf, type InboxDevice } from "../../db/inbox.ts";
import { cut } from "./cursor.server.ts";
import { deviceId, deviceParams, DeviceSchema, requiredDevice, requireSite, shownDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { instantOut, iso, listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const InboxDeviceSchema = z
  .object({
    id: deviceId,
    siteId,
    name: z.string(),
    externalId: z.string().openapi({ description: "What its messages call it" }),
    gatewayId: deviceId,
    firstHeardAt: instantOut,
    isIgnored: z.boolean(),
    readings: z
      .array(
        z.object({
          channelId: z.string(),
          metric: z.string(),
          value: z.union([z.number(), z.string()]),
          unit: z.string().nullable(),
          time: instantOut,
        }),
      )
      .openapi({ description: "The newest of each channel; of an ignored device none" }),
  })
  .openapi("InboxDevice");

function shown({ gatewayName: _, firstHeard, ...device }: InboxDevice, channels: readonly ChannelRow[]) {
  const readings = channels.flatMap(({ id, deviceId, metric, unit, latest }) =>
    deviceId === device.id && latest
      ? [{ channelId: String(id), metric, value: latest.value, unit, time: iso(latest.timeMs) }]
      : [],
  );
  return { ...device, firstHeardAt: firstHeard.toISOString(), readings };
}

/** Only what a gateway speaks for is accepted or ignored. */
async function refuseOthers(organizationId: string, id: string): Promise<never> {
  await requiredDevice(organizationId, id);
  throw new Problem(409, "This device speaks for itself: only what a gateway speaks for is accepted or ignored.");
}

export const inboxOperations = [
  operation({
    id: "listInbox",
    method: "GET",
    path: "/inbox",
    tag: "Devices",
    summary: "Devices that a gateway was heard to speak for and that nobody has accepted yet, newest first",
    description: "Their readings are kept from the first one on, and count at the site once they are accepted.",
    permission: "site.read",
    query: z.strictObject({
      siteId,
      ignored: z.enum(["true", "false"]).default("false").openapi({ description: "true: those that were ignored" }),
      ...listPaging,
    }),
    response: listOf(InboxDeviceSchema),
    problems: [404],
    async handle({ organizationId, query: { siteId, ignored, ...page } }) {
      await requireSite(organizationId, siteId);
      const devices = await inboxOf(organizationId, siteId, { ignored: ignored === "true" });
      const { items, nextCursor } = cut(devices, page, ({ id }) => id);
      const channels = await listChannels(organizationId, { siteId, withInbox: true });
      return { items: items.map((device) => shown(device, channels)), nextCursor };
    },
  }),
  operation({
    id: "acceptDevice",
    method: "POST",
    path: "/devices/{id}/accept",
    tag: "Devices",
    summary: "Accept a device of the inbox (or one that was ignored): it counts at its site from its first reading on",
    permission: "device.change",
    params: deviceParams,
    body: z.strictObject({ name: name.optional() }).openapi("Acceptance"),
    response: DeviceSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body }) {
      if (!(await acceptDevices(organizationId, [id], body.name))) await refuseOthers(organizationId, id);
      return shownDevice(await requiredDevice(organizationId, id));
    },
  }),
  operation({
    id: "acceptInbox",
    method: "POST",
    path: "/inbox/accept",
    tag: "Devices",
    summary: "Accept all that waits in a site's inbox, under the names that they were heard by",
    permission: "device.change",
    body: z.strictObject({ siteId }).openapi("InboxAcceptance"),
    response: z.object({ accepted: z.number().int() }).openapi("InboxAccepted"),
    problems: [404],
    async handle({ organizationId, body: { siteId } }) {
      await requireSite(organizationId, siteId);
      const waiting = await inboxOf(organizationId, siteId);
      const ids = waiting.map(({ id }) => id);
      return { accepted: await acceptDevices(organizationId, ids) };
    },
  }),
  operation({
    id: "ignoreDevice",
    method: "POST",
    path: "/devices/{id}/ignore",
    tag: "Devices",
    summary: "Ignore a device that a gateway speaks for: nothing more of it is kept until it is accepted after all",
    permission: "device.change",
    params: deviceParams,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      if (!(await ignoreDevices(organizationId, [id]))) await refuseOthers(organizationId, id);
    },
  }),
];
