import { newestReadings } from "../../db/newest-readings.ts";
import { channelParams, ReadingSchema, requiredChannel } from "./channels.server.ts";
import { cursorOfInstant, fromInstant } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { iso, listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

export const newestReadingOperations = [
  operation({
    id: "listNewestReadings",
    method: "GET",
    path: "/channels/{id}/readings/newest",
    tag: "Channels",
    summary: "The last readings as they came, newest first; each page goes further back",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject(listPaging),
    response: listOf(ReadingSchema),
    async handle({ organizationId, params: { id }, query: { limit, cursor } }) {
      const beforeMs = fromInstant(cursor);
      const channel = await requiredChannel(organizationId, id);
      const kind = channel.kind === "state" ? "states" : "readings";
      const found = await newestReadings(organizationId, channel.id, { kind, beforeMs, limit: limit + 1 });
      return {
        items: found.slice(0, limit).map(({ timeMs, value }) => ({ time: iso(timeMs), value })),
        nextCursor: cursorOfInstant(found.length > limit ? found[limit - 1]!.timeMs : null),
      };
    },
  }),
];
