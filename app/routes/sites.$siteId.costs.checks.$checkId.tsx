import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { deleteBillCheck, getBillCheck } from "../../db/bill-checks.ts";
import { may } from "../../domain/access/permissions.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { useFormats } from "../charts/use-formats.ts";
import { Button, buttonClass } from "../components/form.tsx";
import { EmptyState, PageTitle } from "../components/frame.tsx";
import { runBillCheck } from "../costs/bill-check.server.ts";
import { CheckResult } from "../costs/check-result.tsx";
import { CostsNav } from "../costs/costs-nav.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: bill check · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, role } = await requireSite(request, params["siteId"]);
  const entered = await getBillCheck(organizationId, params["checkId"] ?? "");
  if (entered?.siteId !== site.id) throw new Response("Not found", { status: 404 });
  const { id, contractId, contractName, fromDay, toDay, note } = entered;
  const { name, timezone, currency } = site;
  return {
    site: { id: site.id, name, timezone, currency },
    entered: { id, contractId, contractName, fromDay, toDay, note },
    check: await runBillCheck(organizationId, site, entered),
    mayChange: may(role, "bill.check"),
  };
}

/** Deletes it. */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "bill.check");
  const entered = await getBillCheck(organizationId, params["checkId"] ?? "");
  if (entered?.siteId !== site.id) throw new Response("Not found", { status: 404 });
  await deleteBillCheck(organizationId, entered.id);
  return redirect(`/sites/${site.id}/costs/checks`);
}

export default function BillCheckPage() {
  const { site, entered, check, mayChange } = useLoaderData<typeof loader>();
  const formats = useFormats(site.timezone);
  const { id, contractId, contractName, fromDay, toDay, note } = entered;
  const bill = `/sites/${site.id}/contracts/${contractId}/bill?from=${fromDay}&to=${toDay}`;
  return (
    <>
      <PageTitle>Bill check</PageTitle>
      <CostsNav siteId={site.id} current="costs/checks" />
      <p className="mb-4 text-slate-600 dark:text-slate-300">
        {contractName}, {fromDay} up to {toDay}
        {note && ` · ${note}`} ·{" "}
        <Link to={bill} className="underline">
          our bill
        </Link>
      </p>
      {check ? (
        <CheckResult check={check} currency={site.currency} bill={bill} formats={formats} />
      ) : (
        <EmptyState title="Nothing to compare">The contract does not hold on any of these days.</EmptyState>
      )}
      {mayChange && (
        <Form method="post" className="mt-4 flex gap-3">
          <Link to={`/sites/${site.id}/costs/checks/enter?check=${id}`} className={buttonClass("secondary")}>
            Correct what was typed
          </Link>
          <Button look="danger">Delete this check</Button>
        </Form>
      )}
    </>
  );
}
