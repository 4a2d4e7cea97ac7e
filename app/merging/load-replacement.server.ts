import { listChannels, type ChannelRow } from "../../db/channels.ts";
import type { Device } from "../../db/devices.ts";
import { canContinue, previewMerge, type ChannelPair } from "../../db/merge.ts";
import { channelTitle } from "../device/channel-words.ts";
import { mergeChoices } from "./merge-choices.server.ts";

/** What continues a device: another device, or for one of its channels another channel. */
export type Replacing =
  | { by: "device"; id: string; name: string; pairs: ChannelPair[] }
  | { by: "channel"; channelId: number; withChannelId: number; name: string; pairs: ChannelPair[] };

const nameOf = (channel: ChannelRow) => `${channel.deviceName}: ${channelTitle(channel)}`;

/** The channels of the site that can continue one of the device's. */
export async function continuationsOf(organizationId: string, device: Device) {
  const all = await listChannels(organizationId, { siteId: device.siteId, withInbox: true });
  const own = all.filter(({ deviceId }) => deviceId === device.id);
  return own.flatMap((into) =>
    all
      .filter((from) => from.id !== into.id && canContinue(into, from))
      .map((from) => ({
        id: `${into.id}-${from.id}`,
        name: `${channelTitle(into)} goes on with ${nameOf(from)}`,
        into,
        from,
      })),
  );
}

/** What can be chosen, and what was: `chosen` is a query or a form. */
export async function loadReplacement(organizationId: string, device: Device, chosen: { get(name: string): unknown }) {
  const devices = await mergeChoices(organizationId, device);
  const pairs = await continuationsOf(organizationId, device);
  const other = devices.find(({ id }) => id === chosen.get("with"));
  const pair = pairs.find(({ id }) => id === chosen.get("channels"));
  return {
    devices,
    channels: pairs.map(({ id, name }) => ({ id, name })),
    replacing: other ? await byDevice(organizationId, device, other) : pair ? byChannel(pair) : null,
  };
}

async function byDevice(
  organizationId: string,
  device: Device,
  { id, name }: { id: string; name: string },
): Promise<Replacing> {
  return { by: "device", id, name, pairs: (await previewMerge(organizationId, id, device.id)) ?? [] };
}

function byChannel({ into, from }: { into: ChannelRow; from: ChannelRow }): Replacing {
  const pairs = [{ from, into, isClash: false }];
  return { by: "channel", channelId: into.id, withChannelId: from.id, name: nameOf(from), pairs };
}
