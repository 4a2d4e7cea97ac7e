import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { createBillCheck, getBillCheck, updateBillCheck } from "../../db/bill-checks.ts";
import { storedItems } from "../../domain/bill-check/entered.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { Button, FormError } from "../components/form.tsx";
import { Card, PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { CheckFields } from "../costs/check-fields.tsx";
import { readCheck, rowOfItem, rowOfLine, type CheckValues } from "../costs/check-form.ts";
import { requirePricedContract } from "../costs/contract-bill.server.ts";
import { CostsNav } from "../costs/costs-nav.tsx";
import { loadBill } from "../costs/load-bill.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"}: enter a bill · Energy Tracking` },
];

/** `check`: one that is corrected; else `contract`, `from` and `to`, and our own bill of them fills the form. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"], "bill.check");
  const query = new URL(request.url).searchParams;
  const { id, name, timezone, currency } = site;
  const shown = { site: { id, name, timezone, currency }, checkId: query.get("check") };
  if (shown.checkId !== null) {
    const { contractId, contractName, fromDay, toDay, total, note, items } = await requireCheck(organizationId, id, shown.checkId); // prettier-ignore
    const rows = (storedItems(items) ?? []).map(rowOfItem);
    const values: CheckValues = { contract: contractId, from: fromDay, to: toDay, total, note, rows };
    return { ...shown, values, contractName };
  }
  const contract = await requirePricedContract(organizationId, site, query.get("contract") ?? undefined);
  if (contract.id === null) throw new Response("Not found", { status: 404 });
  const { bill, days } = await loadBill(organizationId, site, contract, { query, nowMs: Date.now() });
  const rows = (bill?.lines ?? []).map(rowOfLine);
  const values: CheckValues = { contract: contract.id, ...days, total: "", note: "", rows };
  return { ...shown, values, contractName: contract.name };
}

async function requireCheck(organizationId: string, siteId: string, id: string) {
  const check = await getBillCheck(organizationId, id);
  if (check?.siteId !== siteId) throw new Response("Not found", { status: 404 });
  return check;
}

interface Answer {
  error: string;
  values: CheckValues;
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, user } = await requireSite(request, params["siteId"], "bill.check");
  const form = await readForm(request);
  const read = readCheck(form);
  if (!read.ok) return data<Answer>({ error: read.error, values: read.values }, { status: 400 });
  const checkId = String(form.get("check") ?? "");
  const at = (id: string) => redirect(`/sites/${site.id}/costs/checks/${id}`);
  if (checkId) {
    await requireCheck(organizationId, site.id, checkId);
    await updateBillCheck(organizationId, checkId, read.check);
    return at(checkId);
  }
  const contract = await requirePricedContract(organizationId, site, read.values.contract);
  const id = contract.id && (await createBillCheck(organizationId, contract.id, { ...read.check, createdBy: user.id }));
  if (!id) throw new Response("Not found", { status: 404 });
  return at(id);
}

export default function EnterBill() {
  const { site, values, checkId, contractName } = useLoaderData<typeof loader>();
  const answer = useActionData<Answer>();
  const isPending = useNavigation().state !== "idle";
  return (
    <>
      <PageTitle>Check a bill: {contractName}</PageTitle>
      <CostsNav siteId={site.id} current="costs/checks" />
      <Card>
        <p className="mb-5 text-sm text-slate-600 dark:text-slate-300">
          Our own items are filled in. Change them to what your supplier&apos;s bill says; empty the amount of what it
          does not have.
        </p>
        <Form method="post" className="space-y-5">
          <input type="hidden" name="contract" value={values.contract} />
          {checkId !== null && <input type="hidden" name="check" value={checkId} />}
          <CheckFields values={answer?.values ?? values} currency={site.currency} />
          <FormError>{answer?.error}</FormError>
          <Button disabled={isPending}>{isPending ? "Comparing …" : "Compare"}</Button>
        </Form>
      </Card>
    </>
  );
}
