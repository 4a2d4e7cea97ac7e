import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import { listDevices } from "../../db/devices.ts";
import { guardNow, type GuardBase } from "../../domain/demand/live-guard.ts";
import { componentTypes } from "../../domain/tariff/component-schema.ts";
import { compareTariffs, mostTariffs } from "../costs/compare.server.ts";
import { drawnNow } from "../costs/demand-power.ts";
import { loadDemand } from "../costs/demand.server.ts";
import { scenarioSchema } from "../costs/scenario.ts";
import { whatIf } from "../costs/what-if.server.ts";
import { powersNow } from "../overview/load-overview.server.ts";
import { operation } from "./operation.server.ts";
import { Problem } from "./problem.server.ts";
import { instantOut, isStorable, iso } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const params = z.object({ id: siteId });
export const money = z.string().openapi({ description: "Decimal, in the site's currency" });
const sums = z.array(z.object({ type: z.enum(componentTypes), amount: money }));
const day = z.string().openapi({ description: "A day in the site's zone", example: "2026-03-29" });
const tariffJson = z.record(z.string(), z.unknown()).refine(isStorable, "expected a tariff without NUL characters");

export const yearLine = z.object({
  ...{ component: z.string(), rate: z.string().nullable(), type: z.enum(componentTypes), name: z.string() },
  ...{ quantity: z.string(), unit: z.string(), amount: money },
  unitPrice: z.string().nullable().openapi({ description: "null: none is known, or it changed" }),
});
const yearLines = z.array(yearLine).openapi({ description: "The components and rates of its bill over all the time" });

const RankingSchema = z
  .object({
    currency: z.string(),
    from: day,
    to: day,
    days: z.int(),
    covered: z.number().min(0).max(1).openapi({ description: "Known part of the time" }),
    against: z.string().openapi({ description: "The id of the tariff that the others are compared with" }),
    isOwn: z.boolean(),
    ranked: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        total: money,
        difference: money,
        byType: sums,
        lines: yearLines,
        why: sums.openapi({ description: "They add up to the difference" }),
        unpricedKwh: z.string().openapi({ description: "Energy whose price is not known: it is not in the total" }),
        meanPrice: money.nullable(),
      }),
    ),
    left: z.array(z.object({ id: z.string(), name: z.string(), reason: z.string() })),
  })
  .openapi("TariffRanking");

const yearShown = z.object({
  total: money,
  lines: yearLines,
  importKwh: z.number(),
  exportKwh: z.number(),
  selfSufficiency: z.number().min(0).max(1).nullable(),
});

const WhatIfSchema = z
  .object({
    currency: z.string(),
    tariff: z.string(),
    from: day,
    to: day,
    days: z.int(),
    without: yearShown,
    with: yearShown,
    saved: money,
    why: z
      .array(z.object({ type: z.enum(componentTypes), amount: money, before: money, after: money }))
      .openapi({ description: "By kind of component: the difference, what it was, and what it would have been" }),
    ...{ productionKwh: z.number(), selfConsumedKwh: z.number(), chargedKwh: z.number(), dischargedKwh: z.number() },
    ...{ lossKwh: z.number(), movedKwh: z.number(), paybackYears: z.number().nullable() },
    assumptions: z.array(z.string()),
  })
  .openapi("WhatIf");

const DemandSchema = z
  .object({
    contractId: z.string(),
    contractName: z.string(),
    component: z.string(),
    currency: z.string(),
    isCharged: z
      .boolean()
      .openapi({ description: "Whether the running window counts: some charges are for certain hours" }),
    start: instantOut,
    end: instantOut,
    secondsLeft: z.number(),
    reachedKw: z.number(),
    projectedKw: z.number(),
    limitKw: z.number().openapi({ description: "The peak that is paid for already" }),
    isOver: z.boolean(),
    roomW: z.number().openapi({ description: "Mean W that may be drawn for the rest of the window" }),
    addedCost: money,
    billed: z
      .object({ kw: z.string(), cost: money, withKw: z.string(), withCost: money })
      .openapi({ description: "The power that is billed and its cost: as it is, and with this window" }),
    drivers: z.array(z.object({ name: z.string(), powerW: z.number(), share: z.number(), suffices: z.boolean() })),
  })
  .openapi("Demand");

