import { stepNames, type Step } from "../../domain/local-time/steps.ts";
import { lineJson } from "../../domain/tariff/bill-json.ts";
import { componentTypes } from "../../domain/tariff/component-schema.ts";
import { dayAfter } from "../costs/bill-periods.ts";
import { whyRanked } from "../costs/compare.server.ts";
import { findPricedContract, priceOfSettings } from "../costs/contract-bill.server.ts";
import { loadDifference, type CostDifference, type SpanShown } from "../costs/difference.server.ts";
import { loadWhy, mostEvents, type LineWhy, type Why } from "../costs/load-why.server.ts";
import { whySimulated } from "../costs/what-if.server.ts";
import type { RefusedQuestion, YearWhy } from "../costs/year-lines.server.ts";
import { billLine } from "./bill-schema.server.ts";
import { billedContract, contractId } from "./contracts.server.ts";
import { EventSchema, shownEvent } from "./corrections.server.ts";
import { billDays, billPeriod, comparedDays, pagePeriod } from "./days.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { day, frozenBeforeOut, instantOut, iso, isoOrNull } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { comparison, money, scenario, scenarioExample, yearLine } from "./what-if.server.ts";
import { z } from "./zod.server.ts";

/** "Why this number?", of an amount of money: its arithmetic, and the energy behind it down to the meters. */

const params = z.object({ id: siteId });
const stretch = { start: instantOut, end: instantOut };
const energy = z.number().openapi({ description: "In `unit`" });

const EnergySchema = z
  .object({
    unit: z.enum(["kWh", "m3"]).openapi({ description: "The meters' own, of every energy here; gas is billed in kWh" }),
    step: z.enum(stepNames).openapi({ description: "How long a step is, of the site's local time" }),
    meters: z
      .array(z.object({ channelId: z.string(), deviceId: z.string(), name: z.string(), frozenBefore: frozenBeforeOut }))
      .openapi({ description: "What counted it. Why a step is what it is: `GET /channels/{id}/explain` of its time" }),
    steps: z
      .array(
        z.object({
          ...{ ...stretch, energy },
          estimated: z.number().openapi({ description: "The part of it that was estimated" }),
          measured: z.number().optional().openapi({
            description: "Of a simulated year alone: what the meters really counted in the same quarter-hours",
          }),
        }),
      )
      .openapi({
        description:
          "The energy of the line's own quarter-hours; together, the line's quantity, where it is billed in the meters' unit. Of a peak: the quarter-hours that set it, and energy through their length is the power",
      }),
    estimated: z
      .array(z.object({ ...stretch, energy }))
      .openapi({ description: "Stretches whose energy was estimated, at most the 12 longest" }),
    missing: z
      .array(z.object(stretch))
      .openapi({ description: "Stretches without data, which are not billed, at most the 12 longest" }),
    events: z
      .array(
        z.object({
          ...EventSchema.shape,
          channelId: z.string(),
          unit: z.string().nullable().openapi({ description: "The channel's" }),
        }),
      )
      .openapi({ description: `What the meters' registers did besides counting up, the first ${mostEvents} of each` }),
  })
  .openapi("EnergyBehind", { description: "The energy behind an amount, step by step" });

const noEnergy = "null: no energy is behind it (a standing charge, a credit, a tax)";

const BillLineSchema = z
  .object({
    currency: z.string(),
    line: billLine.omit({ buckets: true }),
    energy: z.union([EnergySchema, z.null()]).openapi({ description: noEnergy }),
  })
  .openapi("BillLineExplanation");

const YearLineSchema = z
  .object({
    currency: z.string(),
    line: yearLine,
    bills: z
      .array(
        z.object({
          ...{ from: day, to: day.openapi({ description: "The first day that it is not for" }) },
          arithmetic: z.string().openapi({ example: "312.5 kWh x 0.32 EUR/kWh" }),
          exact: money.openapi({ description: "What the arithmetic comes to, not rounded" }),
          amount: money.openapi({ description: "Rounded as the bill rounds" }),
          notes: z.array(z.string()),
        }),
      )
      .openapi({ description: "The line in each bill of the year: the amounts add up to that of the line" }),
    on: z.array(z.string()).openapi({ description: "Of a tax: the components that it is on" }),
    energy: z.union([EnergySchema, z.null()]).openapi({ description: noEnergy }),
  })
  .openapi("YearLineExplanation");

const side = z
  .union([
    z.object({
      quantity: z.number(),
      unitPrice: money.nullable().openapi({ description: "The mean, all in; null: nothing was used" }),
      amount: money,
    }),
    z.null(),
  ])
  .openapi({ description: "null: the bill has no such line" });
const signed = "Decimal, not rounded; above 0: it cost more";
const span = z.object({
  ...{ from: day, to: day.openapi({ description: "The first day that it is not for" }) },
  until: instantOut.openapi({ description: "Of days that are not over, or compared with such: only up to here" }),
  total: money.openapi({ description: "Decimal, not rounded" }),
  completeness: z.number().min(0).max(1).openapi({
    description: "Covered time through length: what was used in the rest is in no bill, and makes that side too low",
  }),
});

