import { Link } from "@remix-run/react";
import { BatteryMedium, ChevronRight, Plug, Plus, Router, Sun, UtilityPole, type LucideIcon } from "lucide-react";
import { ago, type Formats } from "../charts/formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { presenceNow, presenceWords } from "../device/presence-words.ts";
import type { Overview } from "./load-overview.server.ts";

type Line = Overview["devices"][number];

interface DeviceListProps {
  siteId: string;
  overview: Overview;
  /** Powers kept up to date by the live events. */
  power: Overview["power"];
  /** When each channel was last heard of since the page was loaded. */
  heardMs: ReadonlyMap<number, number>;
  formats: Formats;
  now: number;
}

/** Devices with their power now, and when they were last heard. */
export function DeviceList({ siteId, overview, power, heardMs, formats, now }: DeviceListProps) {
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
      <ul className="-mx-2 divide-y divide-slate-100 dark:divide-slate-800">
        {overview.devices.map((device) => (
          <li key={device.id}>
            <DeviceRow
              device={device}
              to={`/sites/${siteId}/devices/${device.id}`}
              power={power.filter((p) => p.deviceId === device.id)}
              heardMs={heardMs}
              formats={formats}
              now={now}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface DeviceRowProps extends Pick<DeviceListProps, "power" | "heardMs" | "formats" | "now"> {
  device: Line;
  to: string;
}

function DeviceRow({ device, to, power, heardMs, formats, now }: DeviceRowProps) {
  const Icon = iconOf(device);
  const heard = Math.max(device.heard.lastHeardMs ?? 0, ...device.channels.map((id) => heardMs.get(id) ?? 0));
  const measured = power.filter((p) => p.valueW !== null && p.timeMs !== null);
  const isStale = measured.length > 0 && measured.every((p) => now - p.timeMs! > p.staleAfterMs);
  const presence = presenceNow(device.heard, heard, now);
  const watts = measured.reduce((sum, p) => sum + p.valueW!, 0);
  return (
    <Link
      to={to}
      className="flex min-h-14 items-center gap-3 rounded-lg px-2 py-2 hover:bg-slate-50 dark:hover:bg-slate-800"
    >
      <span className="flex h-9 w-9 shrink-0 items-center justify-center rounded-full bg-slate-100 text-slate-500 dark:bg-slate-800 dark:text-slate-300">
        <Icon className="h-5 w-5" aria-hidden />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{device.name}</span>
        <span className="block truncate text-sm text-slate-500 dark:text-slate-400">{wordsOf(device, heard, now)}</span>
      </span>
      {measured.length > 0 && (
        <span
          className={`whitespace-nowrap text-right font-semibold tabular-nums ${isStale ? "text-slate-500 dark:text-slate-400" : ""}`}
        >
          {formats.power(watts)}
        </span>
      )}
      {presence !== "online" && <Badge look={presenceWords[presence].look}>{presenceWords[presence].word}</Badge>}
      <ChevronRight className="h-4 w-4 shrink-0 text-slate-300 dark:text-slate-600" aria-hidden />
    </Link>
  );
}

function iconOf({ kind, roles }: Line): LucideIcon {
  if (kind === "gateway") return Router;
  if (roles.some((role) => role === "grid_import" || role === "grid_export")) return UtilityPole;
  if (roles.includes("production")) return Sun;
  return roles.some((role) => role.startsWith("battery")) ? BatteryMedium : Plug;
}

function wordsOf({ kind, roles }: Line, heardMs: number, now: number): string {
  const heard = heardMs === 0 ? "Never heard" : `Heard ${ago(heardMs, now)}`;
  if (kind === "gateway") return `Gateway · ${heard}`;
  if (roles.some((role) => role === "grid_import" || role === "grid_export")) return `Grid meter · ${heard}`;
  if (roles.includes("production")) return `Production · ${heard}`;
  if (roles.some((role) => role.startsWith("battery"))) return `Battery · ${heard}`;
  return heard;
}
