import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { powerNow } from "../../domain/site/power-now.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { LiveBadge, LostBanner } from "../charts/live-badge.tsx";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, EmptyState, PageTitle } from "../components/frame.tsx";
import { loadDemand } from "../costs/demand.server.ts";
import { Co2Card } from "../overview/co2-card.tsx";
import { DemandCard } from "../overview/demand-card.tsx";
import { DeviceList } from "../overview/device-list.tsx";
import { EnergyCard } from "../overview/energy-card.tsx";
import { Completeness, CostCard, TodayCard } from "../overview/figure-cards.tsx";
import { loadMedia } from "../overview/load-media.server.ts";
import { loadOverview, type Overview } from "../overview/load-overview.server.ts";
import { MediaCards } from "../overview/media-cards.tsx";
import { periodsOf } from "../overview/periods.ts";
import { PowerCard } from "../overview/power-card.tsx";
import { PowerDayCard } from "../overview/power-day-card.tsx";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const periods = periodsOf(new URL(request.url).searchParams, site.timezone, nowMs);
  const { id, name, timezone, currency, pricePerKwh } = site;
  const [overview, media, demand] = await Promise.all([
    loadOverview(organizationId, site, { nowMs, periods }),
    loadMedia(organizationId, site, nowMs),
    loadDemand(organizationId, site, nowMs),
  ]);
  return { site: { id, name, timezone, currency, pricePerKwh }, overview, media, demand };
}

export default function SiteOverview() {
  const { site, overview, media, demand } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const now = useNow(overview.nowMs);
  const { power, heardMs, state } = useLivePower(site.id, overview);
  const isLoading = useNavigation().state === "loading";
  const measured = powerNow(power, now);
  const title = <PageTitle aside={<LiveBadge state={state} />}>{site.name}</PageTitle>;
  if (!overview.devices.length) {
    return (
      <>
        {title}
        <NoDevices />
      </>
    );
  }
  return (
    <>
      <LostBanner state={state} />
      {title}
      {hasFigures(overview) ? (
        <>
          <div className="grid grid-cols-1 gap-4 md:grid-cols-2 lg:grid-cols-3">
            <PowerCard measured={measured} overview={overview} formats={formats} now={now} />
            <TodayCard overview={overview} siteId={site.id} formats={formats} />
            <div className="grid grid-cols-1 gap-4 sm:max-md:grid-cols-2 md:max-lg:col-span-2 md:max-lg:grid-cols-2">
              <CostCard overview={overview} site={site} formats={formats} />
              {overview.emissions && <Co2Card emissions={overview.emissions} formats={formats} />}
            </div>
          </div>
          <Completeness overview={overview} formats={formats} />
          {demand.map((one) => (
            <DemandCard
              key={`${one.contractId} ${one.component}`}
              {...{ siteId: site.id, demand: one, power, devices: overview.devices, formats, now }}
            />
          ))}
          <div aria-busy={isLoading} className={`transition-opacity ${isLoading ? "opacity-60" : ""}`}>
            <PowerDayCard overview={overview} siteId={site.id} measured={measured} now={now} formats={formats} />
            <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
              <EnergyCard
                key={overview.days.key}
                kind="days"
                overview={overview}
                siteId={site.id}
                currency={site.currency}
                formats={formats}
              />
              <EnergyCard
                key={overview.months.key}
                kind="months"
                overview={overview}
                siteId={site.id}
                currency={site.currency}
                formats={formats}
              />
            </div>
          </div>
        </>
      ) : (
        <NoFigures overview={overview} />
      )}
      <MediaCards media={media} siteId={site.id} nowMs={overview.nowMs} formats={formats} />
      <DeviceList siteId={site.id} overview={overview} power={power} heardMs={heardMs} formats={formats} now={now} />
    </>
  );
}

const hasFigures = ({ abilities, power }: Overview) =>
  abilities.hasConsumption || abilities.hasProduction || abilities.hasBattery || power.length > 0;

/** Before the first bar, every roll-up is worth loading at once; later the numbers move slowly. */
const firstReloadsMs = 1_000;
const reloadsMs = 10_000;

/** The loader's powers, and when channels were heard, kept up to date by the live events. */
function useLivePower(siteId: string, overview: Overview) {
  const [values, setValues] = useState<ReadonlyMap<number, { valueW: number; timeMs: number }>>(new Map());
  const [heardMs, setHeardMs] = useState<ReadonlyMap<number, number>>(new Map());
  const state = useLive({
    siteId,
    revalidate: ["rollups", "device"],
    everyMs: overview.months.bars.some((bar) => bar.completeness > 0) ? reloadsMs : firstReloadsMs,
    onValues: (changed) => {
      setValues((before) => {
        const after = new Map(before);
        for (const [id, timeMs, value] of changed)
          if (typeof value === "number") after.set(id, { valueW: value, timeMs });
        return after;
      });
      setHeardMs((before) => new Map([...before, ...changed.map(([id, timeMs]) => [id, timeMs] as const)]));
    },
  });
  const power = useMemo(
    () =>
      overview.power.map((loaded) => {
        const live = values.get(loaded.id);
        return live && live.timeMs >= (loaded.timeMs ?? 0) ? { ...loaded, ...live } : loaded;
      }),
    [overview.power, values],
  );
  return { power, heardMs, state };
}

function NoDevices() {
  return (
    <EmptyState
      title="No device yet"
      action={
        <Link to="devices/new" className={buttonClass()}>
          <Plus className="h-5 w-5" aria-hidden /> Add a device
        </Link>
      }
    >
      Add your meter, plug or gateway: you get its address and key to paste, and its first value is here seconds after
      its first message.
    </EmptyState>
  );
}

/** Devices are there, but nothing of theirs is power or energy yet. */
function NoFigures({ overview }: { overview: Overview }) {
  const hasChannels = overview.devices.some((device) => device.channels.length > 0);
  return (
    <Card className="flex flex-col items-center px-6 py-12 text-center">
      <span aria-hidden className="relative flex h-3 w-3">
        {!hasChannels && (
          <span className="absolute inline-flex h-full w-full rounded-full bg-emerald-500 opacity-60 motion-safe:animate-ping" />
        )}
        <span className="relative inline-flex h-3 w-3 rounded-full bg-emerald-600" />
      </span>
      <h2 className="mt-4 text-lg font-semibold">
        {hasChannels ? "Nothing here measures power or energy yet" : "Waiting for the first reading"}
      </h2>
      <p className="mt-2 max-w-md text-slate-600 dark:text-slate-300">
        {hasChannels
          ? "What your devices send is below. If one of their channels is power or energy, say so on the settings page."
          : "It appears here by itself, seconds after the first message. The device's page says how to connect it."}
      </p>
    </Card>
  );
}
