import { continueChannel, mergeDevices, type MergeFault } from "../../db/merge.ts";
import { moveToGateway } from "../../db/move.ts";
import { mergeFaultWords, moveFaultWords } from "../merging/fault-words.ts";
import { channelParams, ChannelSchema, requiredChannel, shownChannel } from "./channels.server.ts";
import { deviceId, deviceParams, DeviceSchema, requiredDevice, shownDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { z } from "./zod.server.ts";

const isAnotherMeter = z.boolean().default(false).openapi({
  description: "It is new hardware whose register begins anew: the jump between the two is no energy",
});

const refused = (fault: MergeFault) => new Problem(409, mergeFaultWords[fault]);

export const mergingOperations = [
  operation({
    id: "mergeDevice",
    method: "POST",
    path: "/devices/{id}/merge",
    tag: "Devices",
    summary: "Merge a device into another, which goes on with the readings of both",
    description:
      "The device is gone at once; what still arrives under its name or credential goes to the other one. Where both have readings, those of the other one stay. Channels without a counterpart move there as they are.",
    permission: "device.change",
    params: deviceParams,
    body: z.strictObject({ into: deviceId, isAnotherMeter }).openapi("DeviceMerge"),
    response: DeviceSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body: { into, isAnotherMeter } }) {
      await requiredDevice(organizationId, id);
      await requiredDevice(organizationId, into);
      const merged = await mergeDevices(organizationId, id, into, { isAnotherMeter, userId: null });
      if (!merged.ok) throw refused(merged.fault);
      return shownDevice(await requiredDevice(organizationId, into));
    },
  }),
  operation({
    id: "moveDevice",
    method: "POST",
    path: "/devices/{id}/move",
    tag: "Devices",
    summary: "Move a device to another gateway, which speaks for it from now on; its history stays",
    description: "What that gateway was heard to say under the device's name already becomes the device's own.",
    permission: "device.change",
    params: deviceParams,
    body: z.strictObject({ gatewayId: deviceId }).openapi("DeviceMove"),
    response: DeviceSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body: { gatewayId } }) {
      await requiredDevice(organizationId, id);
      await requiredDevice(organizationId, gatewayId);
      const moved = await moveToGateway(organizationId, id, gatewayId, null);
      if (!moved.ok) throw new Problem(409, moveFaultWords[moved.fault]);
      return shownDevice(await requiredDevice(organizationId, id));
    },
  }),
  operation({
    id: "continueChannel",
    method: "POST",
    path: "/channels/{id}/continue",
    tag: "Channels",
    summary: "A channel goes on with the readings of another one, which is gone: new hardware behind it",
    permission: "device.change",
    params: channelParams,
    body: z.strictObject({ withChannelId: z.string(), isAnotherMeter }).openapi("ChannelContinuation"),
    response: ChannelSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body: { withChannelId, isAnotherMeter } }) {
      const [channel, other] = [
        await requiredChannel(organizationId, id),
        await requiredChannel(organizationId, withChannelId),
      ];
      const ids = { channelId: channel.id, withChannelId: other.id };
      const continued = await continueChannel(organizationId, ids, { isAnotherMeter, userId: null });
      if (!continued.ok) throw continued.fault === "not-found" ? notFound("channel") : refused(continued.fault);
      return shownChannel(await requiredChannel(organizationId, id));
    },
  }),
];
