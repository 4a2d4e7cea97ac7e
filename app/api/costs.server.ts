import { readAsOrganization } from "../../db/as-organization.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { channelsOf } from "../../db/channels.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { siteOf } from "../../db/sites.ts";
import { localSteps } from "../../domain/local-time/steps.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { flowChannels } from "../../domain/site/flows.ts";
import { pricedContractsWithin } from "../costs/contracts.server.ts";
import { emissionsWithin, type ShownEmissions } from "../costs/emissions.server.ts";
import { siteCosts } from "../costs/site-costs.server.ts";
import { figuresOf, type Figure } from "../overview/figures.ts";
import { windowOf } from "./channels.server.ts";
import { cursorOfInstant, fromInstant } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { Co2Schema, co2Out, instantIn, instantOut, iso, listOf, paging } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
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
];
