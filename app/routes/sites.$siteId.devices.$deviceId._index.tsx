import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { Download, Settings } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import { getDevice } from "../../db/devices.ts";
import { readingsOf } from "../../db/readings.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ago } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { channelSeries, ranges, type ChannelSeries, type RangeName } from "../device/load-device.server.ts";

const LineChart = lazy(() => import("../charts/line-chart.tsx"));
const rangeNames: RangeName[] = ["hour", "day", "week", "month", "year"];
const rawReadings = 20;

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const device = await getDevice(organizationId, params["deviceId"] ?? "");
  if (!device || device.siteId !== site.id) throw new Response("Not found", { status: 404 });
  const channels = await listChannels(organizationId, { deviceId: device.id });
  const query = new URL(request.url).searchParams;
  const chosen = channels.find((c) => String(c.id) === query.get("channel")) ?? firstToShow(channels);
  const range = rangeNames.find((name) => name === query.get("range")) ?? "hour";
  const nowMs = Date.now();
  const rejects = await deviceRejects(organizationId, device.id);
  return {
    site,
    device,
    channels,
    nowMs,
    range,
    chosenId: chosen?.id ?? null,
    series: chosen ? await channelSeries(organizationId, chosen, range, nowMs) : null,
    raw: chosen ? await lastReadings(organizationId, chosen, nowMs) : [],
    refused: rejects.reduce((sum, reject) => sum + reject.count, 0),
  };
}

/** The power that a person most likely wants to see, else whatever has a value. */
function firstToShow(channels: ChannelRow[]): ChannelRow | undefined {
  return channels.find((c) => c.quantity === "power" && !c.isPart) ?? channels.find((c) => c.isPrimary) ?? channels.find((c) => c.kind !== "state") ?? channels[0];
}

async function lastReadings(organizationId: string, channel: ChannelRow, nowMs: number) {
  if (!channel.latest || channel.kind === "state") return [];
  const spanMs = Math.max(3_600_000, ranges.day);
  const readings = await readingsOf(organizationId, channel.id, { fromMs: channel.latest.timeMs - spanMs, toMs: nowMs + 600_000, limit: 100_000 });
  return readings.slice(-rawReadings).reverse();
}

