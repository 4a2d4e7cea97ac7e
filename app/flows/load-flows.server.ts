import type { Site } from "../../db/sites.ts";
import { flowsOver, sumFlows, type FlowStep } from "../../domain/site/energy-flows.ts";
import { emptyWays } from "../../domain/site/laid-energy.ts";
import { placeMeters, withParts } from "../../domain/site/meter-tree.ts";
import type { Meter, MeterId } from "../../domain/site/meter.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { qualityOf } from "../charts/quality.ts";
import { pricedContracts } from "../costs/contracts.server.ts";
import { emissionsOfSteps, sumEmissions, type ShownEmissions } from "../costs/emissions.server.ts";
import { stepsSoFar, type Period } from "../period/period.ts";
import { eachEnergy, knownToMs } from "../site-energy/read-energy.server.ts";
import { flowWorth, sumWorth, worthOfUsers, type FlowWorth, type UserWorth } from "./flow-worth.server.ts";

/** A site's flows over steps that follow each other, and until when they are known. */
export async function readFlows(organizationId: string, siteId: string, steps: readonly Step[]) {
  let known: number | null = null;
  const { site, made } = await eachEnergy(organizationId, siteId, steps, (energy) => {
    const flows = flowsOver(energy);
    known = knownToMs(energy, flows[0]?.counted ?? [], energy.steps.at(-1)!.endMs);
    return flows;
  });
  return { site, flows: made, knownToMs: known as number | null };
}

interface Asked {
  steps: readonly Step[];
  /** false: costs are left out. */
  hasMoney: boolean;
  /** What flows cost and emitted in all steps together, as the bill of all of them says it; not step by step. */
  isTogether: boolean;
}

/** A site's flows, and what each of them cost and emitted. */
export async function readFlowsAndWorth(organizationId: string, site: Site, { steps, hasMoney, isTogether }: Asked) {
  const contracts = hasMoney ? await pricedContracts(organizationId, site) : [];
  const worth: FlowWorth[] = [];
  let known: number | null = null;
  const read = await eachEnergy(organizationId, site.id, steps, async (energy, sql) => {
    const over = emptyWays(energy.stretch.startMs, energy.stretch.count);
    const flows = flowsOver(energy, over);
    known = knownToMs(energy, flows[0]?.counted ?? [], energy.steps.at(-1)!.endMs);
    const whole = { startMs: energy.steps[0]!.startMs, endMs: energy.steps.at(-1)!.endMs };
    const asked = isTogether ? [whole] : energy.steps;
    worth.push(
      ...(await flowWorth(sql, { site, contracts, steps: asked, over, meters: energy.meters, medium: "electricity" })),
    );
    return flows;
  });
  return { site: read.site, flows: read.made, worth, knownToMs: known as number | null };
}

/** A consumer in its place in the tree, and what it used. */
export interface Consumer {
  id: MeterId;
  name: string;
  /** The consumer that it is a part of; null: of the whole site. */
  wholeId: MeterId | null;
  amount: number;
  attributed: number;
  rest: number;
  excess: number;
  estimated: number;
  /** What `attributed` cost and emitted, its parts included; null: nothing is known of it. */
  worth: UserWorth | null;
}

/** What the page shows of a period. @param hasMoney false: costs are left out. */
export async function loadFlows(
  organizationId: string,
  site: Site,
  period: Period,
  { nowMs, hasMoney }: { nowMs: number; hasMoney: boolean },
) {
  const steps = stepsSoFar(period, site.timezone, nowMs);
  const [read, emissions] = await Promise.all([
    readFlowsAndWorth(organizationId, site, { steps, hasMoney, isTogether: true }),
    emissionsOfSteps(organizationId, site, steps),
  ]);
  const total = sumFlows(read.flows);
  if (!total || !total.counted.length)
    return { period, nowMs, total: null, worth: null, bars: [], consumers: [], untracked: null, quality: null };
  const worth = sumWorth(read.worth);
  const { consumption, estimated, completeness } = total;
  return {
    ...{ period, nowMs, total: shown(total, emissions && sumEmissions(emissions)) },
    worth: worth && withoutUsers(worth),
    bars: read.flows.map((flow, i) => shown(flow, emissions?.[i] ?? null)),
    consumers: consumersOf(read.site.meters, total, worth),
    untracked: worth && worthOfUsers(worth, ["untracked"]),
    quality: qualityOf({
      ...{ startMs: total.startMs, endMs: total.endMs, completeness, nowMs, knownToMs: read.knownToMs },
      ...{ amount: consumption || total.productionKwh, estimatedAmount: estimated },
    }),
  };
}

export type FlowsShown = Awaited<ReturnType<typeof loadFlows>>;
export type ShownWorth = ReturnType<typeof withoutUsers>;
export type ShownFlow = ReturnType<typeof shown>;

/** Without the meters, which the bars do not show. */
function shown({ meters: _, ...step }: FlowStep, emissions: ShownEmissions | null) {
  return { ...step, emissions };
}

/** Who used it is told by the consumers, each in its place. */
const withoutUsers = ({ users: _, ...worth }: FlowWorth) => worth;

function consumersOf(meters: readonly Meter[], total: FlowStep, worth: FlowWorth | null): Consumer[] {
  const placed = placeMeters(meters);
  return placed.flatMap(({ meter, whole }) => {
    const counted = total.meters.get(meter.id);
    if (meter.role !== "consumer" || meter.medium !== "electricity" || !counted) return [];
    const { amount, attributed, rest, excess, estimated } = counted;
    const wholeId = whole < 0 ? null : placed[whole]!.meter.id;
    const own = worth && worthOfUsers(worth, withParts(placed, meter.id));
    return [{ id: meter.id, name: meter.name, wholeId, amount, attributed, rest, excess, estimated, worth: own }];
  });
}
