import { getSite } from "../../db/sites.ts";
import type { ChannelPatch } from "../../db/channels.ts";
import { eventTypes } from "../../domain/energy/event.ts";
import { meaningOf } from "../corrections/meaning.ts";
import { previewCorrection, previewMeaning, type Change, type Preview } from "../corrections/preview.server.ts";
import { previewZone } from "../site-settings/preview-zone.server.ts";
import { ChannelPatchSchema, channelParams, correctedBy, requiredChannel } from "./channels.server.ts";
import { correctionFor, GivenSchema } from "./corrections.server.ts";
import { operation } from "./operation.server.ts";
import { notFound } from "./problem.server.ts";
import { instantOut, iso, timezone } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const ChangeSchema = z.object({
  start: instantOut,
  end: instantOut,
  before: z.number().nullable().openapi({ description: "null: nothing is known" }),
  after: z.number().nullable(),
});
const eventsOut = z.array(z.object({ type: z.enum(eventTypes), time: instantOut }));

const PreviewSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    isCut: z.boolean().openapi({ description: "The change reaches further than the window that was computed" }),
    figure: z
      .enum(["energy", "mean"])
      .openapi({ description: "What the figures are: energy where the channel has one, else its mean" }),
    unit: z.string().nullable(),
    total: ChangeSchema,
    days: z
      .array(ChangeSchema)
      .openapi({ description: "The local days whose figure changes, the largest change first" }),
    quarterHours: z.int().openapi({ description: "How many quarter-hours change" }),
    events: z.object({ before: eventsOut, after: eventsOut }),
  })
  .openapi("ChangePreview");

const AnswerSchema = z.object({
  preview: PreviewSchema.nullable().openapi({ description: "null: nothing that is stored would read differently" }),
});

const shownChange = ({ startMs, endMs, before, after }: Change) => ({
  ...{ start: iso(startMs), end: iso(endMs), before, after },
});

function shownPreview(preview: Preview | null): z.input<typeof AnswerSchema> {
  if (!preview) return { preview: null };
  const { fromMs, toMs, isCut, figure, unit, total, days, buckets, events } = preview;
  const size = ({ before, after }: Change) => Math.abs((after ?? 0) - (before ?? 0));
  const eventsShown = (list: Preview["events"]["before"]) =>
    list.map(({ type, timeMs }) => ({ type, time: iso(timeMs) }));
  return {
    preview: {
      ...{ start: iso(fromMs), end: iso(toMs), isCut, figure, quarterHours: buckets },
      unit: figure === "energy" && unit === "W" ? "kWh" : unit,
      total: shownChange(total),
      days: days.toSorted((a, b) => size(b) - size(a)).map(shownChange),
      events: { before: eventsShown(events.before), after: eventsShown(events.after) },
    },
  };
}

const kwh = z.number().min(0);
const cost = z
  .string()
  .nullable()
  .openapi({ description: "Decimal, not rounded; null: no contract and no price holds" });

const ZonePreviewSchema = z
  .object({
    timezone: z.string(),
    currency: z.string(),
    days: z.int().openapi({ description: "How many of the last whole days were looked at" }),
    changed: z
      .array(
        z.object({
          date: z.string().openapi({ example: "2026-03-01" }),
          ...{ beforeKwh: kwh, afterKwh: kwh, beforeCost: cost, afterCost: cost },
        }),
      )
      .openapi({ description: "Days on which the site's consumption or its cost changes, the largest change first" }),
  })
  .openapi("ZonePreview");

/** What a change would change, before it is made. Nothing is stored. */
export const previewOperations = [
  operation({
    id: "previewChannel",
    method: "POST",
    path: "/channels/{id}/preview",
    tag: "Channels",
    summary: "What a correction of a channel would change, before it is made",
    description:
      "Takes what updateChannel takes, and stores nothing. The channel's last days, at most 60 up to its newest reading, are computed as they are and as they would be.",
    scope: "read",
    params: channelParams,
    body: ChannelPatchSchema,
    response: AnswerSchema,
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      const meaning = meaningOf(channel, correctedBy(channel, body) as ChannelPatch);
      const preview = meaning && (await previewMeaning(organizationId, channel.id, meaning, Date.now()));
      return shownPreview(preview?.buckets ? preview : null);
    },
  }),
  operation({
    id: "previewCorrection",
    method: "POST",
    path: "/channels/{id}/corrections/preview",
    tag: "Channels",
    summary: "What a correction of readings would change, before it is made",
    description: "Takes what createCorrection takes, and stores nothing.",
    scope: "read",
    params: channelParams,
    body: GivenSchema,
    response: AnswerSchema,
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      return shownPreview(await previewCorrection(organizationId, channel.id, { add: correctionFor(channel, body) }));
    },
  }),
  operation({
    id: "previewSite",
    method: "POST",
    path: "/sites/{id}/preview",
    tag: "Sites",
    summary: "What another time zone would change at a site, before it is made",
    description: "The last 60 whole days, cut by the old zone and by the new one. Stores nothing.",
    scope: "read",
    params: z.object({ id: siteId }),
    body: z.strictObject({ timezone }).openapi("NewZone"),
    response: ZonePreviewSchema,
    async handle({ organizationId, params: { id }, body }) {
      const site = await getSite(organizationId, id);
      if (!site) throw notFound("site");
      const { days, siteDays } = await previewZone(organizationId, site, body.timezone, Date.now());
      return { timezone: body.timezone, currency: site.currency, days, changed: siteDays };
    },
  }),
];