const DifferenceSchema = z
  .object({
    currency: z.string(),
    now: span,
    then: span.openapi({ description: "What it is compared with" }),
    difference: money.openapi({ description: `Of the totals. ${signed}` }),
    contracts: z
      .array(
        z.object({
          contractId: z.string().nullable().openapi({ description: "null: the price of the site's settings" }),
          name: z.string(),
          difference: money.openapi({ description: signed }),
          changes: z
            .array(
              z.object({
                ...{
                  component: z.string(),
                  rate: z.string().nullable(),
                  type: z.enum(componentTypes),
                  name: z.string(),
                },
                ...{ unit: z.string(), now: side, then: side },
                difference: money.openapi({ description: `byQuantity and byPrice together. ${signed}` }),
                byQuantity: money.openapi({ description: "What was used more or less, at the price of then" }),
                byPrice: money.openapi({ description: "The new price, for all that is used now" }),
              }),
            )
            .openapi({ description: "Line by line: they add up to the contract's difference" }),
        }),
      )
      .openapi({ description: "They add up to the difference" }),
  })
  .openapi("CostDifference");

/** What names a line of a ranking or a simulation, as its `lines` have it. */
const asked = {
  component: z.string().max(200).openapi({ description: "That of the line", example: "energy" }),
  rate: z.string().max(200).nullable().default(null).openapi({ description: "That of the line" }),
  unit: z.string().max(50).optional().openapi({
    description: "Only needed where two lines have the same component and rate: versions that bill by different units",
  }),
};

export const whyOperations = [
  operation({
    id: "explainBillLine",
    method: "GET",
    path: "/contracts/{id}/bill/lines/{line}",
    tag: "Costs",
    summary: "Why a line of a contract's bill is what it is: its arithmetic, and the energy behind it step by step",
    description: "`line` is its place in `getBill` of the same days, counted from 0.",
    permission: "site.read",
    params: z.object({ id: contractId, line: z.string().openapi({ type: "integer" }) }),
    query: z.strictObject(billDays),
    response: BillLineSchema,
    async handle({ organizationId, params: { id, line }, query }) {
      const { site, priced } = await billedContract(organizationId, id);
      const of = { period: billPeriod(query, site.timezone), line: numberOf(line) };
      return shownLine(await loadWhy(organizationId, site, priced, of));
    },
  }),
  operation({
    id: "explainSiteBillLine",
    method: "GET",
    path: "/sites/{id}/bills/{contractId}/lines/{line}",
    tag: "Costs",
    summary: "Why a line of one of a site's bills is what it is, also where the site has no contract",
    description:
      "`contractId` as `listBills` has it, and `price` where that is null: the bill is by the price of the site's settings. `line` is its place in that bill of the same days, counted from 0.",
    permission: "site.read",
    params: z.object({
      id: siteId,
      contractId: z.string().openapi({ example: priceOfSettings }),
      line: z.string().openapi({ type: "integer" }),
    }),
    query: z.strictObject(billDays),
    response: BillLineSchema,
    async handle({ organizationId, params: { id, contractId, line }, query }) {
      const site = await requiredSite(organizationId, id);
      const of = { period: billPeriod(query, site.timezone), line: numberOf(line) };
      const priced = await findPricedContract(organizationId, site, contractId);
      if (!priced) throw noBill(contractId);
      return shownLine(await loadWhy(organizationId, site, priced, of));
    },
  }),
  operation({
    id: "explainCostDifference",
    method: "GET",
    path: "/sites/{id}/costs/difference",
    tag: "Costs",
    summary: "Why a period cost more or less than an earlier one: by what was used, and by its price",
    description:
      "100 kWh at 0.30 and then 120 kWh at 0.35 are 12.00 more: 6.00 for the 20 kWh at the old price, and 6.00 for the new price of all 120. The bill of each side is `listBills` of its days and `until`.",
    permission: "site.read",
    params,
    query: z.strictObject(comparedDays),
    response: DifferenceSchema,
    async handle({ organizationId, params: { id }, query: { from, to, compare: by } }) {
      const site = await requiredSite(organizationId, id);
      const nowMs = Date.now();
      const period = pagePeriod({ from, to }, site, nowMs);
      const found = await loadDifference(organizationId, site, period, { by, nowMs });
      if (!found.ok) throw new Problem(400, found.error);
      return { currency: site.currency, ...shownDifference(found.difference) };
    },
  }),
  operation({
    id: "explainRankedLine",
    method: "POST",
    path: "/sites/{id}/compare/why",
    tag: "Costs",
    summary: "Why a line of a compared tariff is what it is: its bills, and the energy behind them",
    description:
      "The body of `compareTariffs` with the `id` of a tariff of its answer, and what names one of its `lines`. Nothing is stored.",
    permission: "site.read",
    params,
    body: z
      .strictObject({
        ...comparison,
        of: z
          .string()
          .max(100)
          .openapi({ description: "The `id` that the tariff has in the ranking", example: "de-flat" }),
        ...asked,
      })
      .openapi("RankedLineQuestion", { example: { library: ["de-flat"], of: "de-flat", component: "energy" } }),
    response: YearLineSchema,
    async handle({ organizationId, params: { id }, body: { library, contracts, tariffs, ...of } }) {
      const site = await requiredSite(organizationId, id);
      const chosen = { library, contracts, tariffs };
      const found = await whyRanked(organizationId, site, chosen, { ...of, nowMs: Date.now() });
      if (!found.ok) throw refused(found);
      return shownYearLine(found.why);
    },
  }),
  operation({
    id: "explainSimulatedLine",
    method: "POST",
    path: "/sites/{id}/simulate/why",
    tag: "Costs",
    summary: "Why a line of the year as it was, or as it was simulated, is what it is",
    description:
      "The body of `simulate` with which of its years, and what names one of that year's `lines`. Energy that was made up stands beside what was measured. Nothing is stored.",
    permission: "site.read",
    params,
    body: z
      .strictObject({
        ...scenario,
        of: z.enum(["with", "without"]).openapi({ description: "The year with what was asked for, or as it was" }),
        ...asked,
      })
      .openapi("SimulatedLineQuestion", { example: { ...scenarioExample, of: "with", component: "energy" } }),
    response: YearLineSchema,
    async handle({ organizationId, params: { id }, body: { of, component, rate, unit, ...given } }) {
      const site = await requiredSite(organizationId, id);
      const line = { component, rate, unit, isWith: of === "with", nowMs: Date.now() };
      const found = await whySimulated(organizationId, site, given, line);
      if (!found.ok) throw refused(found);
      return shownYearLine(found.why);
    },
  }),
];

