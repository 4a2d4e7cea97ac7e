import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronRight, Plus, Router, Zap } from "lucide-react";
import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { presences } from "../../db/device-health.ts";
import { listDevices, type Device } from "../../db/devices.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ago, type Formats } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { InboxCard } from "../inbox/inbox-card.tsx";
import { loadInbox } from "../inbox/load-inbox.server.ts";
import { presenceNow, presenceWords, type Heard } from "../device/presence-words.ts";
import { Badge, Card, EmptyState, PageTitle } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "Devices · Energy Tracking" }];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const [devices, channels, heard, inbox] = await Promise.all([
    listDevices(organizationId, { siteId: site.id }),
    listChannels(organizationId, { siteId: site.id }),
    presences(organizationId, site.id, nowMs),
    loadInbox(organizationId, site.id),
  ]);
  const accepted = devices.filter(({ acceptedAt }) => acceptedAt !== null);
  return {
    site,
    nowMs,
    inbox,
    rows: inFamilies(accepted).map((device) => rowOf(device, channels, heard.get(device.id) ?? neverHeard)),
    mayChange: may(role, "device.change"),
  };
}

const neverHeard: Heard = { presence: "never", missedFromMs: null, lastHeardMs: null };

/** Each gateway is followed by the devices that it speaks for. */
function inFamilies(devices: Device[]): Device[] {
  return devices
    .filter((device) => device.gatewayId === null)
    .flatMap((device) => [device, ...devices.filter((child) => child.gatewayId === device.id)]);
}

interface DeviceLine {
  id: string;
  name: string;
  kind: "device" | "gateway";
  isChild: boolean;
  isRevoked: boolean;
  heard: Heard;
  powerW: number | null;
}

function rowOf({ id, name, kind, gatewayId, credential }: Device, channels: ChannelRow[], heard: Heard): DeviceLine {
  const power = channels.find((c) => c.deviceId === id && c.quantity === "power" && !c.isPart && c.latest !== null);
  const value = power?.latest?.value;
  return {
    id,
    name,
    kind,
    isChild: gatewayId !== null,
    isRevoked: credential?.revokedAt != null,
    heard,
    powerW: typeof value === "number" ? value : null,
  };
}

export default function Devices() {
  const { site, rows, inbox, nowMs, mayChange } = useLoaderData<typeof loader>();
  useLive({ siteId: site.id, revalidate: ["device", "rollups"], everyMs: 3_000 });
  const now = useNow(nowMs);
  const formats = useFormats(site.timezone);
  const add = mayChange && (
    <Link to="new" className={buttonClass()}>
      <Plus className="h-5 w-5" aria-hidden /> Add a device
    </Link>
  );
  const waiting = <InboxCard siteId={site.id} inbox={inbox} formats={formats} now={now} mayChange={mayChange} />;
  if (!rows.length) {
    return (
      <>
        <PageTitle>Devices</PageTitle>
        {waiting}
        <EmptyState title="No device yet" action={add}>
          A meter, a plug, an inverter or a gateway: each gets an address and a key of its own, and its first value is
          here seconds after its first message.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageTitle aside={add}>Devices</PageTitle>
      {waiting}
      <Card padding="p-1 sm:p-2">
        <ul className="divide-y divide-slate-100 dark:divide-slate-800">
          {rows.map((row) => (
            <Line key={row.id} row={row} now={now} formats={formats} />
          ))}
        </ul>
      </Card>
      {inbox.ignored > 0 && (
        <Link
          to="inbox"
          className="mt-3 inline-flex min-h-11 items-center text-sm font-medium text-slate-600 underline dark:text-slate-300"
        >
          {inbox.ignored === 1 ? "1 device is ignored" : `${inbox.ignored} devices are ignored`}
        </Link>
      )}
    </>
  );
}

function Line({ row, now, formats }: { row: DeviceLine; now: number; formats: Formats }) {
  const { id, name, kind, isChild, powerW } = row;
  const { lastHeardMs } = row.heard;
  const Icon = kind === "gateway" ? Router : Zap;
  const status = statusOf(row, now);
  return (
    <li className={isChild ? "pl-6 sm:pl-10" : ""}>
      <Link
        to={id}
        className="flex min-h-16 items-center gap-3 rounded-xl px-3 py-2 hover:bg-slate-50 sm:gap-4 dark:hover:bg-slate-800"
      >
        <span className="hidden h-10 w-10 shrink-0 items-center justify-center rounded-full bg-slate-100 sm:flex dark:bg-slate-800">
          <Icon className="h-5 w-5 text-slate-600 dark:text-slate-300" aria-hidden />
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{name}</span>
          <span className="block truncate text-sm text-slate-600 dark:text-slate-300">
            {kind === "gateway" && "Gateway · "}
            {lastHeardMs === null ? "never heard" : `heard ${ago(lastHeardMs, now)}`}
          </span>
        </span>
        {powerW !== null && (
          <span
            className={`text-right font-semibold tabular-nums ${status.isOnline ? "" : "text-slate-500 dark:text-slate-400"}`}
          >
            {formats.power(powerW)}
          </span>
        )}
        <Badge look={status.look}>{status.word}</Badge>
        <ChevronRight className="hidden h-4 w-4 shrink-0 text-slate-400 sm:block" aria-hidden />
      </Link>
    </li>
  );
}

function statusOf({ isRevoked, heard }: DeviceLine, now: number) {
  if (isRevoked) return { word: "Revoked", look: "bad", isOnline: false } as const;
  const presence = presenceNow(heard, 0, now);
  return { ...presenceWords[presence], isOnline: presence === "online" };
}
