import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useRevalidator } from "@remix-run/react";
import { Settings } from "lucide-react";
import { useEffect } from "react";
import { deviceHealth, healthDays } from "../../db/device-health.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { useFormats, useNow } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, PageTitle } from "../components/frame.tsx";
import { GapsCard } from "../health/gaps-card.tsx";
import { HoursCard } from "../health/hours-card.tsx";
import { PresenceCard } from "../health/presence-card.tsx";
import { RejectsCard, WaitingCard } from "../health/trouble-cards.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.device.name ?? "Device"}: health · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params);
  const nowMs = Date.now();
  const health = await deviceHealth(organizationId, device.id, nowMs);
  if (!health) throw new Response("Not found", { status: 404 });
  return {
    site: { id: site.id, timezone: site.timezone },
    device: { id: device.id, name: device.name },
    nowMs,
    days: healthDays,
    health,
  };
}

const reloadsMs = 10_000;

/** Counts are written every few seconds, and silence is no event: the page looks again by itself. */
function useReloads(): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const timer = setInterval(revalidate, reloadsMs);
    return () => clearInterval(timer);
  }, [revalidate]);
}

export default function DeviceHealthPage() {
  const { site, device, nowMs, days, health } = useLoaderData<typeof loader>();
  useReloads();
  const formats = useFormats(site.timezone);
  const now = useNow(nowMs);
  const path = `/sites/${site.id}/devices/${device.id}`;
  return (
    <>
      <PageTitle
        aside={
          <div className="flex flex-wrap gap-2">
            <Link to={`${path}/settings`} className={buttonClass("secondary")}>
              <Settings className="h-4 w-4" aria-hidden /> Settings
            </Link>
            <Link to={path} className={buttonClass("secondary")}>
              To the device
            </Link>
          </div>
        }
      >
        {device.name}: health
      </PageTitle>
      <PresenceCard health={health} formats={formats} now={now} />
      <div className="mt-4 grid grid-cols-3 gap-4">
        <Figure name="Messages" value={formats.number(health.messages, 0)} />
        <Figure name="Readings" value={formats.number(health.readings, 0)} />
        <Figure name="Repeats" value={formats.number(health.duplicates, 0)} />
      </div>
      <HoursCard hours={health.hours} days={days} nowMs={nowMs} formats={formats} />
      <div className="mt-4 grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <GapsCard gaps={health.gaps} fromMs={health.gapsFromMs} nowMs={nowMs} days={days} formats={formats} />
        <div className="space-y-4">
          <RejectsCard rejects={health.rejects} formats={formats} />
          <WaitingCard waiting={health.waiting} formats={formats} />
        </div>
      </div>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <Card padding="p-4">
      <p className="text-sm text-slate-600 dark:text-slate-300">{name}</p>
      <p
        className="mt-1 text-2xl font-semibold tabular-nums tracking-tight"
        data-testid={`count-${name.toLowerCase()}`}
      >
        {value}
      </p>
    </Card>
  );
}
