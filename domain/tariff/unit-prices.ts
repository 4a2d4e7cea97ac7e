import { startOfDay } from "../local-time/civil-day.ts";
import type { PricedComponent } from "./component-schema.ts";
import type { TariffVersion } from "./contract.ts";
import { eachRate, ratesOf } from "./priced-energy.ts";
import type { RatePrice } from "./price-schema.ts";
import type { Tariff } from "./tariff.ts";
import { indexAt, type Usage } from "./usage.ts";

/**
 * What one more unit costs in each quarter-hour, all that depends on energy in: for charts, and for what decides by price
 * (a battery, a shifted load). These are floats to compare with; amounts come from `bill`. Of tiers it is the last one's price,
 * of a price cap the price beyond it; NaN where the price channel has none.
 */
export function unitPrices(
  usage: Usage,
  versions: readonly TariffVersion[],
  { timezone, flow = "import" }: { timezone: string; flow?: "import" | "export" },
): Float64Array {
  const prices = new Float64Array(usage.length);
  versions.forEach(({ tariff, validFrom }, v) => {
    const from = validFrom === null ? 0 : indexAt(usage, startOfDay(timezone, validFrom));
    const next = versions[v + 1]?.validFrom;
    const to = next == null ? usage.length : indexAt(usage, startOfDay(timezone, next));
    for (const component of tariff.components) {
      if (!isOf(component, flow)) continue;
      const taxed = taxFactor(tariff, component.id, component.type);
      const rateOf = eachRate(component, { tariff, usage, timezone });
      const priceAt = ratesOf(component.price).map(({ price }) => reader(price, usage));
      for (let i = from; i < to; i++) prices[i]! += taxed * (priceAt[rateOf(i)]?.(i) ?? 0);
    }
  });
  return prices;
}

const isOf = (component: Tariff["components"][number], flow: "import" | "export"): component is PricedComponent =>
  flow === "export" ? component.type === "feed-in" : component.type === "energy" || component.type === "levy";

function reader(price: RatePrice, usage: Usage): (bucket: number) => number {
  if (typeof price === "string" || price.kind === "flat") {
    const constant = Number(typeof price === "string" ? price : price.price);
    return () => constant;
  }
  if (price.kind === "tiered") {
    const last = Number(price.tiers.at(-1)!.price);
    return () => last;
  }
  const { factor, markup, floor = -Infinity, cap = Infinity, fallback = NaN } = price;
  const column = usage.prices.get(price.channel);
  return (bucket) => {
    const known = column?.[bucket] ?? NaN;
    if (Number.isNaN(known)) return Number(fallback);
    return Math.max(Number(floor), Math.min(Number(cap), known * Number(factor) + Number(markup)));
  };
}

/** 1.19 for 19 % on the component; a tax on a tax multiplies. Credits of feed-in carry the taxes that name them. */
function taxFactor({ components }: Tariff, id: string, type: string): number {
  const shares = new Map([[id, 1]]);
  for (const tax of components.slice(components.findIndex((c) => c.id === id) + 1)) {
    if (tax.type !== "tax") continue;
    let base = 0;
    for (const [of, share] of shares) if (tax.on ? tax.on.includes(of) : of !== id || type !== "feed-in") base += share;
    shares.set(tax.id, (base * Number(tax.percent)) / 100);
  }
  return [...shares.values()].reduce((sum, share) => sum + share, 0);
}
