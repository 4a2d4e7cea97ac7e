import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronLeft, ChevronRight, Download, Plus } from "lucide-react";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import { powerNow } from "../../domain/site/power-now.ts";
import { startOfLocalYear, addLocalMonths } from "../../domain/local-time/steps.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { EnergyBars, type EnergyBar } from "../charts/energy-bars.tsx";
import { ago, type Formats } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive, type LiveState } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { loadOverview, type Bar, type Overview, type Summary } from "../overview/load-overview.server.ts";
import { PowerPicture } from "../overview/power-picture.tsx";

const PowerChart = lazy(() => import("../charts/power-chart.tsx").then((m) => ({ default: m.PowerChart })));

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const query = new URL(request.url).searchParams;
  const chosen = { monthMs: instant(query.get("month"), nowMs), yearMs: instant(query.get("year"), nowMs) };
  const overview = await loadOverview(organizationId, site, nowMs, chosen);
  const { timezone } = site;
  const previousYear = startOfLocalYear(timezone, startOfLocalYear(timezone, chosen.yearMs) - 1);
  return {
    site,
    overview,
    around: {
      previousMonth: addLocalMonths(timezone, chosen.monthMs, -1),
      nextMonth: addLocalMonths(timezone, chosen.monthMs, 1),
      previousYear,
      nextYear: startOfLocalYear(timezone, startOfLocalYear(timezone, chosen.yearMs) + 380 * 86_400_000),
    },
  };
}

/** A month or year is named by an instant in it. */
function instant(text: string | null, nowMs: number): number {
  const ms = Number(text);
  return text && Number.isFinite(ms) && ms > 0 && ms <= nowMs ? ms : nowMs;
}

export default function SiteOverview() {
  const { site, overview, around } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const now = useNow(overview.nowMs);
  const { power, state } = useLivePower(site.id, overview);
  if (!overview.devices.length) return <NoDevices siteName={site.name} />;
  const measured = powerNow(power, now);
  return (
    <>
      <PageTitle aside={<LiveBadge state={state} />}>{site.name}</PageTitle>
      <div className="grid grid-cols-1 gap-4 md:grid-cols-2 lg:grid-cols-3">
        <Card className="md:row-span-2 lg:row-span-1">
          <PowerPicture now={measured} formats={formats} />
        </Card>
        <TodayCard overview={overview} formats={formats} />
        <CostCard overview={overview} formats={formats} currency={site.currency} />
      </div>
      <Completeness overview={overview} formats={formats} />
      <Card className="mt-4">
        <CardTitle aside={<Csv siteId={site.id} chart="power" />}>The last 24 hours</CardTitle>
        <LastDay overview={overview} formats={formats} />
      </Card>
      <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Card>
          <CardTitle
            aside={
              <Period
                name="month"
                previousMs={around.previousMonth}
                nextMs={around.nextMonth <= overview.nowMs ? around.nextMonth : null}
                csv={<Csv siteId={site.id} chart="days" atMs={overview.chosen.monthMs} />}
              />
            }
          >
            {formats.longMonth(overview.chosen.monthMs)}
          </CardTitle>
          <EnergyBars bars={overview.days.map((bar) => energyBar(bar, formats.dayOfMonth(bar.startMs), formats.longDay(bar.startMs), formats))} />
        </Card>
        <Card>
          <CardTitle
            aside={
              <Period
                name="year"
                previousMs={around.previousYear}
                nextMs={around.nextYear <= overview.nowMs ? around.nextYear : null}
                csv={<Csv siteId={site.id} chart="months" atMs={overview.chosen.yearMs} />}
              />
            }
          >
            {formats.year(overview.chosen.yearMs)}
          </CardTitle>
          <EnergyBars bars={overview.months.map((bar) => energyBar(bar, formats.month(bar.startMs), formats.longMonth(bar.startMs), formats))} />
        </Card>
      </div>
      <DeviceList siteId={site.id} overview={overview} power={power} formats={formats} now={now} />
    </>
  );
}

