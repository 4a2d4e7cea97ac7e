import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronRight, Plus, Router, Zap } from "lucide-react";
import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { listDevices, type Device } from "../../db/devices.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ago, type Formats } from "../charts/formats.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, EmptyState, PageTitle } from "../components/frame.tsx";

export const meta: MetaFunction = () => [{ title: "Devices · Energy Tracking" }];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const [devices, channels] = await Promise.all([
    listDevices(organizationId, { siteId: site.id }),
    listChannels(organizationId, { siteId: site.id }),
  ]);
  return {
    site,
    nowMs: Date.now(),
    rows: inFamilies(devices).map((device) => rowOf(device, channels)),
    mayAdd: may(role, "device.change"),
  };
}

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
  lastHeardMs: number | null;
  powerW: number | null;
}

function rowOf({ id, name, kind, gatewayId, credential, lastHeardMs }: Device, channels: ChannelRow[]): DeviceLine {
  const power = channels.find((c) => c.deviceId === id && c.quantity === "power" && !c.isPart && c.latest !== null);
  const value = power?.latest?.value;
  return {
    id,
    name,
    kind,
    isChild: gatewayId !== null,
    isRevoked: credential?.revokedAt != null,
    lastHeardMs,
    powerW: typeof value === "number" ? value : null,
  };
}

export default function Devices() {
  const { site, rows, nowMs, mayAdd } = useLoaderData<typeof loader>();
  useLive({ siteId: site.id, revalidate: ["device", "rollups"], everyMs: 3_000 });
  const now = useNow(nowMs);
  const formats = useFormats(site.timezone);
  const add = mayAdd && (
    <Link to="new" className={buttonClass()}>
      <Plus className="h-5 w-5" aria-hidden /> Add a device
    </Link>
  );
  if (!rows.length) {
    return (
      <>
        <PageTitle>Devices</PageTitle>
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
      <Card padding="p-1 sm:p-2">
        <ul className="divide-y divide-slate-100 dark:divide-slate-800">
          {rows.map((row) => (
            <Line key={row.id} row={row} now={now} formats={formats} />
          ))}
        </ul>
      </Card>
    </>
  );
}

function Line({ row, now, formats }: { row: DeviceLine; now: number; formats: Formats }) {
  const { id, name, kind, isChild, lastHeardMs, powerW } = row;
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
            className={`text-right font-semibold tabular-nums ${status.isLive ? "" : "text-slate-500 dark:text-slate-400"}`}
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

const liveMs = 10 * 60_000;
const quietMs = 86_400_000;

function statusOf({ isRevoked, lastHeardMs }: DeviceLine, now: number) {
  if (isRevoked) return { word: "Revoked", look: "bad", isLive: false } as const;
  if (lastHeardMs === null) return { word: "Waiting", look: "plain", isLive: false } as const;
  if (now - lastHeardMs < liveMs) return { word: "Live", look: "good", isLive: true } as const;
  if (now - lastHeardMs < quietMs) return { word: "Quiet", look: "warn", isLive: false } as const;
  return { word: "Silent", look: "bad", isLive: false } as const;
}
