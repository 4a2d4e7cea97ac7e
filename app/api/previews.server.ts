import { getCorrection } from "../../db/corrections.ts";
import { media } from "../../domain/channel.ts";
import { eventTypes } from "../../domain/energy/event.ts";
import { previewBill } from "../contracts/preview.server.ts";
import {
  previewCorrection,
  previewMeaning,
  type Change,
  type Meaning,
  type Preview,
} from "../corrections/preview.server.ts";
import { previewFormula } from "../meters/preview.server.ts";
import { previewZone } from "../site-settings/preview-zone.server.ts";
import { BillSchema } from "./bill-schema.server.ts";
import { channelParams, ChannelPatchSchema, correctedBy, refuseFrozen, requiredChannel } from "./channels.server.ts";
import { fittingCorrection, NewCorrectionSchema } from "./corrections.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, iso, isoOrNull, isStorable, timezone } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

/** What a change would change, before it is made: nothing is stored. */

const figure = z.number().nullable();
const change = z.object({ start: instantOut, end: instantOut, before: figure, after: figure });
const event = z.object({ type: z.enum(eventTypes), time: instantOut });

const ChangeSchema = z
  .object({
    ...{ from: instantOut, to: instantOut },
    isCut: z.boolean().openapi({ description: "The change reaches further than what was worked out" }),
    figure: z.enum(["energy", "mean"]),
    unit: z.string().nullable(),
    total: change,
    days: z.array(change).openapi({ description: "The local days whose figure changes" }),
    buckets: z.number().int().openapi({ description: "How many quarter-hours change" }),
    frozenBefore: instantOut
      .nullable()
      .openapi({ description: "What lies before it stays as it is; null: nothing is" }),
    events: z.object({ before: z.array(event), after: z.array(event) }),
  })
  .openapi("ChangePreview");

function shown({ fromMs, toMs, total, days, events, frozenBeforeMs, ...rest }: Preview) {
  const shownChange = ({ startMs, endMs, before, after }: Change) => ({
    ...{ start: iso(startMs), end: iso(endMs), before, after },
  });
  const shownEvents = (list: Preview["events"]["before"]) =>
    list.map(({ type, timeMs }) => ({ type, time: iso(timeMs) }));
  return {
    ...{ from: iso(fromMs), to: iso(toMs), ...rest, total: shownChange(total), days: days.map(shownChange) },
    frozenBefore: isoOrNull(frozenBeforeMs),
    events: { before: shownEvents(events.before), after: shownEvents(events.after) },
  };
}

const fault = z.object({ path: z.string(), message: z.string() });
const BillPreviewSchema = z
  .object({
    faults: z.array(fault).openapi({ description: "What is wrong with the tariff; empty: nothing" }),
    bill: z.union([BillSchema, z.null()]).openapi({ description: "null: there are faults" }),
    present: z
      .object({ name: z.string(), total: z.number() })
      .nullable()
      .openapi({ description: "The same bill by what holds now; null: nothing does" }),
  })
  .openapi("BillPreview");

const FormulaPreviewSchema = z
  .object({
    words: z.string().openapi({ description: "The formula with the meters' names" }),
    unit: z.string(),
    total: z.number(),
    known: z.number().min(0).max(1),
    hours: z.array(z.object({ start: instantOut, amount: z.number() })),
  })
  .openapi("FormulaPreview");

const ZonePreviewSchema = z
  .object({
    days: z.number().int().openapi({ description: "Of the past that were compared" }),
    siteDays: z
      .array(
        z.object({
          ...{ date: z.string(), beforeKwh: z.number(), afterKwh: z.number() },
          ...{ beforeCost: z.string().nullable(), afterCost: z.string().nullable() },
        }),
      )
      .openapi({ description: "Days of the site whose energy or cost changes, the largest change first" }),
    isCut: z.boolean().openapi({ description: "More channels change than are listed" }),
    frozenBefore: instantOut.nullable().openapi({
      description:
        "Quarter-hours before it are frozen, of some channels or of all: cut into the new days, but gaps in them are not laid anew; null: none is",
    }),
    channels: z.array(
      z.object({
        ...{ id: z.string(), title: z.string(), unit: z.string().nullable(), changedDays: z.number().int() },
        largest: z.object({ date: z.string(), before: z.number(), after: z.number() }).nullable(),
      }),
    ),
  })
  .openapi("TimezonePreview");

const siteParams = z.object({ id: siteId });
const contractMedia = z.enum(media).exclude(["none"]);
const tariffJson = z.record(z.string(), z.unknown()).refine(isStorable, "expected a tariff without NUL characters");

