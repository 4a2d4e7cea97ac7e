import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { requireSite } from "../auth/require-member.server.ts";
import { QualityLine } from "../charts/quality-line.tsx";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { longestWindowMs } from "../corrections/explain.server.ts";
import { ConsumerTable } from "../flows/consumer-table.tsx";
import { FlowBars, FlowFigures, FlowWarnings } from "../flows/flow-cards.tsx";
import { FlowTable } from "../flows/flow-table.tsx";
import { loadFlows } from "../flows/load-flows.server.ts";
import { graphOf } from "../flows/sankey-graph.ts";
import { Sankey } from "../flows/sankey.tsx";
import { wordsOfLinks } from "../flows/worth-words.ts";
import { WhySite } from "../overview/why-site.tsx";
import { CsvLink } from "../overview/period-controls.tsx";
import { PeriodPicker, periodName } from "../period/period-picker.tsx";
import { periodQuery, readPeriod } from "../period/period.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: flows · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const period = readPeriod(new URL(request.url).searchParams, site.timezone, nowMs);
  const { id, name, timezone, currency } = site;
  const flows = await loadFlows(organizationId, site, period, { nowMs, hasMoney: true });
  const isOneFigure = flows.total !== null && flows.total.endMs - flows.total.startMs <= longestWindowMs;
  return { site: { id, name, timezone, currency }, flows, isOneFigure };
}

export default function Flows() {
  const { site, flows, isOneFigure } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const isLoading = useNavigation().state === "loading";
  const { period, total, worth, consumers, bars, quality, nowMs } = flows;
  const query = periodQuery(period);
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/meters`} className={buttonClass("secondary")}>
            Meters and rooms
          </Link>
        }
      >
        Flows
      </PageTitle>
      <PeriodPicker period={period} formats={formats} />
      {!total || !quality ? (
        <NoFlows />
      ) : (
        <div aria-busy={isLoading} className={`transition-opacity ${isLoading ? "opacity-60" : ""}`}>
          <FlowFigures total={total} formats={formats} />
          <FlowWarnings total={total} consumers={consumers} formats={formats} />
          <Card>
            <CardTitle
              aside={
                <CsvLink
                  href={`/sites/${site.id}/flows.csv?chart=flows&${query}`}
                  label={`Download the flows of ${periodName(period, formats)} as CSV`}
                />
              }
            >
              From where to where
            </CardTitle>
            {total.consumption + total.exportKwh + total.chargeKwh > 0.0005 ? (
              <Sankey
                graph={graphOf(total, consumers)}
                shallow={graphOf(
                  total,
                  consumers.filter(({ wholeId }) => wholeId === null),
                )}
                worthOf={wordsOfLinks(flows, { currency: site.currency, formats })}
                formats={formats}
              />
            ) : (
              <p className="py-8 text-center text-slate-600 dark:text-slate-300">Nothing flowed in this period.</p>
            )}
            {!total.hasGrid && (
              <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">
                No grid meter here: the grid is taken to give and take what is left between the consumers and the rest.
              </p>
            )}
            <div className="flex flex-wrap items-center justify-between gap-x-4">
              <QualityLine quality={quality} formats={formats} nowMs={nowMs} />
              {isOneFigure && (
                <WhySite
                  {...{ siteId: site.id, formats, bar: total, name: periodName(period, formats) }}
                  of={{ medium: "electricity" }}
                />
              )}
            </div>
            <div className="mt-4 grid grid-cols-1 gap-x-10 gap-y-6 xl:grid-cols-2">
              <FlowTable {...{ total, worth, formats, query }} siteId={site.id} currency={site.currency} />
              <ConsumerTable {...{ flows, total, formats, query }} siteId={site.id} currency={site.currency} />
            </div>
          </Card>
          <FlowBars
            key={query}
            bars={bars}
            total={total}
            step={period.step}
            nowMs={nowMs}
            csv={`/sites/${site.id}/flows.csv?chart=bars&${query}`}
            siteId={site.id}
            formats={formats}
          />
        </div>
      )}
    </>
  );
}

function NoFlows() {
  return (
    <EmptyState title="Nothing counts here yet">
      As soon as a meter, a plug or an inverter reports energy or power, what it measures flows here. Roles are on the
      settings page.
    </EmptyState>
  );
}
