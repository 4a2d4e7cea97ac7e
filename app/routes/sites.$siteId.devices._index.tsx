import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Plus, Router, Zap } from "lucide-react";
import { listDevices } from "../../db/devices.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ago } from "../charts/formats.ts";
import { useNow } from "../charts/use-formats.ts";
import { useLive } from "../charts/use-live.ts";
import { buttonClass } from "../components/form.tsx";
import { Badge, Card, EmptyState, PageTitle } from "../components/frame.tsx";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  return { siteId: site.id, nowMs: Date.now(), devices: await listDevices(organizationId, { siteId: site.id }) };
}

export default function Devices() {
  const { siteId, devices, nowMs } = useLoaderData<typeof loader>();
  useLive({ siteId, revalidate: ["device", "rollups"], everyMs: 5_000 });
  const now = useNow(nowMs);
  const add = (
    <Link to="new" className={buttonClass()}>
      <Plus className="h-5 w-5" aria-hidden /> Add a device
    </Link>
  );
  return (
    <>
      <PageTitle aside={devices.length > 0 && add}>Devices</PageTitle>
      {devices.length === 0 ? (
        <EmptyState title="No device yet" action={add}>
          A meter, a plug, an inverter or a gateway: each gets an address and a key of its own.
        </EmptyState>
      ) : (
        <Card className="p-2">
          <ul className="divide-y divide-slate-100 dark:divide-slate-800">
            {devices.map(({ id, name, kind, lastHeardMs, gatewayId, credential }) => {
              const Icon = kind === "gateway" ? Router : Zap;
              return (
                <li key={id}>
                  <Link
                    to={id}
                    className="flex min-h-16 items-center gap-4 rounded-xl px-3 py-2 hover:bg-slate-50 dark:hover:bg-slate-800"
                  >
                    <Icon className="h-5 w-5 shrink-0 text-slate-400" aria-hidden />
                    <span className="min-w-0 flex-1">
                      <span className="block truncate font-medium">{name}</span>
                      <span className="text-sm text-slate-500 dark:text-slate-400">
                        {kind === "gateway" ? "Gateway" : gatewayId ? "Through a gateway" : "Device"}
                        {lastHeardMs !== null && `, heard ${ago(lastHeardMs, now)}`}
                      </span>
                    </span>
                    <Status lastHeardMs={lastHeardMs} isRevoked={credential?.revokedAt != null} now={now} />
                  </Link>
                </li>
              );
            })}
          </ul>
        </Card>
      )}
    </>
  );
}

function Status({ lastHeardMs, isRevoked, now }: { lastHeardMs: number | null; isRevoked: boolean; now: number }) {
  if (isRevoked) return <Badge look="bad">Revoked</Badge>;
  if (lastHeardMs === null) return <Badge>Waiting</Badge>;
  if (now - lastHeardMs < 10 * 60_000) return <Badge look="good">Live</Badge>;
  return (
    <Badge look={now - lastHeardMs < 86_400_000 ? "warn" : "bad"}>
      {now - lastHeardMs < 86_400_000 ? "Quiet" : "Silent"}
    </Badge>
  );
}
