import { parseGrams } from "../../domain/co2/factor.ts";
import { isZone } from "../../domain/local-time/zone.ts";
import { isCurrency, parsePrice } from "../../domain/tariff/flat.ts";
import type { SiteErrors, SiteValues } from "../components/site-form.tsx";

/** What people choose from. */
export const zoneNames = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone")];
export const currencyCodes = (): string[] => Intl.supportedValuesOf("currency");

export interface CheckedSite {
  name: string;
  timezone: string;
  currency: string;
  pricePerKwh: string | null;
  /** Left out: the form did not ask. */
  co2GPerKwh?: string | null;
}

/** Reads a site's form: what was typed (to show again), what is wrong with it, and the site when nothing is. */
export function readSite(form: FormData): { values: SiteValues; errors: SiteErrors; site: CheckedSite | null } {
  const values: SiteValues = {
    name: text(form, "site"),
    timezone: text(form, "timezone"),
    currency: text(form, "currency"),
    price: text(form, "price"),
    co2: text(form, "co2"),
  };
  const errors: SiteErrors = {};
  if (!values.name || values.name.length > 100) errors.name = "Give the place a name of at most 100 characters.";
  if (!isZone(values.timezone)) errors.timezone = "Choose a time zone from the list, such as Europe/Berlin.";
  if (!isCurrency(values.currency)) errors.currency = "Choose a currency from the list.";
  const price = parsePrice(values.price);
  if (!price.ok) errors.price = price.error;
  const co2 = parseGrams(values.co2);
  if (!co2.ok) errors.co2 = co2.error;
  if (Object.keys(errors).length || !price.ok || !co2.ok) return { values, errors, site: null };
  return {
    values,
    errors,
    site: {
      ...{ name: values.name, timezone: values.timezone, currency: values.currency, pricePerKwh: price.price },
      ...(form.has("co2") ? { co2GPerKwh: co2.grams } : {}),
    },
  };
}

const text = (form: FormData, name: string) => String(form.get(name) ?? "").trim();
