import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation, useSearchParams } from "@remix-run/react";
import { requireSite } from "../auth/require-member.server.ts";
import { longestWindowMs } from "../corrections/explain.server.ts";
import { QualityLine } from "../charts/quality-line.tsx";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { CsvLink, Segments } from "../overview/period-controls.tsx";
import { WhySite } from "../overview/why-site.tsx";
import { PeriodPicker, periodName } from "../period/period-picker.tsx";
import { periodQuery, readPeriod } from "../period/period.ts";
import { loadUsage } from "../usage/load-usage.server.ts";
import { amountWords, Change, UsageBars, UsageTable, WorthLines } from "../usage/usage-cards.tsx";
import { mediumNames } from "../usage/medium-names.ts";
import { readUsageQuery, type Kind } from "../usage/usage-query.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: usage · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const search = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const period = readPeriod(search, site.timezone, nowMs, "month");
  const query = readUsageQuery(search);
  const { id, name, timezone, currency } = site;
  const usage = await loadUsage(organizationId, site, { period, query, nowMs });
  const soFar = { startMs: period.startMs, endMs: usage.bars.at(-1)?.endMs ?? period.endMs };
  const isComparable = usage.before !== null && soFar.endMs - soFar.startMs <= longestWindowMs;
  return { site: { id, name, timezone, currency }, query, usage, soFar, isComparable };
}

const kindNames: Record<Kind, string> = { meter: "Meters", device: "Devices", group: "Rooms" };

export default function UsagePage() {
  const { site, usage, query, soFar, isComparable } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const isLoading = useNavigation().state === "loading";
  const [params] = useSearchParams();
  const withParams = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes))
      if (value === null) next.delete(name);
      else next.set(name, value);
    return `?${next.toString()}`;
  };
  const { period, rows, unit, medium, offered, path, quality, nowMs } = usage;
  const chosen = path.at(-1)?.id;
  const here = path.at(-1)?.name ?? `${mediumNames[medium]} of ${site.name}`;
  return (
    <>
      <PageTitle
        aside={
          <Link to={`/sites/${site.id}/meters`} className={buttonClass("secondary")}>
            Meters and rooms
          </Link>
        }
      >
        Usage
      </PageTitle>
      <PeriodPicker period={period} formats={formats} />
      <div className="mb-4 flex flex-wrap gap-3">
        {offered.length > 1 && (
          <Segments
            label="What of"
            options={offered.map((one) => ({
              name:
                offered.filter(({ medium: m }) => m === one.medium).length > 1
                  ? `${mediumNames[one.medium]}, ${one.unit}`
                  : mediumNames[one.medium],
              to: withParams({ medium: one.medium, unit: one.unit, meter: null }),
              isCurrent: one.medium === medium && one.unit === unit,
            }))}
          />
        )}
        {!path.length && (
          <Segments
            label="By"
            options={(Object.keys(kindNames) as Kind[]).map((kind) => ({
              ...{ name: kindNames[kind], to: withParams({ by: kind }), isCurrent: kind === query.by },
            }))}
          />
        )}
        <Segments
          label="Against"
          options={[
            { name: "Before", to: withParams({ compare: null }), isCurrent: query.compare === "previous" },
            { name: "A year before", to: withParams({ compare: "year" }), isCurrent: query.compare === "year" },
          ]}
        />
      </div>
      {path.length > 0 && (
        <nav aria-label="Where in the tree" className="mb-3 flex flex-wrap items-center gap-x-2 text-sm">
          <Link
            to={withParams({ meter: null })}
            className="font-medium text-emerald-700 underline dark:text-emerald-400"
          >
            The whole place
          </Link>
          {path.map(({ id, name }, i) => (
            <span key={id} className="flex items-center gap-2">
              <span aria-hidden>›</span>
              {i < path.length - 1 ? (
                <Link
                  to={withParams({ meter: id })}
                  className="font-medium text-emerald-700 underline dark:text-emerald-400"
                >
                  {name}
                </Link>
              ) : (
                <span aria-current="page">{name}</span>
              )}
            </span>
          ))}
        </nav>
      )}
      {!offered.length || !quality ? (
        <EmptyState title="Nothing counts here yet">
          What your devices use is listed here as soon as one reports.
        </EmptyState>
      ) : (
        <div
          aria-busy={isLoading}
          className={`grid grid-cols-1 items-start gap-4 transition-opacity xl:grid-cols-2 ${isLoading ? "opacity-60" : ""}`}
        >
          <Card>
            <CardTitle
              aside={
                <CsvLink
                  href={`/sites/${site.id}/usage.csv${withParams({ chart: "bars" })}`}
                  label="Download these bars as CSV"
                />
              }
            >
              {here}
            </CardTitle>
            <p className="-mt-2 mb-4 flex items-baseline justify-between gap-4">
              <span className="tabular-nums">
                <span className="text-2xl font-semibold" data-testid="usage-total">
                  {amountWords(usage.total, unit, formats)}
                </span>
                <span className="mt-1 block text-sm" data-testid="usage-worth">
                  <WorthLines worth={usage.worth} currency={site.currency} formats={formats} />
                </span>
              </span>
              <span className="text-right text-sm tabular-nums">
                <Change amount={usage.total} before={usage.before} unit={unit} formats={formats} />
              </span>
            </p>
            {isComparable && (
              <WhySite
                {...{ siteId: site.id, formats, bar: soFar, before: usage.compared }}
                name={`${here}, ${periodName(period, formats)}`}
                of={chosen ? { meter: chosen } : { medium }}
              />
            )}
            <UsageBars
              key={`${period.first} ${period.range} ${here}`}
              {...{
                unit,
                nowMs,
                formats,
                siteId: site.id,
                bars: usage.bars,
                step: period.step,
                label: `${here}, by ${period.step}`,
              }}
              of={chosen ? { meter: chosen } : { medium }}
            />
            <QualityLine quality={quality} formats={formats} nowMs={nowMs} />
          </Card>
          {rows.length > 0 && (
            <Card>
              <CardTitle
                aside={
                  <CsvLink
                    href={`/sites/${site.id}/usage.csv${withParams({ chart: "shares" })}`}
                    label="Download these shares as CSV"
                  />
                }
              >
                {path.length ? `What is in it` : `By ${query.by === "group" ? "room" : query.by}`}
              </CardTitle>
              <UsageTable {...{ usage, formats, currency: site.currency }} into={(meter) => withParams({ meter })} />
              {usage.worth?.cost != null && (
                <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
                  Each has its share of what came from the grid in its quarter-hour. Standing charges and peaks are in
                  none of them.{" "}
                  {medium === "electricity" && (
                    <Link to={`/sites/${site.id}/flows?${periodQuery(period)}`} className="underline">
                      By which rules?
                    </Link>
                  )}
                </p>
              )}
            </Card>
          )}
        </div>
      )}
    </>
  );
}
