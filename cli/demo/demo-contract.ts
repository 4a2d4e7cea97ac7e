import { contractsOf, createContract, putVersion } from "../../db/contracts.ts";
import { updateSite } from "../../db/sites.ts";
import { addLocalMonths, localDate, startOfLocalYear } from "../../domain/local-time/steps.ts";
import { SetupError } from "../../platform/env.ts";
import type { Demo } from "./demo-account.ts";

/** Grams of CO2 for a kWh of the German grid in 2024 (Umweltbundesamt, 2025). */
const gridCo2 = "363";

/**
 * A household's contract as most of Germany has it: a price per kWh and a yearly base charge, VAT on both, and what the roof feeds
 * in paid for by law. Prices are net and made up; they rose with the year. Since this one, a part of the grid fee is for the
 * month's highest quarter-hour, as in Flanders or Sweden: so there is a peak to guard.
 */
const tariff = (price: string, base: string, perKw?: string) => ({
  name: "Stadtwerk Musterstadt: Strom Plus",
  country: "DE",
  currency: "EUR",
  billing: { months: 1, start: "2020-01-01" },
  components: [
    { type: "energy", name: "Energy", price },
    { type: "levy", id: "grid", name: "Grid fee and levies", price: "0.1184" },
    { type: "levy", id: "electricity-tax", name: "Electricity tax", price: "0.0205" },
    { type: "standing", name: "Base charge", amount: base, per: "year" },
    ...(perKw === undefined ? [] : [capacity(perKw)]),
    { type: "tax", name: "VAT", percent: "19" },
    { type: "feed-in", name: "Feed-in", price: "0.0811" },
  ],
});

const capacity = (price: string) => ({
  type: "demand",
  name: "Grid capacity",
  interval: 15,
  price,
  per: "month",
  peakOf: "month",
  basis: { kind: "highest" },
});

/** The demo household's contract, where nobody entered one: since two years before this one, at new prices since its start. */
export async function enterContract({ organizationId, siteId, timezone }: Demo): Promise<void> {
  if (siteId === null) throw new SetupError("The demo has no site yet.");
  if ((await contractsOf(organizationId, siteId)).length) return;
  const thisYear = startOfLocalYear(timezone, Date.now());
  const day = (ms: number) => localDate(timezone, ms);
  const contract = await createContract(organizationId, {
    ...{ siteId, name: "Strom Plus", medium: "electricity", channelId: null, createdBy: null },
    version: { validFrom: day(addLocalMonths(timezone, thisYear, -24)), tariff: tariff("0.1290", "118.80"), note: "" },
  });
  if (!contract) throw new SetupError("The demo's site was removed while it started: start it again.");
  const later = { validFrom: day(thisYear), tariff: tariff("0.1345", "64.80", "0.90"), note: "The supplier's letter" };
  await putVersion(organizationId, contract.id, { ...later, createdBy: null });
  await updateSite(organizationId, siteId, { co2GPerKwh: gridCo2 });
}
