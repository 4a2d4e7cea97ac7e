import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { Activity, FileUp, Settings } from "lucide-react";
import { useState } from "react";
import { presences } from "../../db/device-health.ts";
import { may } from "../../domain/access/permissions.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { LiveBadge, LostBanner } from "../charts/live-badge.tsx";
import { ago, type Formats } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";
import { CorrectionDialog, useLookAgain, type CorrectionStart } from "../corrections/correction-dialog.tsx";
import { CorrectionsCard } from "../corrections/corrections-card.tsx";
import { FrozenNote } from "../corrections/frozen-note.tsx";
import { WhyPanel, type Questioned } from "../corrections/why-panel.tsx";
import { WaitingForData } from "../device-setup/waiting-for-data.tsx";
import { ChannelChart, RangeControls } from "../device/channel-chart.tsx";
import { ChannelList, type ShownChannel } from "../device/channel-list.tsx";
import { channelTitle } from "../device/channel-words.ts";
import { readChart } from "../device/chosen.server.ts";
import { loadDevicePage } from "../device/load-device-page.server.ts";
import { presenceNow, presenceWords, type Heard } from "../device/presence-words.ts";
import { ReadingsCard } from "../device/readings-card.tsx";
import { withLive, type Series } from "../device/series.ts";
import { useLiveChannels, type LiveReading } from "../device/use-live-channels.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.device.name ?? "Device"} · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device, role } = await requireDevice(request, params);
  const nowMs = Date.now();
  const query = new URL(request.url).searchParams;
  const window = readChart(query, site.timezone, nowMs);
  const [page, heard] = await Promise.all([
    loadDevicePage(organizationId, device, { window, wanted: query.get("channel"), nowMs }),
    presences(organizationId, site.id, nowMs, device.id),
  ]);
  const { id, name, kind, externalId, lastHeardMs, acceptedAt } = device;
  return {
    ...page,
    nowMs,
    window,
    device: { id, name, kind, externalId, lastHeardMs, isNew: acceptedAt === null, heard: heard.get(id)! },
    site: { id: site.id, timezone: site.timezone },
    mayChange: may(role, "device.change"),
    mayImport: may(role, "history.import"),
    mayCorrect: may(role, "channel.change"),
    asked: readQuestion(query),
  };
}

/** `why=from-to` asks why a figure is what it is: links from other pages lead here. */
function readQuestion(query: URLSearchParams): Questioned | null {
  const [startMs, endMs] = (query.get("why") ?? "").split("-").map(Number);
  return startMs && endMs && endMs > startMs ? { startMs, endMs } : null;
}

export default function DevicePage() {
  const {
    site,
    device,
    channels: loaded,
    chosenId,
    series,
    window,
    nowMs,
    refused,
    mayChange,
    mayImport,
    mayCorrect,
    events,
    corrections,
    asked,
  } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const now = useNow(nowMs);
  const isLoading = useNavigation().state === "loading";
  const { channels, live, state } = useLiveChannels(site.id, loaded);
  const chosen = channels.find((channel) => channel.id === chosenId);
  const path = `/sites/${site.id}/devices/${device.id}`;
  const [start, setStart] = useState<CorrectionStart | null>(null);
  const [question, setQuestion] = useState(asked && { bar: asked, title: "" });
  const lookAgain = useLookAgain();
  const links = (
    <div className="flex flex-wrap gap-2">
      <Link to={`${path}/health`} className={buttonClass("secondary")}>
        <Activity className="h-4 w-4" aria-hidden /> Health
      </Link>
      {mayImport && (
        <Link to={`/sites/${site.id}/import?device=${device.id}`} className={buttonClass("secondary")}>
          <FileUp className="h-4 w-4" aria-hidden /> Import history
        </Link>
      )}
      <Link to={`${path}/settings`} className={buttonClass("secondary")}>
        <Settings className="h-4 w-4" aria-hidden /> Settings
      </Link>
    </div>
  );
  return (
    <>
      <LostBanner state={state} />
      <PageTitle aside={links}>{device.name}</PageTitle>
      <Status device={device} channels={channels} refused={refused} path={path} now={now}>
        <LiveBadge state={state} />
      </Status>
      {device.isNew && <InInbox siteId={site.id} />}
      {!chosen ? (
        <WaitingForData siteId={site.id} deviceId={device.id} dateTime={formats.dateTime} mayChange={mayChange} />
      ) : (
        <>
          <Card>
            <ChartCard
              channel={chosen}
              path={path}
              series={series}
              readings={live.get(chosen.id) ?? []}
              window={window}
              formats={formats}
              timezone={site.timezone}
              now={now}
              isLoading={isLoading}
              events={events}
              onWhy={(bar, title) => setQuestion({ bar, title })}
              onRange={mayCorrect ? (fromMs, toMs) => setStart({ fromMs, toMs }) : null}
            />
            {chosen.frozenBeforeMs !== null && <FrozenNote beforeMs={chosen.frozenBeforeMs} formats={formats} />}
          </Card>
          {chosen.kind !== "state" && (
            <div className="mt-4">
              <CorrectionsCard
                path={path}
                channel={chosen}
                events={events}
                corrections={corrections}
                mayCorrect={mayCorrect}
                onCorrect={setStart}
                onSaved={lookAgain}
                formats={formats}
              />
            </div>
          )}
          <div className="mt-4 grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
            <ChannelList
              channels={channels}
              chosenId={chosen.id}
              range={window.name}
              settingsPath={`/sites/${site.id}/settings`}
              formats={formats}
              now={now}
            />
            <ReadingsCard
              path={path}
              channelId={chosen.id}
              unit={chosen.unit}
              csvHref={`${path}/readings?format=csv&channel=${chosen.id}&range=${window.name}${window.isRunning ? "" : `&to=${window.toMs}`}`}
              formats={formats}
              onCorrect={mayCorrect && chosen.kind !== "state" ? (atMs) => setStart({ atMs }) : null}
            />
          </div>
          <CorrectionDialog
            path={path}
            channel={chosen}
            start={start}
            onClose={() => setStart(null)}
            onSaved={() => {
              setStart(null);
              lookAgain();
            }}
            timezone={site.timezone}
            formats={formats}
            nowMs={window.toMs}
          />
          <WhyPanel
            path={path}
            channelId={chosen.id}
            unit={chosen.unit === "W" ? "kWh" : chosen.unit}
            bar={question?.bar ?? null}
            title={question ? question.title || stretchWords(question.bar, formats) : ""}
            onClose={() => setQuestion(null)}
            onRepair={() => {
              setQuestion(null);
              document.getElementById("corrections")?.scrollIntoView({ block: "start" });
            }}
            formats={formats}
          />
        </>
      )}
    </>
  );
}

