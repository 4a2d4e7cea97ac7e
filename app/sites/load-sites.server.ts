import { listSites } from "../../db/sites.ts";
import { qualityOf } from "../charts/quality.ts";
import { readPeriod, stepsSoFar } from "../period/period.ts";
import { readFlows } from "../flows/load-flows.server.ts";
import { sumFlows } from "../../domain/site/energy-flows.ts";
import { emissionsOfSteps, sumEmissions } from "../costs/emissions.server.ts";

/** Each site of an organization over the same calendar period, in its own zone. */
export async function loadSites(organizationId: string, search: URLSearchParams, nowMs: number) {
  const sites = await listSites(organizationId);
  const lines = [];
  // One after the other: a hundred sites must not take all the connections.
  for (const site of sites) {
    const { id, name, timezone } = site;
    const period = readPeriod(search, timezone, nowMs, "month");
    const steps = stepsSoFar(period, timezone, nowMs);
    const { flows, knownToMs } = await readFlows(organizationId, id, steps);
    const total = sumFlows(flows);
    const emitted = total && (await emissionsOfSteps(organizationId, site, steps));
    const emissions = emitted && sumEmissions(emitted);
    lines.push({ id, name, timezone, period, emissions, ...(total ? figuresOf(total, knownToMs, nowMs) : nothing) });
  }
  return lines;
}

export type SiteLine = Awaited<ReturnType<typeof loadSites>>[number];

const nothing = {
  ...{ used: 0, produced: 0, imported: 0, exported: 0, estimated: 0, completeness: 0 },
  ...{ selfSufficiency: null, quality: null },
};

function figuresOf(total: NonNullable<ReturnType<typeof sumFlows>>, knownToMs: number | null, nowMs: number) {
  const { startMs, endMs, completeness, consumption, estimated, productionKwh, hasGrid } = total;
  const hasAny = total.counted.length > 0;
  return {
    ...{ used: consumption, produced: productionKwh, estimated, completeness },
    ...{ imported: hasGrid ? total.importKwh : 0, exported: hasGrid ? total.exportKwh : 0 },
    selfSufficiency: total.selfSufficiency,
    quality: hasAny
      ? qualityOf({
          ...{ startMs, endMs, completeness, knownToMs, nowMs },
          ...{ amount: consumption, estimatedAmount: estimated },
        })
      : null,
  };
}