/** What tariffs are compared. */
export const comparison = {
  library: z.array(z.string().max(100)).max(mostTariffs).default([]).openapi({ description: "Names of `listTariffs`" }),
  contracts: z.array(z.string().max(40)).max(mostTariffs).default([]).openapi({
    description: "Ids of the site's contracts for all of its electricity; `price`: the one price of its settings",
  }),
  tariffs: z.array(tariffJson).max(mostTariffs).default([]).openapi({
    description: "Others, as docs/TARIFFS.md describes them; in the answer they are pasted-1, pasted-2 and so on",
  }),
};

export const scenario = scenarioSchema.shape;
export const scenarioExample = { battery: { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 } };

export const whatIfOperations = [
  operation({
    id: "compareTariffs",
    method: "POST",
    path: "/sites/{id}/compare",
    tag: "Costs",
    summary: "Which tariff is the cheapest on the site's own last twelve months of electricity",
    description: "Nothing is stored. Own contracts are taken at the prices of their newest version.",
    permission: "site.read",
    params,
    body: z.strictObject(comparison).openapi("Comparison", { example: { library: ["de-flat"] } }),
    response: RankingSchema,
    async handle({ organizationId, params: { id }, body }) {
      const compared = await compareTariffs(organizationId, await requiredSite(organizationId, id), body, Date.now());
      if (!compared.ok) throw new Problem(400, compared.error);
      return compared.ranking;
    },
  }),
  operation({
    id: "simulate",
    method: "POST",
    path: "/sites/{id}/simulate",
    tag: "Costs",
    summary: "What the last twelve months would have cost with solar, a battery or a load at another time",
    description: "Nothing is stored. The answer says what it rests on.",
    permission: "site.read",
    params,
    body: z.strictObject(scenario).openapi("Scenario", { example: scenarioExample }),
    response: WhatIfSchema,
    async handle({ organizationId, params: { id }, body }) {
      const answer = await whatIf(organizationId, await requiredSite(organizationId, id), body, Date.now());
      if (!answer.ok) throw new Problem(400, answer.error);
      return answer.result;
    },
  }),
  operation({
    id: "getDemand",
    method: "GET",
    path: "/sites/{id}/demand",
    tag: "Costs",
    summary: "Where the running window of each demand charge is heading, against the peak that is paid for",
    description: "Charges without fresh power are left out.",
    permission: "site.read",
    params,
    response: z.object({ items: z.array(DemandSchema) }),
    async handle({ organizationId, params: { id } }) {
      const site = await requiredSite(organizationId, id);
      const nowMs = Date.now();
      const charges = await loadDemand(organizationId, site, nowMs);
      if (!charges.length) return { items: [] };
      const channels = await asOrganization(organizationId, (sql) => channelsOf(sql, { siteId: id }));
      const devices = await listDevices(organizationId, { siteId: id });
      const names = new Map(devices.map((device) => [device.id, device.name]));
      const power = powersNow(channels, new Map());
      const items = charges.flatMap(({ base, deviceId, ...charge }) => {
        const drawn = drawnNow(power, { deviceId, names, nowMs });
        return drawn ? [{ ...charge, ...guarded(base, { nowMs, ...drawn }) }] : [];
      });
      return { items };
    },
  }),
];

function guarded(base: GuardBase, now: Parameters<typeof guardNow>[1]) {
  const { fromMs, toMs, addedCost, billed, ...state } = guardNow(base, now);
  const { kw, cost, withKw, withCost } = billed;
  const shown = { kw: kw.toFixed(), cost: cost.toFixed(), withKw: withKw.toFixed(), withCost: withCost.toFixed() };
  return {
    ...state,
    billed: shown,
    ...{ isCharged: base.isCharged, start: iso(fromMs), end: iso(toMs), addedCost: addedCost.toFixed() },
  };
}
