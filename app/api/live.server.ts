import { getSite } from "../../db/sites.ts";
import { eventStream, frame, readFrame, type Send } from "../live/event-stream.server.ts";
import { hub } from "../live/hub.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { iso } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

/** What happens at a site, as it happens. */

const mostChannels = 200;
/** Open at once, of one key at one process. */
const mostStreams = 100;
const open = new Map<string, number>();

const channelIds = z
  .string()
  .regex(/^\d{1,9}(,\d{1,9})*$/, "expected ids of channels with commas between them, such as 12,13")
  .refine((text) => text.split(",").length <= mostChannels, `expected at most ${mostChannels} channels`)
  .optional()
  .openapi({ description: "Only these channels, and no `device` events", example: "12,13" });

const about = [
  "Server-sent events, until the caller goes away. `ready`: it listens. `latest` `{values: [{channelId, time, value}]}`: new newest values; what comes closely together is one event. `rollups` `{channelIds}`: their series changed, at most every two seconds. `device` `{deviceId}`: a message, a refusal or a channel of it was recorded. `refresh` `{}`: events may have been missed, read anew. `beat` `{}`: every 15 seconds.",
  `It ends after half an hour, when it is read too slowly (512 kB wait), when the access token runs out (within a minute), and at once when the key is revoked: connect again. A key has at most ${mostStreams} open (429). It begins with what comes next: read \`GET /channels\` after \`ready\` for what there is.`,
].join("\n\n");

interface Told {
  values?: [number, number, number | string][];
  channels?: number[];
  id?: string;
}

/** An event of the hub as the API writes it; null: nothing of it was asked for. */
function apiFrame(text: string, wanted: ReadonlySet<number> | null): string | null {
  const { event, data } = readFrame(text) as { event: string; data: Told };
  const isWanted = (id: number) => wanted?.has(id) ?? true;
  if (event === "latest") {
    const values = data.values!.filter(([id]) => isWanted(id));
    const shown = values.map(([id, ms, value]) => ({ channelId: String(id), time: iso(ms), value }));
    return shown.length ? frame("latest", { values: shown }) : null;
  }
  if (event === "rollups") {
    const channels = data.channels!.filter(isWanted);
    return channels.length ? frame("rollups", { channelIds: channels.map(String) }) : null;
  }
  if (event === "device") return wanted ? null : frame("device", { deviceId: data.id });
  return text;
}

function passOn(text: string, wanted: ReadonlySet<number> | null, send: Send): void {
  const shown = apiFrame(text, wanted);
  if (shown) send(shown);
}

/** Counts a stream of a key until it is left. */
async function counted(keyId: string, join: () => Promise<() => void>): Promise<() => void> {
  const count = (by: number) => {
    const now = (open.get(keyId) ?? 0) + by;
    if (now) open.set(keyId, now);
    else open.delete(keyId);
  };
  count(1);
  try {
    const leave = await join();
    return () => {
      count(-1);
      leave();
    };
  } catch (error) {
    count(-1);
    throw error;
  }
}

export const liveOperations = [
  operation({
    id: "followSite",
    method: "GET",
    path: "/sites/{id}/live",
    tag: "Sites",
    summary: "Live values of a site, or of some of its channels, as they come",
    description: about,
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject({ channelIds }),
    mediaType: "text/event-stream",
    async handle({ organizationId, caller, params: { id }, query: { channelIds }, streaming }) {
      const { signal, unsentBytes, isStillAllowed } = streaming;
      await requiredSite(organizationId, id);
      if ((open.get(caller.id) ?? 0) >= mostStreams) {
        throw new Problem(429, `This API key has ${mostStreams} streams open: close one.`, {
          headers: { "retry-after": "10" },
        });
      }
      const wanted = channelIds === undefined ? null : new Set(channelIds.split(",").map(Number));
      return eventStream({
        signal,
        unsentBytes,
        isStillAllowed: async () => (await isStillAllowed()) && (await getSite(organizationId, id)) !== null,
        onAccessChange: (ask) => hub().onAccessChange(caller.id, ask),
        start: (send: Send) =>
          counted(caller.id, () => hub().join(organizationId, id, (text) => passOn(text, wanted, send))),
      });
    },
  }),
];
