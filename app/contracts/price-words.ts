import type { Component } from "../../domain/tariff/component-schema.ts";
import type { Price, RatePrice, ScopeName } from "../../domain/tariff/price-schema.ts";
import { meterUnit, type Tariff } from "../../domain/tariff/tariff.ts";
import type { Formats } from "../charts/formats.ts";

/** A tariff in a line: "0.32 €/kWh, 9.90 € a month, VAT 19 %". */
export function priceWords(tariff: Tariff, formats: Formats): string {
  return tariff.components.map((component) => componentWords(component, tariff, formats)).join(", ");
}

export const perWords: Record<ScopeName | "once", string> = {
  day: "a day",
  month: "a month",
  year: "a year",
  "billing-period": "a bill",
  once: "once",
};

const unitWords = { kWh: "kWh", m3: "m³" };

function componentWords(component: Component, tariff: Tariff, formats: Formats): string {
  const price = (amount: string) => formats.price(amount, tariff.currency);
  const named = component.name.toLowerCase();
  switch (component.type) {
    case "energy":
    case "levy":
    case "feed-in": {
      const unit = unitWords[component.unit ?? (tariff.kwhPerM3 === undefined ? meterUnit(tariff) : "kWh")];
      const words = pricesOf(component.price, price, unit);
      const capped = component.type === "energy" && component.cap ? ` (at most ${price(component.cap.price)})` : "";
      return component.type === "energy" ? `${words}${capped}` : `${component.name} ${words}`;
    }
    case "standing":
      return `${price(component.amount)} ${perWords[component.per]}`;
    case "credit":
      return `${named} −${price(component.amount)} ${perWords[component.per]}`;
    case "demand":
      return component.price === undefined
        ? `${named} by steps of kW`
        : `${price(component.price)}/kW ${perWords[component.per]}`;
    case "net-metering":
      return "net metering";
    case "tax":
      return `${component.name} ${formats.number(Number(component.percent))} %`;
  }
}

function pricesOf(whole: Price, price: (amount: string) => string, unit: string): string {
  if (typeof whole !== "string" && whole.kind === "time-of-use")
    return whole.rates.map((rate) => `${rate.name} ${ratePriceWords(rate.price, price, unit)}`).join(" · ");
  return ratePriceWords(whole, price, unit);
}

function ratePriceWords(whole: RatePrice, price: (amount: string) => string, unit: string): string {
  if (typeof whole === "string") return `${price(whole)}/${unit}`;
  switch (whole.kind) {
    case "flat":
      return `${price(whole.price)}/${unit}`;
    case "tiered":
      return `${price(whole.tiers[0]!.price)} to ${price(whole.tiers.at(-1)!.price)}/${unit} by amount`;
    case "dynamic":
      return [
        "market price",
        whole.factor === "1" ? "" : ` × ${whole.factor}`,
        Number(whole.markup) === 0 ? "" : ` + ${price(whole.markup)}/${unit}`,
      ].join("");
  }
}
