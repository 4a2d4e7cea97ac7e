import { getChannel, type ChannelRow } from "../../db/channels.ts";
import { rangeNames, rangeWindow, type RangeWindow } from "./ranges.ts";

/** A channel of a device. @throws Response 404 for another device's, or none. */
export async function requireChannel(organizationId: string, deviceId: string, id: string | null): Promise<ChannelRow> {
  const channel = await getChannel(organizationId, Number(id));
  if (!channel || channel.deviceId !== deviceId) throw new Response("Not found", { status: 404 });
  return channel;
}

/** The window that an address asks for: `range` (a day where it says none) and its end `to`, epoch milliseconds. */
export function readChart(query: URLSearchParams, timezone: string, nowMs: number): RangeWindow {
  const name = rangeNames.find((range) => range === query.get("range")) ?? "day";
  const to = query.get("to");
  return rangeWindow(name, { toMs: to === null ? null : Number(to), nowMs, timezone });
}

/** What a person most likely wants to see: power, else what counts, else anything with a number. */
export function channelToShow(channels: readonly ChannelRow[], wanted: string | null): ChannelRow | undefined {
  return (
    channels.find((c) => String(c.id) === wanted) ??
    channels.find((c) => c.quantity === "power" && c.kind === "gauge" && !c.isPart) ??
    channels.find((c) => c.quantity === "power" && c.kind === "gauge") ??
    channels.find((c) => c.isPrimary) ??
    channels.find((c) => c.kind !== "state") ??
    channels[0]
  );
}