/** The loader's powers, kept up to date by the live events. */
function useLivePower(siteId: string, overview: Overview) {
  const [values, setValues] = useState<ReadonlyMap<number, { valueW: number; timeMs: number }>>(new Map());
  const state = useLive({
    siteId,
    revalidate: ["rollups", "device"],
    everyMs: 4_000,
    onValues: (changed) =>
      setValues((before) => {
        const after = new Map(before);
        for (const [id, timeMs, value] of changed) if (typeof value === "number") after.set(id, { valueW: value, timeMs });
        return after;
      }),
  });
  const power = useMemo(
    () =>
      overview.power.map((loaded) => {
        const live = values.get(loaded.id);
        return live && live.timeMs >= (loaded.timeMs ?? 0) ? { ...loaded, ...live } : loaded;
      }),
    [overview.power, values],
  );
  return { power, state };
}

function LiveBadge({ state }: { state: LiveState }) {
  if (state === "live") return <Badge look="good">Live</Badge>;
  return <Badge look="warn">{state === "lost" ? "Connection lost, reconnecting …" : "Connecting …"}</Badge>;
}

function NoDevices({ siteName }: { siteName: string }) {
  return (
    <>
      <PageTitle>{siteName}</PageTitle>
      <EmptyState
        title="No device reports yet"
        action={
          <Link to="devices/new" className={buttonClass()}>
            <Plus className="h-5 w-5" aria-hidden /> Add a device
          </Link>
        }
      >
        Add your meter, plug or gateway: you get its address and key to paste, and its first value is here seconds after its first message.
      </EmptyState>
    </>
  );
}

function TodayCard({ overview: { today, yesterday }, formats }: { overview: Overview; formats: Formats }) {
  return (
    <Card>
      <p className="text-sm font-medium text-slate-500 dark:text-slate-400">Used today</p>
      <p className="mt-1 text-3xl font-semibold tabular-nums" data-testid="today">
        {today ? formats.energy(today.consumptionKwh) : "–"}
      </p>
      <p className="mt-2 text-slate-600 dark:text-slate-300">{compareWords(today, yesterday, formats)}</p>
      {today?.selfSufficiency != null && (
        <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">{formats.percent(today.selfSufficiency)} of it from your own roof.</p>
      )}
    </Card>
  );
}

function compareWords(today: Summary | null, yesterday: Summary | null, formats: Formats): string {
  if (!today || !yesterday || yesterday.completeness === 0 || yesterday.consumptionKwh === 0) return "Nothing to compare with yet.";
  const share = today.consumptionKwh / yesterday.consumptionKwh - 1;
  const than = `than yesterday at this time (${formats.energy(yesterday.consumptionKwh)})`;
  if (Math.abs(share) < 0.01) return `As much as yesterday at this time (${formats.energy(yesterday.consumptionKwh)}).`;
  return `${formats.percent(Math.abs(share))} ${share > 0 ? "more" : "less"} ${than}.`;
}

function CostCard({ overview: { today, month, hasGrid }, formats, currency }: { overview: Overview; formats: Formats; currency: string }) {
  return (
    <Card>
      <p className="text-sm font-medium text-slate-500 dark:text-slate-400">Cost today</p>
      {today?.cost == null ? (
        <p className="mt-2 text-slate-600 dark:text-slate-300">
          Set a price per kWh in the{" "}
          <Link to="settings" className="font-medium text-emerald-700 underline dark:text-emerald-400">
            settings
          </Link>{" "}
          to see costs.
        </p>
      ) : (
        <>
          <p className="mt-1 text-3xl font-semibold tabular-nums" data-testid="cost-today">
            {formats.money(today.cost, currency)}
          </p>
          <p className="mt-2 text-slate-600 dark:text-slate-300">
            {month?.cost == null ? "" : `${formats.money(month.cost, currency)} this month so far${hasGrid ? ", for what came from the grid" : ""}.`}
          </p>
        </>
      )}
    </Card>
  );
}

function Completeness({ overview: { today, completeToMs }, formats }: { overview: Overview; formats: Formats }) {
  if (!today || completeToMs === null) return null;
  const estimated = today.consumptionKwh > 0 ? today.estimatedKwh / today.consumptionKwh : 0;
  return (
    <p className="mt-3 px-1 text-sm text-slate-500 dark:text-slate-400">
      Today {formats.percent(today.completeness * (1 - estimated))} measured
      {estimated > 0 && `, ${formats.percent(today.completeness * estimated)} estimated`}, complete to {formats.time(completeToMs)}.
    </p>
  );
}

