import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { usageOf } from "../../db/usage.ts";
import { levelOf, type Quota } from "../../domain/access/quota.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { ShareBar } from "../charts/share-bar.tsx";
import { Badge, Card, CardTitle, PageTitle } from "../components/frame.tsx";

export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId } = await requireOrganization(request, "usage.read");
  const usage = await usageOf(organizationId);
  if (!usage) throw new Response("Not found", { status: 404 });
  return usage;
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

const names: Record<Quota, string> = {
  devices: "Devices",
  channels: "Channels",
  members: "Members and open invitations",
  readings: "Readings today (UTC)",
};

const atTheLimit: Record<Quota, string> = {
  devices: "No further device can be added.",
  channels: "What devices send of further channels is refused.",
  members: "Nobody else can be invited.",
  readings: "Further readings are refused until 00:00 UTC.",
};

const count = (n: number) => n.toLocaleString("en-GB");

/** What the organization uses of its plan, and what came in during the last month. */
export default function UsagePage() {
  const { plan, retentionDays, quotas, days } = useLoaderData<typeof loader>();
  return (
    <>
      <PageTitle>Usage</PageTitle>
      <div className="space-y-4">
        <Card>
          <CardTitle aside={<Badge>{plan}</Badge>}>Of the plan</CardTitle>
          <ul className="space-y-5">
            {quotas.map((one) => (
              <li key={one.quota}>
                <QuotaBar {...one} />
              </li>
            ))}
          </ul>
          <p className="mt-5 text-sm text-slate-600 dark:text-slate-300">
            {retentionDays === null
              ? "History is kept without limit."
              : `Readings and what was made of them are deleted after ${count(retentionDays)} days.`}
          </p>
        </Card>
        <DaysCard days={days} />
      </div>
    </>
  );
}

const barLooks = { fine: "fill-emerald-600", near: "fill-amber-500", full: "fill-rose-600" };

function QuotaBar({ quota, used, most }: Loaded["quotas"][number]) {
  const level = levelOf(used, most);
  const share = most === null ? 0 : used / most;
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
        <p className="font-medium" id={`quota-${quota}`}>
          {names[quota]}
        </p>
        <p className="tabular-nums text-slate-600 dark:text-slate-300">
          {most === null
            ? `${count(used)}, no limit`
            : `${count(used)} of ${count(most)} (${Math.floor(100 * share)} %)`}
        </p>
      </div>
      {most !== null && (
        <div
          role="meter"
          aria-labelledby={`quota-${quota}`}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuenow={Math.min(used, most)}
          className="mt-2 overflow-hidden rounded-full"
        >
          <ShareBar
            percent={100 * share}
            look={barLooks[level]}
            height={10}
            className="bg-slate-200 dark:bg-slate-700"
          />
        </div>
      )}
      {level !== "fine" && (
        <p
          role="status"
          className={`mt-1.5 text-sm ${level === "full" ? "text-rose-700 dark:text-rose-400" : "text-amber-800 dark:text-amber-300"}`}
        >
          {level === "near" ? "Nearly used up. At the limit: " : "Used up. "}
          {atTheLimit[quota]} Who runs this platform can change the plan.
        </p>
      )}
    </>
  );
}

function DaysCard({ days }: Pick<Loaded, "days">) {
  const most = Math.max(1, ...days.map(({ readings }) => readings));
  return (
    <Card>
      <CardTitle>Readings of the last 31 days</CardTitle>
      {!days.length ? (
        <p className="text-sm text-slate-600 dark:text-slate-300">Nothing came in yet.</p>
      ) : (
        <table className="w-full text-sm">
          <thead className="sr-only">
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Share of the largest day</th>
              <th scope="col">Readings</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ day, readings, refused }) => (
              <tr key={day}>
                <th scope="row" className="w-24 whitespace-nowrap py-1 pr-3 text-left font-normal tabular-nums">
                  {day}
                </th>
                <td className="w-full">
                  <ShareBar percent={(100 * readings) / most} look="fill-sky-600" className="" />
                </td>
                <td className="whitespace-nowrap py-1 pl-3 text-right tabular-nums">
                  {count(readings)}
                  {refused > 0 && <span className="text-rose-700 dark:text-rose-400"> +{count(refused)} refused</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
