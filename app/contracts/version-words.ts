import type { Formats } from "../charts/formats.ts";
import type { VersionView } from "./contract-view.server.ts";
import { priceWords } from "./price-words.ts";

export const tariffWords = ({ tariff }: Pick<VersionView, "tariff">, formats: Formats): string =>
  tariff === null ? "Its prices cannot be read: correct them." : priceWords(tariff, formats);

/** "29 March 2026": a day that is the same in every zone. */
export function dayWordsOf(iso: string, { locale }: Formats): string {
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: "medium" }).format(Date.parse(iso));
}