const stretchWords = ({ startMs, endMs }: Questioned, formats: Formats): string =>
  `${formats.shortDateTime(startMs)} – ${formats.shortDateTime(endMs)}`;

/** It was heard, but nobody has accepted it yet. */
function InInbox({ siteId }: { siteId: string }) {
  return (
    <p className="mb-4 rounded-xl border border-emerald-300 bg-emerald-50 px-4 py-3 dark:border-emerald-800 dark:bg-emerald-950">
      It is new, and does not count at this place yet.{" "}
      <Link to={`/sites/${siteId}/devices/inbox`} className="font-medium underline">
        Accept it in the inbox
      </Link>
    </p>
  );
}

interface StatusProps {
  device: { kind: string; externalId: string | null; lastHeardMs: number | null; heard: Heard };
  channels: ShownChannel[];
  refused: number;
  path: string;
  now: number;
  children: React.ReactNode;
}

/** How the device is: when it was heard, what it calls itself, what was refused of it. */
function Status({ device, channels, refused, path, now, children }: StatusProps) {
  const heardMs = Math.max(device.lastHeardMs ?? 0, ...channels.map((channel) => channel.latest?.receivedMs ?? 0));
  const { word, look } = presenceWords[presenceNow(device.heard, heardMs, now)];
  return (
    <div className="-mt-4 mb-5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-slate-600 dark:text-slate-300">
      <Badge look={look}>{word}</Badge>
      <span>{heardMs === 0 ? "Never heard" : `Heard ${ago(heardMs, now)}`}</span>
      {device.kind === "gateway" && <span>Gateway</span>}
      {device.externalId && (
        <span>
          calls itself <code className="text-xs">{device.externalId}</code>
        </span>
      )}
      {refused > 0 && (
        <Link to={`${path}/settings`} className="font-medium text-amber-800 underline dark:text-amber-300">
          {refused === 1 ? "1 message" : `${refused} messages`} refused in 30 days
        </Link>
      )}
      <span className="ml-auto">{children}</span>
    </div>
  );
}

interface ChartCardProps {
  channel: ShownChannel;
  path: string;
  series: Series | null;
  readings: LiveReading[];
  window: Parameters<typeof RangeControls>[0]["window"];
  timezone: string;
  formats: Formats;
  now: number;
  isLoading: boolean;
  events: MeterEvent[];
  onWhy: (bar: Questioned, title: string) => void;
  onRange: ((fromMs: number, toMs: number) => void) | null;
}

function ChartCard({
  channel,
  path,
  series,
  readings,
  window,
  timezone,
  formats,
  now,
  isLoading,
  ...on
}: ChartCardProps) {
  const title = channelTitle(channel);
  const to = window.isRunning ? "" : `&to=${window.toMs}`;
  return (
    <>
      <CardTitle
        aside={
          <RangeControls
            window={window}
            channelId={channel.id}
            csvHref={`${path}/series?format=csv&channel=${channel.id}&range=${window.name}${to}`}
          />
        }
      >
        {title}
        {channel.latest && window.isRunning && (
          <span className="ml-3 text-2xl font-semibold tabular-nums tracking-tight">
            {formats.value(channel.latest.value, channel.unit)}
          </span>
        )}
      </CardTitle>
      <div aria-busy={isLoading} className={`transition-opacity ${isLoading ? "opacity-60" : ""}`}>
        {series && (
          <ChannelChart
            key={channel.id}
            series={window.isRunning ? withLive(series, readings, now) : series}
            unit={channel.unit}
            title={title}
            timezone={timezone}
            formats={formats}
            hasEnergy={channel.quantity === "power"}
            {...on}
          />
        )}
      </div>
    </>
  );
}
