import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { Download, Printer } from "lucide-react";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import type { Formats } from "../charts/formats.ts";
import { qualityWords } from "../charts/quality-line.tsx";
import { useFormats } from "../charts/use-formats.ts";
import { Button, buttonClass, SelectField } from "../components/form.tsx";
import { Card, EmptyState, PageTitle } from "../components/frame.tsx";
import { BillLines } from "../costs/bill-lines.tsx";
import { daysQuery, type BillDays } from "../costs/bill-periods.ts";
import { requirePricedContract } from "../costs/contract-bill.server.ts";
import { CostsNav } from "../costs/costs-nav.tsx";
import { loadBill } from "../costs/load-bill.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: bill · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const contract = await requirePricedContract(organizationId, site, params["contractId"]);
  const query = new URL(request.url).searchParams;
  const { id, name, timezone } = site;
  return {
    ...(await loadBill(organizationId, site, contract, { query, nowMs: Date.now() })),
    site: { id, name, timezone },
    mayCheck: may(role, "bill.check") && contract.id !== null,
  };
}

export default function ContractBill() {
  const { site, contract, bill, days, periods, quality, nowMs, cutMs, mayCheck } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const query = daysQuery(days);
  const path = `/sites/${site.id}/contracts/${contract.id}/bill`;
  return (
    <>
      <PageTitle
        aside={
          <span className="flex gap-2 print:hidden">
            <button type="button" className={buttonClass("secondary")} onClick={() => window.print()}>
              <Printer className="h-4 w-4" aria-hidden /> Print
            </button>
            {bill && (
              <a href={`${path}.csv?${query}`} download className={buttonClass("secondary")}>
                <Download className="h-4 w-4" aria-hidden /> CSV
              </a>
            )}
          </span>
        }
      >
        Bill: {contract.name}
      </PageTitle>
      <CostsNav siteId={site.id} current="costs/bill" />
      <PeriodForm key={query} {...{ days, periods, formats }} />
      {!bill ? (
        <EmptyState title="Nothing to bill">The contract does not hold on any of these days.</EmptyState>
      ) : (
        <Card className="print:border-0 print:shadow-none">
          <div className="mb-4">
            <h2 className="text-lg font-semibold" data-testid="bill-period">
              {daysText({ from: bill.fromDay, to: bill.lastDay }, formats)}
            </h2>
            <p className="text-sm text-slate-600 dark:text-slate-300">
              {site.name}
              {cutMs !== null &&
                (cutMs < nowMs ? ` · up to ${formats.shortDateTime(cutMs)} only` : " · so far: the period goes on")}
            </p>
            {quality && (
              <p className="mt-1 text-sm text-slate-600 dark:text-slate-300" data-testid="completeness">
                {qualityWords(quality, formats, nowMs)}.
              </p>
            )}
            {bill.notes.map((note) => (
              <p key={note} className="mt-1 text-sm text-amber-900 dark:text-amber-200">
                {note}
              </p>
            ))}
          </div>
          <BillLines bill={bill} siteId={site.id} contractId={contract.id} query={query} formats={formats} />
          {mayCheck && (
            <p className="mt-4 print:hidden">
              <Link
                to={`/sites/${site.id}/costs/checks/enter?contract=${contract.id}&${query}`}
                className={buttonClass("secondary")}
              >
                Check my supplier&apos;s bill against it
              </Link>
            </p>
          )}
        </Card>
      )}
    </>
  );
}

/** "1 Mar – 31 Mar 2026": both days included. At noon a day is the same in every zone near it. */
function daysText({ from, to }: BillDays, formats: Formats): string {
  const [first, last] = [Date.parse(`${from}T12:00:00Z`), Date.parse(`${to}T12:00:00Z`)];
  return `${formats.day(first)} ${formats.year(first)} – ${formats.day(last)} ${formats.year(last)}`;
}

const dayBefore = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);

function PeriodForm({ days, periods, formats }: { days: BillDays; periods: BillDays[]; formats: Formats }) {
  const isListed = periods.some(({ from, to }) => from === days.from && to === days.to);
  const all = isListed ? periods : [days, ...periods];
  return (
    <nav aria-label="Billing period" className="mb-4 print:hidden">
      <Form method="get" className="flex flex-wrap items-end gap-3">
        <div className="w-72 max-w-full">
          <SelectField
            label="Billing period"
            defaultValue={`${days.from} ${days.to}`}
            onChange={(event) => {
              const form = event.currentTarget.form!;
              const [from, to] = event.currentTarget.value.split(" ");
              form.querySelector<HTMLInputElement>("[name=from]")!.value = from!;
              form.querySelector<HTMLInputElement>("[name=to]")!.value = to!;
              form.requestSubmit();
            }}
          >
            {all.map((one) => (
              <option key={one.from} value={`${one.from} ${one.to}`}>
                {daysText({ from: one.from, to: dayBefore(one.to) }, formats)}
              </option>
            ))}
          </SelectField>
        </div>
        <label className="text-sm font-medium">
          <span className="mb-1.5 block">From</span>
          <input type="date" name="from" required defaultValue={days.from} className={dateField} />
        </label>
        <label className="text-sm font-medium">
          <span className="mb-1.5 block">Up to, not included</span>
          <input type="date" name="to" required defaultValue={days.to} className={dateField} />
        </label>
        <Button look="secondary">Show</Button>
      </Form>
    </nav>
  );
}

const dateField =
  "min-h-11 rounded-lg border-slate-300 bg-white text-slate-900 shadow-sm focus:border-emerald-500 focus:ring-emerald-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100 dark:[color-scheme:dark]";
