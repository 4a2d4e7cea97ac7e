import { getSite } from "../../db/sites.ts";
import { localSteps, stepNames, type StepName } from "../../domain/local-time/steps.ts";
import { knownShare, type FlowStep } from "../../domain/site/energy-flows.ts";
import { sinks, sources } from "../../domain/site/split.ts";
import { emissionsOfSteps, type ShownEmissions } from "../costs/emissions.server.ts";
import { componentTypes } from "../../domain/tariff/component-schema.ts";
import { placeMeters, withParts } from "../../domain/site/meter-tree.ts";
import type { Meter } from "../../domain/site/meter.ts";
import { worthOfUsers, type FlowWorth } from "../flows/flow-worth.server.ts";
import { readFlowsAndWorth } from "../flows/load-flows.server.ts";
import { windowOf } from "./channels.server.ts";
import { cursorOfInstant, fromInstant } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { apiMeterId } from "./places.server.ts";
import { Co2Schema, co2Out, instantIn, instantOut, iso, listOf, paging } from "./schemas.server.ts";
import { longest } from "./series.server.ts";
import { siteId } from "./sites.server.ts";
import { shownUse, UseSchema } from "./use.server.ts";
import { notFound } from "./problem.server.ts";
import { z } from "./zod.server.ts";

const kwh = z.number().min(0);
const share = z.number().min(0).max(1).nullable();

const money = z.string().nullable();
const kg = z.number().min(0).nullable();

const FlowSchema = z
  .object({
    ...{ from: z.enum(sources), to: z.enum(sinks), kwh },
    cost: money.openapi({
      description:
        "What it cost, decimal, not rounded; below 0: earned by feeding in. What the sun and the battery gave costs nothing more; null: no contract holds",
    }),
    savedCost: money.openapi({
      description:
        "What the sun's and the battery's energy that was used at the site would have cost from the grid, at the price of one more kWh in its quarter-hour; null of other flows",
    }),
    emittedKg: kg.openapi({ description: "CO2 of its quarter-hours, of what came from the grid; null: not known" }),
    avoidedKg: kg.openapi({ description: "CO2 that what was fed in avoided elsewhere" }),
  })
  .openapi("Flow");

const CostsSchema = z
  .object({
    total: z
      .string()
      .openapi({ description: "The costs of the electricity: those of the flows and the rest together" }),
    currency: z.string(),
    rest: z
      .array(z.object({ type: z.enum(componentTypes), amount: z.string() }))
      .openapi({ description: "What is of no flow: standing charges, peaks, credits, and the taxes on them" }),
    billedKwh: z.number().openapi({
      description:
        "What the contracts bill; unlike importKwh where they bill other meters, or hold for a part of the time",
    }),
  })
  .nullable()
  .openapi("FlowCosts", { description: "null: no contract holds" });

const FlowStepSchema = z
  .object({
    ...{ start: instantOut, end: instantOut },
    importKwh: kwh,
    exportKwh: kwh,
    productionKwh: kwh,
    chargeKwh: kwh,
    dischargeKwh: kwh,
    consumptionKwh: kwh.openapi({ description: "import - export + production + discharge - charge, per quarter-hour" }),
    untrackedKwh: kwh.openapi({ description: "Of the consumption, what no consumer measured" }),
    excessKwh: kwh.openapi({ description: "What the consumers measured beyond the consumption: meters that disagree" }),
    unexplainedKwh: kwh.openapi({ description: "What went out though no meter saw it come in" }),
    estimatedKwh: kwh.openapi({ description: "Of the consumption, what was estimated" }),
    selfConsumption: share.openapi({ description: "Of the production, what was not exported; null: nothing produced" }),
    selfSufficiency: share.openapi({
      description:
        "Of the consumption, what did not come straight from the grid; null: no grid meter, or no consumption",
    }),
    completeness: z.number().min(0).max(1).openapi({ description: "Of the least known meter that counts" }),
    co2: Co2Schema,
    flows: z
      .array(FlowSchema)
      .openapi({ description: "From where to where; together what comes in and what goes out" }),
    costs: CostsSchema,
    meters: z.array(
      z
        .object({
          id: z.string().openapi({ description: "A channel, or v and the number of a virtual meter" }),
          energyKwh: kwh,
          attributedKwh: kwh.openapi({
            description: "Its place in the whole, where its like measured more than the whole",
          }),
          untrackedKwh: kwh.openapi({ description: "What none of its parts measured; of one without parts all of it" }),
          excessKwh: kwh.openapi({ description: "What its parts measured beyond it" }),
          completeness: z.number().min(0).max(1),
          use: UseSchema,
        })
        .openapi("FlowMeter"),
    ),
    untracked: UseSchema,
  })
  .openapi("FlowStep");

