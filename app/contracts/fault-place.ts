import type { TariffDraft } from "../../domain/tariff/draft.ts";
import { componentWords } from "./component-words.ts";

const fieldWords: Record<string, string> = {
  ...{
    price: "price",
    amount: "amount",
    percent: "percent",
    upTo: "limit",
    name: "name",
    per: "for",
    markup: "what is added",
  },
  ...{
    factor: "multiplied by",
    floor: "at least",
    cap: "price cap",
    fallback: "where no price is known",
    on: "what it is on",
  },
  ...{ when: "hours", rates: "hours", quota: "quota", minimumKw: "at least", holidays: "holidays", seasons: "seasons" },
  ...{ expiresOn: "day of the year", billing: "billing period", kwhPerM3: "kWh per m³", currency: "currency" },
};

/** Where in the editor a field is: "components.0.price.rates.1.price" is "Energy, Night, price". */
export function faultPlace(path: string, draft: TariffDraft): string {
  const steps = path.split(".");
  const places: string[] = [];
  const component = steps[0] === "components" ? draft.components[Number(steps[1])] : undefined;
  if (component) places.push(component.name || componentWords[component.type]?.name || component.type);
  const rate = steps.indexOf("rates");
  if (component && "price" in component && typeof component.price === "object" && rate > 0 && steps[rate + 1])
    if (component.price.kind === "time-of-use") places.push(component.price.rates[Number(steps[rate + 1])]?.name ?? "");
  const field = steps.findLast((step) => step in fieldWords);
  if (field) places.push(fieldWords[field]!);
  return places.filter(Boolean).join(", ") || path || "The tariff";
}
