import type { Site } from "../../db/sites.ts";
import type { TariffDraft } from "../../domain/tariff/draft.ts";
import { libraryJson, libraryNames } from "../../domain/tariff/library.ts";
import { shapes, shapeTariff } from "../../domain/tariff/shapes.ts";
import type { LibraryItem } from "./shape-chooser.tsx";

/** With what a new contract begins. */
export interface Start {
  id: string;
  draft: TariffDraft;
  /** The currency in which the library's prices are, where it is not the site's. */
  foreign: string | null;
  source: LibraryItem["source"];
}

/** Of the address: ?shape=one-price or ?library=de-flat; null: neither, or none that is known. */
export function startingTariff(
  query: URLSearchParams,
  { currency, pricePerKwh }: Pick<Site, "currency" | "pricePerKwh">,
): Start | null {
  const shape = shapes.find(({ id }) => id === query.get("shape"));
  if (shape) {
    const draft = shapeTariff(shape.id, { currency, ...(pricePerKwh !== null && { price: pricePerKwh }) });
    return { id: shape.id, draft, foreign: null, source: null };
  }
  const name = query.get("library");
  const json = name === null ? null : (libraryJson(name) as TariffDraft | null);
  if (name === null || json === null) return null;
  const foreign = json.currency === currency ? null : json.currency;
  return { id: name, draft: { ...json, currency }, foreign, source: json.source ?? null };
}

export const libraryItems = (): LibraryItem[] =>
  libraryNames().map((id) => {
    const { name, country, description, source } = libraryJson(id) as TariffDraft;
    return { id, name, country: country ?? null, description: description ?? null, source: source ?? null };
  });
