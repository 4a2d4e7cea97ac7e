import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { EmptyState, PageTitle } from "../components/frame.tsx";
import { ContractsCard, CostBars, EmissionsCard, TotalCard } from "../costs/cost-cards.tsx";
import { CostsNav } from "../costs/costs-nav.tsx";
import { loadCosts } from "../costs/load-costs.server.ts";
import { PeriodPicker } from "../period/period-picker.tsx";
import { periodQuery, readPeriod } from "../period/period.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: costs · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const period = readPeriod(new URL(request.url).searchParams, site.timezone, nowMs, "month");
  const { id, name, timezone, currency } = site;
  return { site: { id, name, timezone, currency }, costs: await loadCosts(organizationId, site, period, nowMs) };
}

export default function Costs() {
  const { site, costs } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const isLoading = useNavigation().state === "loading";
  const { period, total } = costs;
  const query = periodQuery(period);
  const shown = { costs, currency: site.currency, siteId: site.id, formats };
  return (
    <>
      <PageTitle>Costs</PageTitle>
      <CostsNav siteId={site.id} current="costs" />
      <PeriodPicker period={period} formats={formats} />
      {!total ? (
        <NoCosts siteId={site.id} />
      ) : (
        <div aria-busy={isLoading} className={`transition-opacity ${isLoading ? "opacity-60" : ""}`}>
          <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
            <TotalCard {...shown} />
            <div className="lg:col-span-2">
              <CostBars key={query} {...shown} step={period.step} csv={`/sites/${site.id}/costs.csv?${query}`} />
            </div>
          </div>
          <ContractsCard {...shown} />
          <EmissionsCard costs={costs} formats={formats} />
        </div>
      )}
    </>
  );
}

function NoCosts({ siteId }: { siteId: string }) {
  return (
    <EmptyState
      title="No contract holds in this period"
      action={
        <Link to={`/sites/${siteId}/contracts`} className={buttonClass()}>
          Enter your contract
        </Link>
      }
    >
      With your supplier&apos;s prices, everything that was measured has a cost, also what was measured before today.
    </EmptyState>
  );
}
