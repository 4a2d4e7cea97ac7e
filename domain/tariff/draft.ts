import type { TariffInput } from "./tariff.ts";

/**
 * A tariff while somebody edits it: its own JSON, in which a text may not be a number yet. What an editor does not show is
 * therefore never touched, and a draft that nobody changed is the tariff that was opened, letter by letter.
 */
export type TariffDraft = TariffInput;
export type ComponentDraft = TariffDraft["components"][number];
export type ComponentDraftOf<T extends ComponentDraft["type"]> = Extract<ComponentDraft, { type: T }>;
export type PriceDraft = ComponentDraftOf<"energy">["price"];
export type TimeOfUseDraft = Extract<PriceDraft, { kind: "time-of-use" }>;
export type TieredDraft = Extract<PriceDraft, { kind: "tiered" }>;
export type DynamicDraft = Extract<PriceDraft, { kind: "dynamic" }>;
export type RateDraft = TimeOfUseDraft["rates"][number];
export type SeasonsDraft = NonNullable<TariffDraft["seasons"]>;
export type PriceKind = "flat" | "time-of-use" | "tiered" | "dynamic";

export const kindOf = (price: PriceDraft): PriceKind => (typeof price === "object" ? price.kind : "flat");

const decimals = new Set([
  ...["price", "amount", "percent", "upTo", "factor", "markup", "floor", "cap", "fallback", "quota", "minimumKw"],
  ...["expiryPrice", "kwhPerM3"],
]);
/** Left empty, these are left out; any other field that is empty is a fault that the schema names. */
const optional = new Set(["floor", "cap", "fallback", "upTo", "minimumKw", "kwhPerM3", "description"]);
/** What stands in these lists may go without a name. */
const nameless = new Set(["components", "tiers", "steps"]);

/** The tariff that a draft says: numbers with a point, and without the fields that were left empty. */
export const tariffOf = (draft: TariffDraft): unknown => cleaned(draft, "");

/** @param key what the value, or the list that it stands in, is called. */
function cleaned(value: unknown, key: string): unknown {
  if (typeof value === "string") return decimals.has(key) ? typedDecimal(value) : value;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, key));
  if (typeof value !== "object" || value === null) return value;
  const isLeftOut = ([name, inner]: [string, unknown]) =>
    inner === undefined || (inner === "" && (optional.has(name) || (name === "name" && nameless.has(key))));
  const entries = Object.entries(value).filter((entry) => !isLeftOut(entry));
  return Object.fromEntries(entries.map(([name, inner]) => [name, cleaned(inner, name)]));
}

/** A number as people type it: "0,32", "1 200.5". What is none stays as it is, so that the fault can show it. */
export function typedDecimal(text: string): string {
  const plain = text.replace(/[\s\u00a0\u202f']/g, "");
  return plain.includes(".") ? plain : plain.replace(",", ".");
}
