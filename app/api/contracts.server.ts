import {
  contractsOf,
  createContract,
  deleteContract,
  getContract,
  pastVersions,
  putVersion,
  updateContract,
  withdrawVersion,
  type Contract,
  type ContractVersion,
} from "../../db/contracts.ts";
import { media } from "../../domain/channel.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import { billJson } from "../../domain/tariff/bill-json.ts";
import { libraryJson, libraryNames } from "../../domain/tariff/library.ts";
import { billPeriods } from "../costs/bill-periods.ts";
import { contractBill } from "../costs/contract-bill.server.ts";
import { pricedBy } from "../costs/contracts.server.ts";
import { versionFault, type EnteredVersion } from "../costs/enter-version.ts";
import { BillSchema } from "./bill-schema.server.ts";
import { cut } from "./cursor.server.ts";
import { billDays, billPeriod } from "./days.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { day, instantOut, isStorable, iso, listOf, listPaging, name } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

export const contractId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: contractId });
const contractMedia = media.filter((medium) => medium !== "none");

const TariffSchema = z
  .record(z.string(), z.unknown())
  .refine(isStorable, "expected a tariff without NUL characters")
  .openapi("Tariff", { description: "A tariff as `energy bill --schema` and docs/TARIFFS.md describe it" });

const version = {
  validFrom: day.openapi({ description: "The first day that it holds" }),
  tariff: TariffSchema,
  note: z.string().max(500).default("").openapi({ description: "Why it was entered or corrected" }),
};
const NewVersionSchema = z.strictObject(version).openapi("NewContractVersion");

const author = z.string().nullable().openapi({ description: "null: a program, or no member any more" });
const VersionSchema = z.object({
  ...{ id: z.string(), ...version, note: z.string(), createdAt: instantOut, author },
});

const PastVersionSchema = VersionSchema.extend({
  supersededAt: instantOut.openapi({ description: "When it was corrected or withdrawn" }),
  supersededBy: author,
}).openapi("PastContractVersion");

const ContractSchema = z
  .object({
    id: contractId,
    siteId,
    name: z.string(),
    medium: z.enum(contractMedia),
    channelId: z.string().nullable().openapi({ description: "The meter that it prices; null: the whole site" }),
    endsOn: day.nullable().openapi({ description: "The first day that it no longer holds; null: it goes on" }),
    versions: z.array(VersionSchema).openapi({ description: "Those in force, by their first day" }),
  })
  .openapi("Contract");

const shown = ({ versions, channelId, ...contract }: Contract) => ({
  ...contract,
  channelId: channelId === null ? null : String(channelId),
  versions: versions.map(shownVersion),
});

function shownVersion({ id, validFrom, tariff, note, author, createdMs }: ContractVersion) {
  const of = { id, validFrom, note, author, createdAt: iso(createdMs) };
  return { ...of, tariff: tariff as Record<string, unknown> };
}

async function requiredContract(organizationId: string, id: string): Promise<Contract> {
  const contract = await getContract(organizationId, id);
  if (!contract) throw notFound("contract");
  return contract;
}

function refuse(entered: EnteredVersion, of: Parameters<typeof versionFault>[1]): void {
  const fault = versionFault(entered, of);
  if (fault)
    throw new Problem(400, `The tariff is refused: ${fault}.`, { errors: [{ path: "tariff", message: fault }] });
}

/** @throws Problem 400: it ends before it begins. */
function refuseEnd(endsOn: string, { versions }: Contract): void {
  const { validFrom } = versions[0]!;
  if (endsOn > validFrom) return;
  const message = `expected a day after ${validFrom}, on which its first version begins`;
  throw new Problem(400, `The end is refused: ${message}.`, { errors: [{ path: "endsOn", message }] });
}

