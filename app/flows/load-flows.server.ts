import type { Site } from "../../db/sites.ts";
import { flowsOver, sumFlows, type FlowStep } from "../../domain/site/energy-flows.ts";
import { placeMeters } from "../../domain/site/meter-tree.ts";
import type { Meter, MeterId } from "../../domain/site/meter.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { qualityOf } from "../charts/quality.ts";
import { emissionsOfSteps, sumEmissions, type ShownEmissions } from "../costs/emissions.server.ts";
import { stepsSoFar, type Period } from "../period/period.ts";
import { eachEnergy, knownToMs } from "../site-energy/read-energy.server.ts";

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
}

/** What the page shows of a period. */
export async function loadFlows(organizationId: string, site: Site, period: Period, nowMs: number) {
  const steps = stepsSoFar(period, site.timezone, nowMs);
  const [read, emissions] = await Promise.all([
    readFlows(organizationId, site.id, steps),
    emissionsOfSteps(organizationId, site, steps),
  ]);
  const total = sumFlows(read.flows);
  if (!total || !total.counted.length) return { period, nowMs, total: null, bars: [], consumers: [], quality: null };
  const { consumption, estimated, completeness } = total;
  return {
    ...{ period, nowMs, total: shown(total, emissions && sumEmissions(emissions)) },
    bars: read.flows.map((flow, i) => shown(flow, emissions?.[i] ?? null)),
    consumers: consumersOf(read.site.meters, total),
    quality: qualityOf({
      ...{ startMs: total.startMs, endMs: total.endMs, completeness, nowMs, knownToMs: read.knownToMs },
      ...{ amount: consumption || total.productionKwh, estimatedAmount: estimated },
    }),
  };
}

export type FlowsShown = Awaited<ReturnType<typeof loadFlows>>;
export type ShownFlow = ReturnType<typeof shown>;

/** Without the meters, which the bars do not show. */
function shown({ meters: _, ...step }: FlowStep, emissions: ShownEmissions | null) {
  return { ...step, emissions };
}

function consumersOf(meters: readonly Meter[], total: FlowStep): Consumer[] {
  const placed = placeMeters(meters);
  return placed.flatMap(({ meter, whole }) => {
    const own = total.meters.get(meter.id);
    if (meter.role !== "consumer" || meter.medium !== "electricity" || !own) return [];
    const { amount, attributed, rest, excess, estimated } = own;
    const wholeId = whole < 0 ? null : placed[whole]!.meter.id;
    return [{ id: meter.id, name: meter.name, wholeId, amount, attributed, rest, excess, estimated }];
  });
}
