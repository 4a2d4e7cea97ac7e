import { admittedTo } from "../../db/admission.ts";
import { openLink } from "../../db/shared-links.ts";
import { getSite, type Site } from "../../db/sites.ts";
import { powerNow } from "../../domain/site/power-now.ts";
import { hashSecret, isSecret } from "../auth/secret-link.server.ts";
import { notAvailable } from "../auth/session.server.ts";
import { loadCosts } from "../costs/load-costs.server.ts";
import { loadFlows } from "../flows/load-flows.server.ts";
import { loadOverview } from "../overview/load-overview.server.ts";
import { periodsOf } from "../overview/periods.ts";
import { readPeriod } from "../period/period.ts";

/**
 * What a link's secret shows: the figures of its one page, without names, ids or addresses of anything that the page does not
 * show. Read in a context of that one site, whoever else the browser may be signed in as.
 * @throws Response 404 for a link that is unknown, revoked or has run out: the same for all.
 */
export async function loadShared(secret: string | undefined, nowMs: number) {
  const link = isSecret(secret) ? await openLink(hashSecret(secret)).catch(notAvailable) : null;
  if (!link) throw new Response("Not found", { status: 404 });
  const { organizationId, siteId, what } = link;
  return admittedTo(organizationId, [siteId], async () => {
    const site = await getSite(organizationId, siteId);
    if (!site) throw new Response("Not found", { status: 404 });
    const { name, timezone, currency } = site;
    const shown = { nowMs, site: { name, timezone, currency } };
    const period = () => readPeriod(queryOf(link), timezone, nowMs, "month");
    if (what === "overview") return { ...shown, what, ...(await overviewAlone(organizationId, site, nowMs)) };
    if (what === "flows") return { ...shown, what, flows: await flowsAlone(organizationId, site, period(), nowMs) };
    return { ...shown, what, costs: await costsAlone(organizationId, site, period(), nowMs) };
  });
}

export type Shared = Awaited<ReturnType<typeof loadShared>>;

const queryOf = ({ range, atDay }: { range: string | null; atDay: string | null }) =>
  new URLSearchParams({ ...(range && { range }), ...(atDay && { at: atDay }) });

async function overviewAlone(organizationId: string, site: Site, nowMs: number) {
  const periods = periodsOf(new URLSearchParams(), site.timezone, nowMs);
  const overview = await loadOverview(organizationId, site, { nowMs, periods });
  return {
    measured: powerNow(overview.power, nowMs),
    overview: {
      ...overview,
      power: [],
      devices: [],
      contracts: overview.contracts.map(() => ({ id: null, name: "" })),
    },
  };
}

type Period = ReturnType<typeof readPeriod>;

async function flowsAlone(organizationId: string, site: Site, period: Period, nowMs: number) {
  const flows = await loadFlows(organizationId, site, period, { nowMs, hasMoney: false });
  const numbers = new Map(flows.consumers.map(({ id }, i) => [id, `c${i + 1}` as const]));
  return {
    ...flows,
    total: flows.total && { ...flows.total, counted: [] },
    bars: flows.bars.map((bar) => ({ ...bar, counted: [] })),
    consumers: flows.consumers.map((one) => ({
      ...one,
      id: numbers.get(one.id)!,
      wholeId: one.wholeId === null ? null : (numbers.get(one.wholeId) ?? null),
    })),
  };
}

async function costsAlone(organizationId: string, site: Site, period: Period, nowMs: number) {
  const costs = await loadCosts(organizationId, site, period, nowMs);
  return { ...costs, contracts: costs.contracts.map((one, i) => ({ ...one, id: String(i + 1) })) };
}
