import type { Sql } from "../../db/client.ts";
import { contractsOf, contractsWithin, type Contract, type ContractMedium } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";
import { parseDay, startOfDay } from "../../domain/local-time/civil-day.ts";
import { parseContract, type TariffVersion } from "../../domain/tariff/contract.ts";
import { log } from "../../platform/log.ts";

/** A contract as it can be billed by. */
export interface PricedContract {
  /** null: nobody entered a contract; it is the price per kWh of the site's settings. */
  id: string | null;
  name: string;
  medium: ContractMedium;
  channelId: number | null;
  versions: TariffVersion[];
  /** The instant from which on it no longer holds; Infinity: it goes on. */
  endsMs: number;
}

/** What a site pays by: its contracts, or where it has none for electricity the one price of its settings. */
export async function pricedContracts(organizationId: string, site: Site): Promise<PricedContract[]> {
  return priced(site, await contractsOf(organizationId, site.id));
}

/** The same inside a transaction that is open already. */
export async function pricedContractsWithin(sql: Sql, site: Site): Promise<PricedContract[]> {
  return priced(site, await contractsWithin(sql, site.id));
}

function priced(site: Site, contracts: readonly Contract[]): PricedContract[] {
  const found = contracts.flatMap((contract) => pricedBy(contract, site.timezone) ?? []);
  if (found.some(({ medium, channelId }) => medium === "electricity" && channelId === null)) return found;
  return site.pricePerKwh === null ? found : [flatContract(site, site.pricePerKwh), ...found];
}

/** null: its versions cannot be read, which is said in the log; they were checked when they were entered. */
export function pricedBy(contract: Contract, timezone: string): PricedContract | null {
  const { id, name, medium, channelId, endsOn } = contract;
  const parsed = parseContract(contract.versions.map(({ validFrom, tariff }) => ({ validFrom, tariff })));
  if (!parsed.ok) {
    log.error({ contract: id, reason: parsed.error }, "a contract's tariff cannot be read");
    return null;
  }
  const endsMs = endsOn === null ? Infinity : startOfDay(timezone, parseDay(endsOn)!);
  return { id, name, medium, channelId, versions: parsed.value.map(billedMonthly), endsMs };
}

/** Where a tariff names no billing period, the meter is taken to be billed by the month. */
function billedMonthly({ validFrom, tariff }: TariffVersion): TariffVersion {
  return { validFrom, tariff: { ...tariff, billing: tariff.billing ?? { months: 1, start: "2000-01-01" } } };
}

function flatContract({ currency }: Site, price: string): PricedContract {
  const json = { name: "Price per kWh", currency, components: [{ type: "energy", price }] };
  const parsed = parseContract(json);
  if (!parsed.ok) throw new Error(parsed.error);
  const of = { id: null, name: json.name, medium: "electricity" as const, channelId: null };
  return { ...of, versions: parsed.value, endsMs: Infinity };
}