export default function DevicePage() {
  const { site, device, channels, nowMs, range, chosenId, series, raw, refused } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const now = useNow(nowMs);
  const [live, setLive] = useState<ReadonlyMap<number, { value: number | string; timeMs: number }>>(new Map());
  useLive({
    siteId: site.id,
    revalidate: range === "hour" || range === "day" ? ["device", "rollups"] : ["device"],
    everyMs: 5_000,
    onValues: (values) =>
      setLive((before) => {
        const after = new Map(before);
        for (const [id, timeMs, value] of values) after.set(id, { value, timeMs });
        return after;
      }),
  });
  const current = useMemo(
    () =>
      channels.map((channel) => {
        const newer = live.get(channel.id);
        return newer && newer.timeMs >= (channel.latest?.timeMs ?? 0) ? { ...channel, latest: { ...newer, receivedMs: newer.timeMs } } : channel;
      }),
    [channels, live],
  );
  const chosen = current.find((c) => c.id === chosenId);
  const shown = useLiveSeries(series, chosenId, chosen?.latest ?? null);
  const heardMs = Math.max(device.lastHeardMs ?? 0, ...current.map((c) => c.latest?.receivedMs ?? 0));
  const settings = (
    <Link to="settings" className={buttonClass("secondary")}>
      <Settings className="h-4 w-4" aria-hidden /> Settings
    </Link>
  );
  return (
    <>
      <PageTitle aside={settings}>{device.name}</PageTitle>
      <p className="-mt-4 mb-6 flex flex-wrap items-center gap-2 text-slate-600 dark:text-slate-300">
        {heardMs ? <Badge look={now - heardMs < 600_000 ? "good" : "warn"}>{now - heardMs < 600_000 ? "Live" : "Quiet"}</Badge> : <Badge>Waiting</Badge>}
        <span>{heardMs ? `heard ${ago(heardMs, now)}` : "never heard"}</span>
        {device.externalId && <span>· calls itself {device.externalId}</span>}
        {refused > 0 && (
          <Link to="settings" className="text-amber-800 underline dark:text-amber-300">
            {refused} refused
          </Link>
        )}
      </p>
      {!chosen ? (
        <EmptyState title="Waiting for its first message" action={settings}>
          Nothing has come from it yet. Its settings have what to paste; a new credential can be made there.
        </EmptyState>
      ) : (
        <>
          <Card>
            <CardTitle aside={<RangeChooser range={range} channelId={chosen.id} />}>{nameOf(chosen)}</CardTitle>
            {series?.shape === "states" ? (
              <States times={series.times} texts={series.texts ?? []} dateTime={formats.dateTime} />
            ) : series && series.times.length > 0 ? (
              <Suspense fallback={<div className="h-[330px] animate-pulse rounded-lg bg-slate-100 dark:bg-slate-800" />}>
                <LineChart
                  times={shown?.times ?? series.times}
                  values={shown?.values ?? series.values}
                  shape={series.shape === "bars" ? "bars" : "line"}
                  fromMs={series.fromMs}
                  toMs={Math.max(series.toMs, shown?.times.at(-1) ?? 0)}
                  unit={chosen.unit ?? ""}
                  timezone={site.timezone}
                  label={`${nameOf(chosen)} over the last ${range}, newest value ${valueText(chosen)}`}
                />
              </Suspense>
            ) : (
              <p className="py-16 text-center text-slate-500 dark:text-slate-400">Nothing in this {range}.</p>
            )}
          </Card>
          <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-3">
            <ChannelTable channels={current} chosenId={chosen.id} range={range} now={now} />
            <Card>
              <CardTitle
                aside={
                  <a
                    href={`/sites/${site.id}/devices/${device.id}/readings.csv?channel=${chosen.id}&range=${range}`}
                    download
                    aria-label="Download the readings as CSV"
                    className="inline-flex h-11 w-11 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800"
                  >
                    <Download className="h-5 w-5" aria-hidden />
                  </a>
                }
              >
                Raw readings
              </CardTitle>
              <table className="w-full text-sm">
                <tbody>
                  {raw.map(({ timeMs, value }) => (
                    <tr key={timeMs} className="border-t border-slate-100 dark:border-slate-800">
                      <td className="py-1 text-slate-500 dark:text-slate-400">{formats.dateTime(timeMs)}</td>
                      <td className="py-1 text-right tabular-nums">{String(value)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {!raw.length && <p className="text-sm text-slate-500 dark:text-slate-400">None.</p>}
            </Card>
          </div>
        </>
      )}
    </>
  );
}

/** The loaded line, with what has come since. */
function useLiveSeries(series: ChannelSeries | null, channelId: number | null, latest: { timeMs: number; value: number | string } | null) {
  const [added, setAdded] = useState<{ times: number[]; values: number[] }>({ times: [], values: [] });
  useEffect(() => setAdded({ times: [], values: [] }), [series, channelId]);
  const { timeMs, value } = latest ?? { timeMs: 0, value: "" };
  useEffect(() => {
    if (typeof value !== "number") return;
    setAdded((before) => (timeMs > (before.times.at(-1) ?? 0) ? { times: [...before.times, timeMs], values: [...before.values, value] } : before));
  }, [timeMs, value]);
  return useMemo(() => {
    if (!series || series.shape !== "line" || !series.isLive) return series;
    const from = added.times.findIndex((ms) => ms > (series.times.at(-1) ?? 0));
    if (from < 0) return series;
    return { times: [...series.times, ...added.times.slice(from)], values: [...series.values, ...added.values.slice(from)] };
  }, [series, added]);
}

const nameOf = ({ name, metric }: Pick<ChannelRow, "name" | "metric">) => name || metric;

function valueText({ latest, unit }: Pick<ChannelRow, "unit"> & { latest: { value: number | string } | null }): string {
  if (!latest) return "–";
  const text = typeof latest.value === "number" ? String(Math.round(latest.value * 1000) / 1000) : latest.value;
  return unit && unit !== "1" ? `${text} ${unit}` : text;
}

function RangeChooser({ range, channelId }: { range: RangeName; channelId: number }) {
  return (
    <nav aria-label="Range" className="flex flex-wrap gap-1">
      {rangeNames.map((name) => (
        <Link
          key={name}
          to={`?channel=${channelId}&range=${name}`}
          preventScrollReset
          aria-current={name === range}
          className={`inline-flex min-h-11 items-center rounded-lg px-3 text-sm font-medium ${name === range ? "bg-slate-900 text-white dark:bg-slate-100 dark:text-slate-900" : "text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800"}`}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

function ChannelTable({ channels, chosenId, range, now }: { channels: ChannelRow[]; chosenId: number; range: RangeName; now: number }) {
  const [params] = useSearchParams();
  return (
    <Card className="lg:col-span-2">
      <CardTitle>Channels</CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {channels.map((channel) => (
          <li key={channel.id}>
            <Link
              to={`?channel=${channel.id}&range=${params.get("range") ?? range}`}
              preventScrollReset
              className={`flex min-h-14 items-center justify-between gap-3 rounded-lg px-2 py-1.5 ${channel.id === chosenId ? "bg-emerald-50 dark:bg-emerald-950" : "hover:bg-slate-50 dark:hover:bg-slate-800"}`}
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">{nameOf(channel)}</span>
                <span className="flex flex-wrap items-center gap-1.5 text-sm text-slate-500 dark:text-slate-400">
                  {channel.kind}
                  {channel.role !== "none" && ` · ${channel.role.replace("_", " ")}`}
                  {channel.isPrimary && <Badge look="good">counts</Badge>}
                  {channel.unitAssumed && <Badge look="warn">{channel.unit} assumed</Badge>}
                </span>
              </span>
              <span className="text-right">
                <span className="block whitespace-nowrap font-semibold tabular-nums" data-testid={`value-${channel.metric}`}>
                  {valueText(channel)}
                </span>
                <span className="whitespace-nowrap text-xs text-slate-500 dark:text-slate-400">{channel.latest ? ago(channel.latest.timeMs, now) : ""}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function States({ times, texts, dateTime }: { times: number[]; texts: string[]; dateTime: (ms: number) => string }) {
  const changes = texts.map((text, i) => ({ text, timeMs: times[i]! })).filter(({ text }, i) => text !== texts[i - 1]);
  return (
    <ol className="space-y-1 text-sm">
      {changes.slice(-50).reverse().map(({ text, timeMs }) => (
        <li key={timeMs} className="flex justify-between gap-4 border-t border-slate-100 py-1.5 dark:border-slate-800">
          <span className="text-slate-500 dark:text-slate-400">{dateTime(timeMs)}</span>
          <span className="font-medium">{text}</span>
        </li>
      ))}
    </ol>
  );
}