/** What is no number is no line either. */
const numberOf = (line: string): number => (/^\d{1,4}$/.test(line) ? Number(line) : Infinity);

function noBill(contractId: string): Problem {
  if (contractId !== priceOfSettings) return notFound("contract");
  const why = "it has a contract for its electricity, or no price there";
  return new Problem(404, `The site is not billed by the price of its settings: ${why}. listBills says by what it is.`);
}

const refused = ({ error, field }: RefusedQuestion): Problem =>
  new Problem(400, error, field && { errors: [{ path: field, message: error }] });

/** @throws Problem 404, 400 */
function shownLine(found: LineWhy | { lines: number } | null): z.input<typeof BillLineSchema> {
  if (!found) throw new Problem(400, "The contract does not hold on any of these days.");
  if ("lines" in found) throw new Problem(404, `There is no such line: ${linesWords(found.lines)}.`);
  const { buckets: _, ...line } = lineJson(found.line);
  return { currency: found.currency, line, energy: shownEnergy(found.energy, null) };
}

const linesWords = (lines: number): string =>
  lines === 0 ? "the bill of these days has none" : `the bill of these days has ${lines}, numbered 0 to ${lines - 1}`;

const shownStretch = ({ startMs, endMs }: Step) => ({ start: iso(startMs), end: iso(endMs) });

function shownEnergy(why: Why | null, measured: readonly number[] | null): z.input<typeof EnergySchema> | null {
  if (!why) return null;
  return {
    ...{ unit: why.unit, step: why.step, missing: why.missing.map(shownStretch) },
    meters: why.meters.map(({ channelId, frozenBeforeMs, ...meter }) => ({
      ...{ ...meter, channelId: String(channelId), frozenBefore: isoOrNull(frozenBeforeMs) },
    })),
    steps: why.steps.map(({ energy, estimated, ...step }, i) => ({
      ...{ ...shownStretch(step), energy, estimated },
      ...(measured && { measured: measured[i]! }),
    })),
    estimated: why.estimated.map(({ energy, ...step }) => ({ ...shownStretch(step), energy })),
    events: why.events.map(({ channelId, unit, ...event }) => ({
      ...shownEvent(event),
      channelId: String(channelId),
      unit,
    })),
  };
}

const shownYearLine = ({ currency, line, bills, on, energy, measured }: YearWhy): z.input<typeof YearLineSchema> => ({
  ...{ currency, line },
  bills: bills.map(({ first, last, ...bill }) => ({ from: first, to: dayAfter(last), ...bill })),
  on: [...new Set(on.map(({ component }) => component))],
  energy: shownEnergy(energy, measured),
});

function shownDifference({ now, then, difference, contracts }: CostDifference) {
  const shownSpan = ({ first, last, untilMs, total, completeness }: SpanShown) => ({
    ...{ from: first, to: dayAfter(last), until: iso(untilMs), total, completeness },
  });
  return {
    ...{ now: shownSpan(now), then: shownSpan(then), difference },
    contracts: contracts.map(({ id, name, total, changes }) => ({ contractId: id, name, difference: total, changes })),
  };
}
