import { addMonths, localDay, startOfDay } from "../local-time/civil-day.ts";
import type { Component } from "./component-schema.ts";
import type { TariffVersion } from "./contract.ts";
import type { ScopeName } from "./price-schema.ts";
import { ratesOf } from "./priced-energy.ts";
import { scopeAt, type Period } from "./scope.ts";
import type { Tariff } from "./tariff.ts";

/**
 * From when on usage must be known so that a period can be billed: tiers fill up from the start of their month, peaks are
 * compared with the months before, a net-metering bank holds what was fed in since it began. A flat price needs nothing.
 * @returns epoch milliseconds, at most `period.fromMs`.
 */
export function usageNeededFrom(versions: readonly TariffVersion[], period: Period, timezone: string): number {
  const calendar = { timezone, asked: period };
  const today = localDay(timezone, period.fromMs);
  const startOf = (scope: ScopeName, { billing }: Tariff) => scopeAt(scope, today, billing, calendar).fromDay;
  const days = [today];
  for (const { tariff } of versions) {
    for (const component of tariff.components) {
      for (const scope of countedBy(component)) days.push(startOf(scope, tariff));
      if (component.type === "demand") days.push(addMonths(startOf("month", tariff), -monthsBefore(component)));
      if (component.type === "net-metering") days.push(...bankSince(versions, today));
    }
  }
  return Math.min(period.fromMs, startOfDay(timezone, Math.min(...days)));
}

/** Over what amounts are counted that a component's price depends on. */
function countedBy(component: Component): ScopeName[] {
  switch (component.type) {
    case "energy":
    case "levy":
    case "feed-in": {
      const tiers = ratesOf(component.price).flatMap(({ price }) =>
        typeof price !== "string" && price.kind === "tiered" ? [price.over ?? price.per] : [],
      );
      const cap = component.type === "energy" ? component.cap : undefined;
      return cap ? [...tiers, cap.over ?? cap.per] : tiers;
    }
    case "demand":
      return [component.peakOf];
    case "net-metering":
      return [component.every];
    case "standing":
    case "credit":
    case "tax":
      return [];
  }
}

function monthsBefore({ basis }: Extract<Component, { type: "demand" }>): number {
  return basis.kind === "ratchet" || basis.kind === "rolling-mean" ? basis.months : 0;
}

/** Where nobody said since when there is net metering, three years of it are looked at. */
const bankMonths = 36;

function bankSince(versions: readonly TariffVersion[], today: number): number[] {
  const first = versions.find(({ tariff }) => tariff.components.some(({ type }) => type === "net-metering"));
  return [first?.validFrom ?? addMonths(today, -bankMonths)];
}

/** The price channels that a contract's tariffs read, by the names they have there. */
export function priceChannelsOf(versions: readonly TariffVersion[]): string[] {
  const names = new Set<string>();
  for (const { tariff } of versions) {
    for (const component of tariff.components) {
      if (component.type !== "energy" && component.type !== "levy" && component.type !== "feed-in") continue;
      for (const { price } of ratesOf(component.price))
        if (typeof price !== "string" && price.kind === "dynamic") names.add(price.channel);
    }
  }
  return [...names];
}
