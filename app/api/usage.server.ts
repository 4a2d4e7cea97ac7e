import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import { media } from "../../domain/channel.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { longestWindowMs } from "../corrections/explain.server.ts";
import { readEmissions } from "../costs/emissions.server.ts";
import { explainSite } from "../overview/explain-site.server.ts";
import { loadUsage, type Usage } from "../usage/load-usage.server.ts";
import { kinds } from "../usage/usage-query.ts";
import { windowOf } from "./channels.server.ts";
import { comparedDays, pagePeriod } from "./days.server.ts";
import { operation } from "./operation.server.ts";
import { apiMeterId, fromApiMeterId } from "./places.server.ts";
import { Problem, wrongQuery } from "./problem.server.ts";
import { frozenBeforeOut, instantIn, instantOut, iso, isoOrNull, words } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

/** What a site's pages say of its use: by meter, device and room, its emissions, and what is behind a figure. */

const params = z.object({ id: siteId });
const share = z.number().min(0).max(1);
const quarter = instantIn.refine((text) => Date.parse(text) % bucketMs === 0, "expected a full quarter-hour");
const channelId = z.string().regex(/^[1-9]\d{0,8}$/, "expected a channel's id");
const usageMedia = z.enum(media).exclude(["none"]);

const UsageSchema = z
  .object({
    medium: usageMedia,
    unit: z.string(),
    total: z.number(),
    before: z.number().nullable().openapi({ description: "In the period that it is compared with; null: not known" }),
    compared: z.object({ start: instantOut, end: instantOut }).openapi({
      description: "That period: of days that are not over, as much of it as there is of them",
    }),
    completeness: share.nullable(),
    items: z.array(
      z.object({
        id: z.string().nullable().openapi({ description: "Of the meter, device or room; null: what nothing measured" }),
        name: z.string(),
        amount: z.number(),
        estimated: z.number(),
        completeness: share,
        before: z.number().nullable(),
        hasParts: z.boolean().openapi({ description: "There are meters below: ask with `meter`" }),
      }),
    ),
    bars: z.array(z.object({ start: instantOut, end: instantOut, amount: z.number(), estimated: z.number() })),
  })
  .openapi("Usage");

const EmissionsSchema = z
  .object({
    importKg: z.number(),
    avoidedKg: z.number().openapi({ description: "What the energy fed in avoided elsewhere" }),
    knownKwh: z.number().openapi({
      description: "Imported energy whose factor is known; importKg x 1000 / knownKwh is their mean in g/kWh",
    }),
    unknownKwh: z.number().openapi({ description: "Energy whose factor is not known" }),
    channel: z.string().nullable().openapi({ description: "What measures the intensity; null: the site's constant" }),
  })
  .openapi("Emissions", { description: "kg of CO2 of the site's electricity" });

const SiteExplanationSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    channels: z.array(
      z.object({
        ...{ id: z.string(), deviceId: z.string(), deviceName: z.string(), title: z.string(), role: words.role },
        ...{ unit: z.string().nullable(), amount: z.number(), estimated: z.number(), completeness: share },
        frozenBefore: frozenBeforeOut,
      }),
    ),
  })
  .openapi("SiteExplanation", { description: "The channels that count at a site, with what each gave" });

function shownUsage({ medium, unit, total, before, compared, quality, rows, bars }: Usage, by: (typeof kinds)[number]) {
  const idOf = (key: string) =>
    by === "group" ? key.replace("group-", "") : key.includes("-") ? key : apiMeterId(key as never);
  return {
    ...{ medium: medium as Exclude<typeof medium, "none">, unit, total, before },
    compared: { start: iso(compared.startMs), end: iso(compared.endMs) },
    completeness: quality && quality.measured + quality.estimated,
    items: rows.map(({ key, isRest, name, amount, estimated, completeness, before, hasParts }) => ({
      ...{ id: isRest || key === "group-none" ? null : idOf(key) },
      ...{ name, amount, estimated, completeness, before, hasParts },
    })),
    bars: bars.map(({ startMs, endMs, amount, estimated }) => ({
      ...{ start: iso(startMs), end: iso(endMs), amount, estimated },
    })),
  };
}

