import { readAsOrganization } from "../../db/as-organization.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { channelsOf } from "../../db/channels.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { siteOf } from "../../db/sites.ts";
import { media } from "../../domain/channel.ts";
import { localSteps, stepNames } from "../../domain/local-time/steps.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { flowChannels } from "../../domain/site/flows.ts";
import { pricedContractsWithin } from "../costs/contracts.server.ts";
import { costKinds } from "../costs/kinds.ts";
import { loadCosts, type CostStep } from "../costs/load-costs.server.ts";
import { emissionsWithin, type ShownEmissions } from "../costs/emissions.server.ts";
import { siteCosts } from "../costs/site-costs.server.ts";
import { figuresOf, type Figure } from "../overview/figures.ts";
import { windowOf } from "./channels.server.ts";
import { cursorOfInstant, fromInstant } from "./cursor.server.ts";
import { pagePeriod } from "./days.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { Co2Schema, co2Out, day, instantIn, instantOut, iso, isoOrNull, listOf, paging } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const CostSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    importKwh: z.number(),
    exportKwh: z.number(),
    productionKwh: z.number(),
    consumptionKwh: z.number(),
    estimatedKwh: z.number().openapi({ description: "The part of consumptionKwh that was estimated" }),
    cost: z
      .string()
      .nullable()
      .openapi({ description: "Decimal, not rounded; null: no contract holds and no price is set" }),
    currency: z.string(),
    co2: Co2Schema,
    completeness: z.number().min(0).max(1).openapi({ description: "Covered time through length" }),
  })
  .openapi("Cost");

const exact = z.string().openapi({ description: "Decimal, not rounded" });
const share = z.number().min(0).max(1);
const sums = {
  total: exact.nullable().openapi({ description: "null: no contract holds and no price is set" }),
  byKind: z
    .object({ energy: exact, levies: exact, standing: exact, demand: exact, income: exact })
    .openapi({ description: "They add up to the total. levies: with taxes; income: feed-in and credits, below 0" }),
  importedKwh: z.number().openapi({ description: "What the contracts of electricity bill" }),
  exportedKwh: z.number(),
  completeness: share.openapi({ description: "Covered time through length" }),
  estimatedShare: share.openapi({ description: "The part of importedKwh that was estimated" }),
};

const CostSummarySchema = z
  .object({
    currency: z.string(),
    ...{ start: instantOut, end: instantOut },
    isRunning: z.boolean().openapi({ description: "The days are not over: the figures are those so far" }),
    ...sums,
    knownTo: instantOut.nullable().openapi({ description: "Until when all contracts' energy is known; null: none is" }),
    expected: exact.nullable().openapi({
      description:
        "Of a whole month or year of the calendar that runs: its total if it goes on as it went so far; null where less than a tenth of it is over, or less than nine tenths of that are known",
    }),
    contracts: z.array(
      z.object({
        contractId: z.string().nullable().openapi({ description: "null: the price of the site's settings" }),
        ...{ name: z.string(), medium: z.enum(media).exclude(["none"]), total: exact },
        ...{ imported: z.number(), exported: z.number(), unit: z.enum(["kWh", "m3"]) },
        isPart: z.boolean().openapi({ description: "Of a meter below another: not added to the site's total" }),
      }),
    ),
    compared: z
      .array(z.object({ by: z.enum(["previous", "year"]), start: instantOut, end: instantOut, total: exact }))
      .openapi({
        description:
          "What it is compared with, as much of it as there is of the days themselves; left out where it is hardly known. Why it differs: `explainCostDifference`",
      }),
    co2: Co2Schema,
    step: z.enum(stepNames),
    steps: z.array(z.object({ start: instantOut, end: instantOut, ...sums, co2: Co2Schema })),
  })
  .openapi("CostSummary");

const shownSums = ({ total, byKind, importedKwh, exportedKwh, completeness, estimatedShare }: CostStep) => ({
  ...{ total, byKind, importedKwh, exportedKwh, completeness, estimatedShare },
});
const nothing = {
  ...{ total: null, byKind: Object.fromEntries(costKinds.map((kind) => [kind, "0"])) as CostStep["byKind"] },
  ...{ importedKwh: 0, exportedKwh: 0, completeness: 0, estimatedShare: 0 },
};