export const contractOperations = [
  operation({
    id: "listTariffs",
    method: "GET",
    path: "/tariffs",
    tag: "Costs",
    summary: "The library of tariff shapes from many countries, to start from",
    permission: "site.read",
    query: z.strictObject(listPaging),
    response: listOf(z.object({ name: z.string(), tariff: TariffSchema })),
    async handle({ query }) {
      const all = libraryNames().map((id) => ({ name: id, tariff: libraryJson(id) as Record<string, unknown> }));
      return cut(all, query, (item) => item.name);
    },
  }),
  operation({
    id: "listContracts",
    method: "GET",
    path: "/sites/{id}/contracts",
    tag: "Costs",
    summary: "By what a site pays, oldest first",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject(listPaging),
    response: listOf(ContractSchema),
    async handle({ organizationId, params: { id }, query }) {
      await requiredSite(organizationId, id);
      return cut((await contractsOf(organizationId, id)).map(shown), query, (item) => item.id);
    },
  }),
  operation({
    id: "createContract",
    method: "POST",
    path: "/sites/{id}/contracts",
    tag: "Costs",
    summary: "Enter a contract with its first version",
    permission: "contract.change",
    params: z.object({ id: siteId }),
    body: z
      .strictObject({
        ...{ name, medium: z.enum(contractMedia).default("electricity"), ...version },
        channelId: z
          .string()
          .regex(/^\d{1,9}$/, "expected a channel's id")
          .nullable()
          .default(null),
      })
      .openapi("NewContract"),
    status: 201,
    response: ContractSchema,
    location: ({ id }) => `/contracts/${id}`,
    async handle({ organizationId, params: { id }, body: { name, medium, channelId, ...entered } }) {
      const { currency } = await requiredSite(organizationId, id);
      refuse(entered, { medium, currency, others: [] });
      const given = { siteId: id, name, medium, channelId: channelId === null ? null : Number(channelId) };
      const contract = await createContract(organizationId, { ...given, createdBy: null, version: entered });
      if (!contract) throw new Problem(400, "The channel is refused: the site has no channel of that id.");
      return shown(contract);
    },
  }),
  operation({
    id: "getContract",
    method: "GET",
    path: "/contracts/{id}",
    tag: "Costs",
    summary: "A contract with its versions",
    permission: "site.read",
    params,
    response: ContractSchema,
    async handle({ organizationId, params: { id } }) {
      return shown(await requiredContract(organizationId, id));
    },
  }),
  operation({
    id: "updateContract",
    method: "PATCH",
    path: "/contracts/{id}",
    tag: "Costs",
    summary: "Rename a contract, or say on which day it ends",
    permission: "contract.change",
    params,
    body: z.strictObject({ name, endsOn: day.nullable() }).partial().openapi("ContractPatch"),
    response: ContractSchema,
    async handle({ organizationId, params: { id }, body }) {
      if (body.endsOn) refuseEnd(body.endsOn, await requiredContract(organizationId, id));
      const contract = await updateContract(organizationId, id, body);
      if (!contract) throw notFound("contract");
      return shown(contract);
    },
  }),
  operation({
    id: "deleteContract",
    method: "DELETE",
    path: "/contracts/{id}",
    tag: "Costs",
    summary: "Delete a contract and all its versions",
    permission: "contract.change",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteContract(organizationId, id))) throw notFound("contract");
    },
  }),
  operation({
    id: "putContractVersion",
    method: "POST",
    path: "/contracts/{id}/versions",
    tag: "Costs",
    summary: "Enter new prices, or correct those of a day",
    description:
      "What was billed before `validFrom` stays as it is. A version of the same day is superseded, and kept.",
    permission: "contract.change",
    params,
    body: NewVersionSchema,
    response: ContractSchema,
    async handle({ organizationId, params: { id }, body }) {
      const contract = await requiredContract(organizationId, id);
      const { currency } = await requiredSite(organizationId, contract.siteId);
      refuse(body, { medium: contract.medium, currency, others: contract.versions });
      const changed = await putVersion(organizationId, id, { ...body, createdBy: null });
      if (!changed) throw notFound("contract");
      return shown(changed);
    },
  }),
  operation({
    id: "withdrawContractVersion",
    method: "DELETE",
    path: "/contracts/{id}/versions/{versionId}",
    tag: "Costs",
    summary: "Take a version back: the one before it holds on",
    permission: "contract.change",
    params: z.object({ id: contractId, versionId: z.string().openapi({ format: "uuid" }) }),
    problems: [409],
    async handle({ organizationId, params: { id, versionId } }) {
      const outcome = await withdrawVersion(organizationId, id, { versionId, by: null });
      if (outcome === "not-found") throw notFound("version");
      if (outcome === "only-version")
        throw new Problem(409, "It is the contract's only version: correct it, or delete the contract.");
    },
  }),
  operation({
    id: "listPastVersions",
    method: "GET",
    path: "/contracts/{id}/past-versions",
    tag: "Costs",
    summary: "Versions of a contract that hold no more, corrected or withdrawn, newest first",
    permission: "site.read",
    params,
    query: z.strictObject(listPaging),
    response: listOf(PastVersionSchema),
    async handle({ organizationId, params: { id }, query }) {
      await requiredContract(organizationId, id);
      const past = (await pastVersions(organizationId, id)).map(({ supersededMs, supersededAuthor, ...version }) => ({
        ...shownVersion(version),
        ...{ supersededAt: iso(supersededMs), supersededBy: supersededAuthor },
      }));
      return cut(past, query, (item) => item.id);
    },
  }),
  operation({
    id: "listBillingPeriods",
    method: "GET",
    path: "/contracts/{id}/billing-periods",
    tag: "Costs",
    summary: "The days that a contract is billed for, newest first: the running period and at most 23 before it",
    description: "`from` and `to` are those of `getBill`. Where its tariff names no billing period, they are months.",
    permission: "site.read",
    params,
    query: z.strictObject(listPaging),
    response: listOf(
      z.object({
        ...{ from: day, to: day.openapi({ description: "The first day that it is not for" }) },
        isRunning: z.boolean().openapi({ description: "Its last day is not over" }),
      }),
    ),
    async handle({ organizationId, params: { id }, query }) {
      const { site, priced } = await billedContract(organizationId, id);
      const nowMs = Date.now();
      const today = isoDay(localDay(site.timezone, nowMs));
      const periods = billPeriods(priced, site.timezone, nowMs);
      const items = periods.map(({ from, to }) => ({ from, to, isRunning: to > today }));
      return cut(items, query, (item) => item.from);
    },
  }),
  operation({
    id: "getBill",
    method: "GET",
    path: "/contracts/{id}/bill",
    tag: "Costs",
    summary: "What a contract's bill says for a period, line by line",
    description: "`from` and `to` are days in the site's zone, `to` exclusive.",
    permission: "site.read",
    params,
    query: z.strictObject(billDays),
    response: BillSchema,
    async handle({ organizationId, params: { id }, query }) {
      const { site, priced } = await billedContract(organizationId, id);
      const { id: siteId, timezone } = site;
      const period = billPeriod(query, timezone);
      const bill = await contractBill(organizationId, { siteId, timezone, contract: priced }, period);
      if (!bill) throw new Problem(400, "The contract does not hold on any of these days.");
      return billJson(bill);
    },
  }),
];

/** A contract that can be billed. @throws Problem 404, 400 */
export async function billedContract(organizationId: string, id: string) {
  const contract = await requiredContract(organizationId, id);
  const site = await requiredSite(organizationId, contract.siteId);
  const priced = pricedBy(contract, site.timezone);
  if (!priced) throw new Problem(400, "The contract's tariff cannot be read: correct its versions.");
  return { site, priced };
}
