import { media } from "../../domain/channel.ts";
import { billJson } from "../../domain/tariff/bill-json.ts";
import { contractBill, priceOfSettings } from "../costs/contract-bill.server.ts";
import { pricedContracts } from "../costs/contracts.server.ts";
import { BillSchema } from "./bill-schema.server.ts";
import { cut } from "./cursor.server.ts";
import { billDays, billPeriod } from "./days.server.ts";
import { operation } from "./operation.server.ts";
import { listOf, paging } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const SiteBillSchema = z
  .object({
    contractId: z
      .string()
      .nullable()
      .openapi({ description: "null: the site has no contract; it is the price per kWh of its settings" }),
    name: z.string(),
    medium: z.enum(media).exclude(["none"]),
    channelId: z.string().nullable().openapi({ description: "The meter that it prices; null: the whole site" }),
    bill: z.union([BillSchema, z.null()]).openapi({ description: "null: it holds on none of these days" }),
  })
  .openapi("SiteBill");

export const billOperations = [
  operation({
    id: "listBills",
    method: "GET",
    path: "/sites/{id}/bills",
    tag: "Costs",
    summary: "What a site pays for a period: the bill of each contract, or of the price of its settings",
    description: "`from` and `to` are days in the site's zone, `to` exclusive.",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject({ ...billDays, ...paging(50, 10) }),
    response: listOf(SiteBillSchema),
    async handle({ organizationId, params: { id }, query: { from, to, until, ...page } }) {
      const site = await requiredSite(organizationId, id);
      const period = billPeriod({ from, to, until }, site.timezone);
      const contracts = await pricedContracts(organizationId, site);
      const { items, nextCursor } = cut(contracts, page, (contract) => contract.id ?? priceOfSettings);
      const billed = items.map(async (contract) => {
        const { id: contractId, name, medium, channelId } = contract;
        const bill = await contractBill(organizationId, { siteId: id, timezone: site.timezone, contract }, period);
        return {
          ...{ contractId, name, medium, channelId: channelId === null ? null : String(channelId) },
          bill: bill && billJson(bill),
        };
      });
      return { items: await Promise.all(billed), nextCursor };
    },
  }),
];
