import type { ChannelPair } from "../../db/merge.ts";
import { previewMerge } from "../../db/merge.ts";
import { channelTitle } from "../device/channel-words.ts";
import { continuationsOf } from "../merging/load-replacement.server.ts";
import { mergeChoices } from "../merging/merge-choices.server.ts";
import { cut } from "./cursor.server.ts";
import { deviceId, deviceParams, requiredDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { notFound } from "./problem.server.ts";
import { listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** What a device, or one of its channels, can become one with; nothing is changed. */

const ChannelNameSchema = z.object({ id: z.string(), title: z.string(), unit: z.string().nullable() });
const named = (channel: ChannelPair["from"]) => ({
  ...{ id: String(channel.id), title: channelTitle(channel), unit: channel.unit },
});

const PairSchema = z
  .object({
    from: ChannelNameSchema,
    into: ChannelNameSchema.nullable().openapi({ description: "null: it moves there as it is" }),
    isClash: z.boolean().openapi({
      description: "The other device has a channel of this name that measures something else: they cannot be merged",
    }),
  })
  .openapi("MergePair");

export const mergeChoiceOperations = [
  operation({
    id: "listMergeChoices",
    method: "GET",
    path: "/devices/{id}/merge-choices",
    tag: "Devices",
    summary: "The devices that this one can be merged into, and those that wait in the inbox last",
    permission: "site.read",
    params: deviceParams,
    query: z.strictObject(listPaging),
    response: listOf(z.object({ id: deviceId, name: z.string() }).openapi("MergeChoice")),
    async handle({ organizationId, params: { id }, query }) {
      const choices = await mergeChoices(organizationId, await requiredDevice(organizationId, id));
      return cut(choices, query, (choice) => choice.id);
    },
  }),
  operation({
    id: "previewMerge",
    method: "GET",
    path: "/devices/{id}/merge-preview",
    tag: "Devices",
    summary: "What becomes of each channel when a device is merged into another; nothing is changed",
    permission: "site.read",
    params: deviceParams,
    query: z.strictObject({ into: deviceId }),
    response: z.object({ pairs: z.array(PairSchema) }).openapi("MergePreview"),
    async handle({ organizationId, params: { id }, query: { into } }) {
      await requiredDevice(organizationId, id);
      const pairs = await previewMerge(organizationId, id, into);
      if (!pairs) throw notFound("device");
      return {
        pairs: pairs.map(({ from, into, isClash }) => ({ from: named(from), into: into && named(into), isClash })),
      };
    },
  }),
  operation({
    id: "listContinuations",
    method: "GET",
    path: "/devices/{id}/continuations",
    tag: "Devices",
    summary: "Which channels of the site can continue a channel of this device (`POST /channels/{id}/continue`)",
    permission: "site.read",
    params: deviceParams,
    query: z.strictObject(listPaging),
    response: listOf(
      z.object({ channelId: z.string(), withChannelId: z.string(), name: z.string() }).openapi("Continuation"),
    ),
    async handle({ organizationId, params: { id }, query }) {
      const found = await continuationsOf(organizationId, await requiredDevice(organizationId, id));
      const { items, nextCursor } = cut(found, query, (one) => one.id);
      const shown = items.map(({ into, from, name }) => ({
        ...{ channelId: String(into.id), withChannelId: String(from.id), name },
      }));
      return { items: shown, nextCursor };
    },
  }),
];
