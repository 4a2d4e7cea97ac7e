import {
  billChecksOf,
  createBillCheck,
  deleteBillCheck,
  getBillCheck,
  updateBillCheck,
  type StoredBillCheck,
} from "../../db/bill-checks.ts";
import { getSite } from "../../db/sites.ts";
import { causes } from "../../domain/bill-check/bill-check.ts";
import { storedItems, supplierItemSchema, totalSchema } from "../../domain/bill-check/entered.ts";
import { parseDay } from "../../domain/local-time/civil-day.ts";
import { runBillCheck } from "../costs/bill-check.server.ts";
import { longestBillDays } from "../costs/bill-periods.ts";
import { cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { day, instantOut, isStorable, iso, listOf, listPaging } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const checkId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: checkId });

const ItemSchema = z.strictObject(supplierItemSchema.shape).openapi("SupplierItem");
const entered = {
  fromDay: day,
  toDay: day.openapi({ description: "The first day that the bill is not for" }),
  items: z.array(ItemSchema).max(200).refine(isStorable, "expected texts without NUL characters"),
  total: totalSchema,
  note: z.string().max(500).refine(isStorable, "expected a text without NUL characters").default(""),
};
const split = z.object(Object.fromEntries(causes.map((cause) => [cause, z.string()])) as Record<(typeof causes)[number], z.ZodString>); // prettier-ignore

const StoredSchema = z
  .object({
    ...{ id: checkId, contractId: z.string().openapi({ format: "uuid" }), contractName: z.string() },
    ...{ fromDay: z.string(), toDay: z.string(), total: z.string(), note: z.string(), createdAt: instantOut },
    items: z.array(
      z.object({
        ...{ component: z.string().nullable(), rate: z.string().nullable(), name: z.string(), amount: z.string() },
        ...{ quantity: z.string().optional(), unitPrice: z.string().optional(), percent: z.string().optional() },
      }),
    ),
  })
  .openapi("BillCheck");

const ResultSchema = StoredSchema.extend({
  result: z
    .object({
      ours: z.string(),
      theirs: z.string(),
      difference: z.string().openapi({ description: "The supplier's total less ours" }),
      split: split.openapi({ description: "They add up to the difference" }),
      items: z.array(
        z.object({
          name: z.string(),
          component: z.string().nullable().openapi({ description: "Of our bill; null: it is on theirs alone" }),
          ...{ theirs: z.string().nullable(), ours: z.string().nullable(), split },
        }),
      ),
      notes: z.array(z.string()),
      advice: z.array(z.object({ cause: z.string(), text: z.string() })),
    })
    .nullable()
    .openapi({ description: "Worked out now; null: the contract holds on none of the days" }),
}).openapi("BillCheckResult");

const shown = ({ siteId: _, items, createdMs, ...check }: StoredBillCheck) => ({
  ...check,
  items: (storedItems(items) ?? []).map((item) => ({ ...item, rate: item.rate ?? null })),
  createdAt: iso(createdMs),
});

async function required(organizationId: string, id: string): Promise<StoredBillCheck> {
  const check = await getBillCheck(organizationId, id);
  if (!check) throw notFound("bill check");
  return check;
}

async function withResult(organizationId: string, id: string) {
  const check = await required(organizationId, id);
  const site = (await getSite(organizationId, check.siteId))!;
  return { ...shown(check), result: await runBillCheck(organizationId, site, check) };
}

function checkDays({ fromDay, toDay }: { fromDay: string; toDay: string }): void {
  const days = parseDay(toDay)! - parseDay(fromDay)!;
  if (days > 0 && days <= longestBillDays) return;
  const message = `expected a day after fromDay, at most ${longestBillDays} later`;
  throw new Problem(400, "The bill's days are refused.", { errors: [{ path: "toDay", message }] });
}

export const billCheckOperations = [
  operation({
    id: "listBillChecks",
    method: "GET",
    path: "/sites/{id}/bill-checks",
    tag: "Costs",
    summary: "Suppliers' bills that were entered, the newest period first",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject(listPaging),
    response: listOf(StoredSchema),
    async handle({ organizationId, params: { id }, query }) {
      if (!(await getSite(organizationId, id))) throw notFound("site");
      return cut((await billChecksOf(organizationId, id)).map(shown), query, (item) => item.id);
    },
  }),
  operation({
    id: "createBillCheck",
    method: "POST",
    path: "/contracts/{id}/bill-checks",
    tag: "Costs",
    summary: "Enter what a supplier's bill says; the answer says why it differs from ours",
    permission: "bill.check",
    params,
    body: z.strictObject(entered).openapi("NewBillCheck"),
    status: 201,
    response: ResultSchema,
    location: ({ id }) => `/bill-checks/${id}`,
    async handle({ organizationId, params: { id }, body }) {
      checkDays(body);
      const made = await createBillCheck(organizationId, id, { ...body, createdBy: null });
      if (!made) throw notFound("contract");
      return withResult(organizationId, made);
    },
  }),
  operation({
    id: "getBillCheck",
    method: "GET",
    path: "/bill-checks/{id}",
    tag: "Costs",
    summary: "A supplier's bill against ours, as they compare now",
    permission: "site.read",
    params,
    response: ResultSchema,
    handle: ({ organizationId, params: { id } }) => withResult(organizationId, id),
  }),
  operation({
    id: "updateBillCheck",
    method: "PATCH",
    path: "/bill-checks/{id}",
    tag: "Costs",
    summary: "Correct what was entered",
    permission: "bill.check",
    params,
    body: z
      .strictObject({ ...entered, note: entered.note.unwrap() })
      .partial()
      .openapi("BillCheckPatch"),
    response: ResultSchema,
    async handle({ organizationId, params: { id }, body }) {
      const { fromDay, toDay, items, total, note } = { ...(await required(organizationId, id)), ...body };
      checkDays({ fromDay, toDay });
      await updateBillCheck(organizationId, id, { fromDay, toDay, items, total, note });
      return withResult(organizationId, id);
    },
  }),
  operation({
    id: "deleteBillCheck",
    method: "DELETE",
    path: "/bill-checks/{id}",
    tag: "Costs",
    summary: "Delete a bill check",
    permission: "bill.check",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteBillCheck(organizationId, id))) throw notFound("bill check");
    },
  }),
];
