import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { buttonClass } from "../components/form.tsx";
import { Card, CardTitle, EmptyState, PageTitle } from "../components/frame.tsx";
import { causeNames } from "../costs/check-result.tsx";
import { CostsNav } from "../costs/costs-nav.tsx";
import { loadChecks, type YearReconciled } from "../costs/load-checks.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: bill checks · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const { id, name, timezone, currency } = site;
  const loaded = await loadChecks(organizationId, site);
  return { site: { id, name, timezone, currency }, ...loaded, mayCheck: may(role, "bill.check") };
}

export default function BillChecks() {
  const { site, checks, years, contracts, mayCheck } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const money = (amount: string) => formats.money(amount, site.currency);
  const start = mayCheck && contracts.length > 0 && (
    <span className="flex flex-wrap gap-2">
      {contracts.map(({ id, name }) => (
        <Link key={id} to={`enter?contract=${id}`} className={buttonClass()}>
          Check a bill of {name}
        </Link>
      ))}
    </span>
  );
  return (
    <>
      <PageTitle>Bill check</PageTitle>
      <CostsNav siteId={site.id} current="costs/checks" />
      {!checks.length ? (
        <EmptyState
          title="Is your supplier's bill right?"
          action={
            start || (
              <Link to={`/sites/${site.id}/contracts`} className={buttonClass()}>
                Enter your contract
              </Link>
            )
          }
        >
          Type what it says beside what was measured here: the difference is split into energy, prices, days, missing
          data and rounding.
        </EmptyState>
      ) : (
        <>
          <div className="mb-4">{start}</div>
          <Card>
            <CardTitle>Bills that were checked</CardTitle>
            <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="checks">
              {checks.map(({ id, contractName, fromDay, toDay, total, difference, note }) => (
                <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 py-2">
                  <span>
                    <Link to={id} className="font-medium underline underline-offset-4">
                      {contractName}, {fromDay} up to {toDay}
                    </Link>
                    {note && <span className="ml-2 text-sm text-slate-600 dark:text-slate-300">{note}</span>}
                  </span>
                  <span className="tabular-nums">
                    {money(total)}
                    <span className="ml-2 text-sm text-slate-600 dark:text-slate-300">
                      {difference === null ? "not comparable" : differenceText(difference, money)}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </Card>
          {years.map((year) => (
            <YearCard key={year.year} year={year} money={money} />
          ))}
        </>
      )}
    </>
  );
}

const differenceText = (difference: string, money: (amount: string) => string) =>
  Math.abs(Number(difference)) < 0.005 ? "agrees" : `${Number(difference) > 0 ? "+" : ""}${money(difference)}`;

/** All bills of a year together: what was paid, what was right, and why they differ. */
function YearCard({ year, money }: { year: YearReconciled; money: (amount: string) => string }) {
  const { theirs, ours, difference, split } = year;
  const causes = (Object.keys(causeNames) as (keyof typeof split)[]).filter((c) => Math.abs(Number(split[c])) >= 0.005);
  return (
    <Card className="mt-4">
      <CardTitle>{year.year} together</CardTitle>
      <p className="text-sm" data-testid="reconciled">
        {year.bills} {year.bills === 1 ? "bill" : "bills"}: supplier {money(theirs)}, ours {money(ours)},{" "}
        <span className="font-semibold">{differenceText(difference, money)}</span>
        {causes.length > 0 && (
          <span className="text-slate-600 dark:text-slate-300">
            {" "}
            ({causes.map((cause) => `${causeNames[cause].toLowerCase()} ${money(split[cause])}`).join(", ")})
          </span>
        )}
        .
      </p>
    </Card>
  );
}