export const usageOperations = [
  operation({
    id: "getUsage",
    method: "GET",
    path: "/sites/{id}/usage",
    tag: "Sites",
    summary: "What was used, by meter, device or room, and compared with an earlier period",
    description:
      "`from` and `to` are days in the site's zone, `to` exclusive. With `meter`, the meters below that one. The items add up to the total.",
    permission: "site.read",
    params,
    query: z.strictObject({
      ...comparedDays,
      by: z.enum(kinds).default("meter"),
      medium: usageMedia.default("electricity"),
      unit: z.string().max(20).optional().openapi({ description: "Where a medium has several" }),
      meter: z
        .string()
        .max(20)
        .optional()
        .openapi({ description: "A channel, or v and the number of a virtual meter" }),
    }),
    response: UsageSchema,
    async handle({ organizationId, params: { id }, query: { from, to, meter, unit, ...query } }) {
      const site = await requiredSite(organizationId, id);
      const meterId = meter === undefined ? null : fromApiMeterId(meter);
      if (meter !== undefined && meterId === null)
        throw wrongQuery("meter", 'expected the id of a channel such as "12", or of a virtual meter such as "v3"');
      const nowMs = Date.now();
      const period = pagePeriod({ from, to }, site, nowMs);
      const asked = { ...query, unit: unit ?? null, meter: meterId };
      return shownUsage(await loadUsage(organizationId, site, { period, query: asked, nowMs }), query.by);
    },
  }),
  operation({
    id: "getEmissions",
    method: "GET",
    path: "/sites/{id}/emissions",
    tag: "Sites",
    summary: "What a site's electricity emitted, and what it avoided",
    permission: "site.read",
    params,
    query: z.strictObject({ from: quarter, to: quarter }),
    response: EmissionsSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, query: { from, to } }) {
      const { fromMs: startMs, toMs: endMs } = windowOf(from, to);
      if (endMs - startMs > longestWindowMs) throw wrongQuery("to", "expected at most 400 days after from");
      const site = await requiredSite(organizationId, id);
      const emissions = await asOrganization(organizationId, async (sql) => {
        const channels = await channelsOf(sql, { siteId: id });
        const period = { startMs, endMs };
        return (await readEmissions(sql, site, { channels, period }))?.(period) ?? null;
      });
      if (emissions) return emissions;
      throw new Problem(
        409,
        "Nobody said what a kWh emits here, and no channel measures it; or no meter counts the grid.",
      );
    },
  }),
  operation({
    id: "explainSite",
    method: "GET",
    path: "/sites/{id}/explain",
    tag: "Sites",
    summary: "Which channels a figure of a site comes from",
    description: "What is behind one of them: `GET /channels/{id}/explain` of the same window.",
    permission: "site.read",
    params,
    query: z.strictObject({
      ...{ from: quarter, to: quarter },
      medium: usageMedia.optional().openapi({ description: "Only the channels of this medium" }),
      channel: channelId.optional().openapi({ description: "Only this one, also where it does not count at the site" }),
    }),
    response: SiteExplanationSchema,
    async handle({ organizationId, params: { id }, query: { from, to, medium = null, channel } }) {
      const { fromMs: startMs, toMs: endMs } = windowOf(from, to);
      if (endMs - startMs > longestWindowMs) throw wrongQuery("to", "expected at most 400 days after from");
      await requiredSite(organizationId, id);
      const of = { medium, channelId: channel === undefined ? null : Number(channel) };
      const { channels } = await explainSite(organizationId, id, { startMs, endMs }, of);
      if (channel !== undefined && !channels.length) throw wrongQuery("channel", "the site has no channel of this id");
      return {
        ...{ start: iso(startMs), end: iso(endMs) },
        channels: channels.map(({ frozenBeforeMs, ...channel }) => ({
          ...{ ...channel, id: String(channel.id), frozenBefore: isoOrNull(frozenBeforeMs) },
        })),
      };
    },
  }),
];