const quarter = instantIn.refine((text) => Date.parse(text) % bucketMs === 0, "expected a full quarter-hour");

function shown({ startMs, endMs, ...figure }: Figure, currency: string, emissions: ShownEmissions | undefined) {
  const { importKwh, exportKwh, productionKwh, consumptionKwh, estimatedKwh, cost, completeness } = figure;
  const energies = { importKwh, exportKwh, productionKwh, consumptionKwh, estimatedKwh };
  return { start: iso(startMs), end: iso(endMs), ...energies, cost, currency, co2: co2Out(emissions), completeness };
}

export const costOperations = [
  operation({
    id: "listCosts",
    method: "GET",
    path: "/sites/{id}/costs",
    tag: "Costs",
    summary: "What a site costs by its contracts, by steps of its local time",
    description: "`from` inclusive, `to` exclusive. Steps at the edges are cut, not widened.",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject({
      ...{ from: quarter, to: quarter, step: z.enum(["day", "month", "year"]) },
      ...paging(1_000, 1_000),
    }),
    response: listOf(CostSchema),
    async handle({ organizationId, params: { id }, query: { from, to, step, limit, cursor } }) {
      const { fromMs, toMs } = windowOf(from, to);
      const startMs = Math.max(fromMs, fromInstant(cursor) ?? fromMs);
      return readAsOrganization(organizationId, async (sql) => {
        const site = await siteOf(sql, id);
        if (!site) throw notFound("site");
        if (startMs % bucketMs !== 0) throw new Problem(400, "The cursor is not of this list.");
        const { timezone } = site;
        const steps = localSteps(timezone, step, startMs, toMs);
        const page = steps.slice(0, limit);
        const contracts = await pricedContractsWithin(sql, site);
        const channels = await channelsOf(sql, { siteId: id });
        const ids = flowChannels(channels).map((channel) => channel.id);
        const read: ReadEnergies = new Map();
        const [costs] = await siteCosts(sql, { contracts, channels, timezone, read }, [page]);
        const figures = figuresOf(channels, await energyOf(sql, ids, page, read), page, costs!);
        const emissions = await emissionsWithin(sql, site, { channels, steps: page });
        const nextCursor = cursorOfInstant(steps[limit]?.startMs ?? null);
        return { items: figures.map((figure, i) => shown(figure, site.currency, emissions?.[i])), nextCursor };
      });
    },
  }),
  operation({
    id: "summarizeCosts",
    method: "GET",
    path: "/sites/{id}/costs/summary",
    tag: "Costs",
    summary:
      "What some days cost so far: by kind, by contract and by step, beside days before, and where it is heading",
    description:
      "`from` and `to` are days in the site's zone, `to` exclusive; a whole week, month or year of the calendar is compared with the one before.",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject({ from: day, to: day }),
    response: CostSummarySchema,
    async handle({ organizationId, params: { id }, query }) {
      const site = await requiredSite(organizationId, id);
      const nowMs = Date.now();
      const period = pagePeriod(query, site, nowMs);
      const { total, bars, contracts, ...costs } = await loadCosts(organizationId, site, period, nowMs);
      return {
        ...{ currency: site.currency, start: iso(period.startMs), end: iso(period.endMs), isRunning: period.isRunning },
        ...(total ? shownSums(total) : nothing),
        ...{ knownTo: isoOrNull(costs.quality?.toMs ?? null), expected: costs.expected },
        contracts: contracts.map(({ id: contractId, ...contract }) => ({ contractId, ...contract })),
        compared: costs.compared.map(({ by, startMs, endMs, total: then }) => ({
          ...{ by, start: iso(startMs), end: iso(endMs), total: then },
        })),
        ...{ co2: co2Out(costs.emissions), step: period.step },
        steps: bars.map((bar) => ({
          ...{ start: iso(bar.startMs), end: iso(bar.endMs), ...shownSums(bar), co2: co2Out(bar.emissions) },
        })),
      };
    },
  }),
];