interface Worth {
  emissions: ShownEmissions | undefined;
  worth: FlowWorth;
  currency: string;
  meters: readonly Meter[];
}

function shown(step: FlowStep, { emissions, worth, currency, meters }: Worth) {
  const placed = placeMeters(meters.filter(({ role }) => role === "consumer"));
  const { importKwh, exportKwh, productionKwh, chargeKwh, dischargeKwh, unexplainedKwh, completeness } = step;
  return {
    ...{ start: iso(step.startMs), end: iso(step.endMs), importKwh, exportKwh, productionKwh, chargeKwh, dischargeKwh },
    ...{ consumptionKwh: step.consumption, untrackedKwh: step.untracked, excessKwh: step.excess, unexplainedKwh },
    ...{ estimatedKwh: step.estimated, selfConsumption: step.selfConsumption, selfSufficiency: step.selfSufficiency },
    completeness,
    co2: co2Out(emissions),
    flows: sources.flatMap((from) =>
      sinks.flatMap((to) => {
        const kwh = step.ways[`${from}>${to}`];
        const { cost, saved: savedCost, emittedKg, avoidedKg } = worth.ways[`${from}>${to}`];
        return kwh > 0 ? [{ from, to, kwh, cost, savedCost, emittedKg, avoidedKg }] : [];
      }),
    ),
    costs: worth.total === null ? null : { total: worth.total, currency, rest: worth.rest, billedKwh: worth.billedKwh },
    meters: [...step.meters].map(([id, own]) => ({
      ...{ id: apiMeterId(id), energyKwh: own.amount, attributedKwh: own.attributed, untrackedKwh: own.rest },
      ...{ excessKwh: own.excess, completeness: knownShare(own) },
      use: shownUse(worthOfUsers(worth, withParts(placed, id))),
    })),
    untracked: shownUse(worthOfUsers(worth, ["untracked"])),
  };
}

/** The first `limit` steps of a window, and where the next page begins. */
function stepsOf(
  timezone: string,
  { fromMs, toMs, step, limit }: { fromMs: number; toMs: number; step: StepName; limit: number },
) {
  const all = localSteps(timezone, step, fromMs, Math.min(toMs, fromMs + (limit + 1) * longest[step]));
  return { steps: all.slice(0, limit), nextMs: all[limit]?.startMs ?? null };
}

export const flowOperations = [
  operation({
    id: "listFlows",
    method: "GET",
    path: "/sites/{id}/flows",
    tag: "Sites",
    summary: "Where a site's electricity came from and where it went, by steps of its local time",
    description:
      "Worked out per quarter-hour and summed: nothing is negative, nothing counts twice, and both sides of each step are equal. `from` inclusive, `to` exclusive; they are widened to whole quarter-hours, and the steps at the edges cut there.",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject({ from: instantIn, to: instantIn, step: z.enum(stepNames), ...paging(1_000, 400) }),
    response: listOf(FlowStepSchema),
    async handle({ organizationId, params: { id }, query: { from, to, step, limit, cursor } }) {
      const window = windowOf(from, to);
      const site = await getSite(organizationId, id);
      if (!site) throw notFound("site");
      const quarter = 900_000;
      const fromMs = Math.max(Math.floor(window.fromMs / quarter) * quarter, fromInstant(cursor) ?? -Infinity);
      const toMs = Math.ceil(window.toMs / quarter) * quarter;
      const { steps, nextMs } = stepsOf(site.timezone, { fromMs, toMs, step, limit });
      const {
        flows,
        worth,
        site: { meters },
      } = await readFlowsAndWorth(organizationId, site, {
        steps,
        hasMoney: true,
        isTogether: false,
      });
      const emissions = await emissionsOfSteps(organizationId, site, steps);
      const items = flows.map((flow, i) =>
        shown(flow, { emissions: emissions?.[i], worth: worth[i]!, currency: site.currency, meters }),
      );
      return { items, nextCursor: cursorOfInstant(nextMs) };
    },
  }),
];