function LastDay({ overview, formats }: { overview: Overview; formats: Formats }) {
  const kw = (watts: number | null) => (watts === null ? null : watts / 1000);
  const points = overview.lastDay.map((point) => ({
    time: formats.time(point.timeMs),
    Used: kw(point.consumptionW),
    "From the sun": kw(point.productionW),
    "To the grid": kw(point.exportW),
  }));
  const series = [
    { name: "Used", color: "emerald" as const },
    ...(overview.hasProduction ? [{ name: "From the sun", color: "amber" as const }] : []),
    ...(overview.hasProduction && overview.hasGrid ? [{ name: "To the grid", color: "blue" as const }] : []),
  ];
  return (
    <Suspense fallback={<div className="h-72 animate-pulse rounded-lg bg-slate-100 dark:bg-slate-800" />}>
      <PowerChart points={points} series={series} format={(value) => formats.power(value * 1000)} />
    </Suspense>
  );
}

function energyBar(bar: Bar, label: string, longLabel: string, formats: Formats): EnergyBar {
  const parts = [`${longLabel}: ${bar.completeness === 0 ? "nothing known" : formats.energy(bar.kwh)}`];
  if (bar.productionKwh > 0) parts.push(`${formats.energy(bar.productionKwh)} from the sun`);
  if (bar.estimatedKwh > 0) parts.push(`${formats.energy(bar.estimatedKwh)} of it estimated`);
  if (bar.completeness < 0.995) parts.push(`${formats.percent(bar.completeness)} known`);
  const { startMs, kwh, estimatedKwh, completeness } = bar;
  return { startMs, label, title: `${parts.join(", ")}.`, kwh, estimatedKwh, completeness };
}

const iconLink = "inline-flex h-11 w-11 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800";

function Period({ name, previousMs, nextMs, csv }: { name: string; previousMs: number; nextMs: number | null; csv: ReactNode }) {
  return (
    <div className="flex items-center">
      <Link to={`?${name}=${previousMs}`} preventScrollReset aria-label={`The ${name} before`} className={iconLink}>
        <ChevronLeft className="h-5 w-5" aria-hidden />
      </Link>
      {nextMs !== null && (
        <Link to={`?${name}=${nextMs}`} preventScrollReset aria-label={`The ${name} after`} className={iconLink}>
          <ChevronRight className="h-5 w-5" aria-hidden />
        </Link>
      )}
      {csv}
    </div>
  );
}

function Csv({ siteId, chart, atMs }: { siteId: string; chart: string; atMs?: number }) {
  return (
    <a href={`/sites/${siteId}/overview.csv?chart=${chart}${atMs ? `&at=${atMs}` : ""}`} download aria-label="Download as CSV" className={iconLink}>
      <Download className="h-5 w-5" aria-hidden />
    </a>
  );
}

function DeviceList({ siteId, overview, power, formats, now }: { siteId: string; overview: Overview; power: Overview["power"]; formats: Formats; now: number }) {
  return (
    <Card className="mt-4">
      <CardTitle
        aside={
          <Link to={`/sites/${siteId}/devices/new`} className={buttonClass("secondary")}>
            <Plus className="h-4 w-4" aria-hidden /> Add
          </Link>
        }
      >
        Devices
      </CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {overview.devices.map(({ id, name, lastHeardMs }) => {
          const own = power.filter((p) => p.deviceId === id && p.valueW !== null);
          const heardMs = Math.max(lastHeardMs ?? 0, ...own.map((p) => p.timeMs ?? 0));
          const isFresh = now - heardMs < 10 * 60_000;
          return (
            <li key={id}>
              <Link to={`/sites/${siteId}/devices/${id}`} className="flex min-h-14 items-center justify-between gap-3 rounded-lg px-1 py-2 hover:bg-slate-50 dark:hover:bg-slate-800">
                <span className="min-w-0">
                  <span className="block truncate font-medium">{name}</span>
                  <span className="text-sm text-slate-500 dark:text-slate-400">{heardMs ? `Heard ${ago(heardMs, now)}` : "Never heard"}</span>
                </span>
                <span className={`whitespace-nowrap font-semibold tabular-nums ${isFresh ? "" : "text-slate-400 dark:text-slate-500"}`}>
                  {own.length ? own.map((p) => formats.power(p.valueW!)).join(" · ") : ""}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