export const previewOperations = [
  operation({
    id: "previewCorrection",
    method: "POST",
    path: "/channels/{id}/corrections/preview",
    tag: "Channels",
    summary: "What a correction would change; nothing is stored",
    permission: "site.read",
    params: channelParams,
    body: NewCorrectionSchema,
    response: ChangeSchema,
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      const add = fittingCorrection(channel, body);
      const preview = await previewCorrection(organizationId, channel.id, { add });
      if (!preview) throw notFound("channel");
      return shown(preview);
    },
  }),
  operation({
    id: "previewUndo",
    method: "GET",
    path: "/corrections/{id}/undo",
    tag: "Channels",
    summary: "What undoing a correction would change; nothing is stored",
    permission: "site.read",
    params: channelParams,
    response: ChangeSchema,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      const correction = await getCorrection(organizationId, id);
      if (!correction) throw notFound("correction");
      const preview = await previewCorrection(organizationId, correction.channelId, { undoId: id });
      if (!preview) throw new Problem(409, "This correction was undone before.");
      return shown(preview);
    },
  }),
  operation({
    id: "previewChannel",
    method: "POST",
    path: "/channels/{id}/preview",
    tag: "Channels",
    summary: "What the last days of a channel become where it is another kind, unit or direction; nothing is stored",
    permission: "site.read",
    params: channelParams,
    body: ChannelPatchSchema,
    response: ChangeSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      if (channel.kind === "state") throw new Problem(400, "A state has no figures.");
      const changes = correctedBy(channel, body);
      refuseFrozen(channel, changes, { isAccepted: true });
      const preview = await previewMeaning(organizationId, channel.id, changes as Meaning, Date.now());
      if (!preview) throw notFound("channel");
      return shown(preview);
    },
  }),
  operation({
    id: "previewFormula",
    method: "POST",
    path: "/sites/{id}/formula-preview",
    tag: "Meters",
    summary: "What a virtual meter's formula gives for the last 24 hours; nothing is stored",
    permission: "site.read",
    params: siteParams,
    body: z
      .strictObject({
        formula: z.string().min(1).max(1_000),
        medium: contractMedia.default("electricity"),
        virtualMeterId: z
          .string()
          .regex(/^v[1-9]\d{0,9}$/, "expected the id of a virtual meter such as v3")
          .nullable()
          .default(null)
          .openapi({ description: "The one that is changed; null: a new one" }),
      })
      .openapi("FormulaDraft"),
    response: FormulaPreviewSchema,
    async handle({ organizationId, params: { id }, body: { virtualMeterId, ...draft } }) {
      const site = await requiredSite(organizationId, id);
      const of = virtualMeterId === null ? null : Number(virtualMeterId.slice(1));
      const preview = await previewFormula(organizationId, site, { ...draft, id: of }, Date.now());
      if (!preview.ok) {
        const message = `at character ${preview.fault.position + 1}: ${preview.fault.message}`;
        throw new Problem(400, `The formula is wrong ${message}.`, { errors: [{ path: "formula", message }] });
      }
      const { words, unit, total, known, hours } = preview;
      return {
        words,
        unit,
        total,
        known,
        hours: hours.map(({ startMs, amount }) => ({ start: iso(startMs), amount })),
      };
    },
  }),
  operation({
    id: "previewBill",
    method: "POST",
    path: "/sites/{id}/bill-preview",
    tag: "Costs",
    summary: "The last whole bill of a site as it would be by a tariff; nothing is stored",
    permission: "site.read",
    params: siteParams,
    body: z
      .strictObject({
        tariff: tariffJson,
        medium: contractMedia.default("electricity"),
        channelId: z
          .string()
          .regex(/^\d{1,9}$/, "expected the id of a channel")
          .nullable()
          .default(null),
        contractId: z
          .string()
          .nullable()
          .default(null)
          .openapi({ description: "The contract whose prices it is compared with; null: what the site pays by now" }),
      })
      .openapi("TariffDraft"),
    response: BillPreviewSchema,
    async handle({ organizationId, params: { id }, body: { channelId, ...draft } }) {
      const site = await requiredSite(organizationId, id);
      const asked = { ...draft, channelId: channelId === null ? null : Number(channelId) };
      return previewBill(organizationId, site, asked, Date.now());
    },
  }),
  operation({
    id: "previewTimezone",
    method: "POST",
    path: "/sites/{id}/timezone-preview",
    tag: "Sites",
    summary: "What another time zone makes of a site's last days; nothing is stored",
    permission: "site.read",
    params: siteParams,
    body: z.strictObject({ timezone }).openapi("TimezoneDraft"),
    response: ZonePreviewSchema,
    async handle({ organizationId, params: { id }, body: { timezone } }) {
      const site = await requiredSite(organizationId, id);
      const { channels, frozenBeforeMs, ...rest } = await previewZone(organizationId, site, timezone, Date.now());
      return {
        ...{ ...rest, frozenBefore: isoOrNull(frozenBeforeMs) },
        channels: channels.map((channel) => ({ ...channel, id: String(channel.id) })),
      };
    },
  }),
];
