import { listChannels } from "../../db/channels.ts";
import { newestMessages } from "../../db/device-messages.ts";
import { inboxOf } from "../../db/inbox.ts";

/** So many are shown at once; what is decided makes room for the next. */
const mostShown = 50;

/** What waits in a site's inbox with its newest readings and message, and how many were ignored. */
export async function loadInbox(organizationId: string, siteId: string) {
  const [waiting, ignored] = await Promise.all([
    inboxOf(organizationId, siteId),
    inboxOf(organizationId, siteId, { ignored: true }),
  ]);
  const shown = waiting.slice(0, mostShown);
  const [channels, messages] = await Promise.all([
    shown.length ? listChannels(organizationId, { siteId, withInbox: true }) : [],
    newestMessages(
      organizationId,
      shown.map(({ id }) => id),
    ),
  ]);
  const devices = shown.map(({ id, name, externalId, gatewayName, firstHeard }) => ({
    ...{ id, name, externalId, gatewayName },
    firstHeardMs: firstHeard.getTime(),
    readings: channels
      .filter((channel) => channel.deviceId === id)
      .map(({ id, name, metric, tags, unit, latest }) => ({ id, name, metric, tags, unit, latest })),
    message: messages.get(id) ?? null,
  }));
  return { devices, waiting: waiting.length, ignored: ignored.length };
}

export type Inbox = Awaited<ReturnType<typeof loadInbox>>;
export type InboxItem = Inbox["devices"][number];
