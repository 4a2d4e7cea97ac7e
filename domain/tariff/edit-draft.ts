import {
  kindOf,
  type ComponentDraft,
  type PriceDraft,
  type SeasonsDraft,
  type TariffDraft,
  type TimeOfUseDraft,
} from "./draft.ts";
import type { Window } from "./price-schema.ts";
import { eachDay, weeksOf, withWeeks, type Week } from "./week.ts";
import { restOfYear, restRanges, namedSeasons } from "./year-days.ts";

/** What an editor does to a draft beyond writing a field: each gives a new draft, and leaves alone what it does not speak of. */
type Priced = Extract<ComponentDraft, { type: "energy" | "levy" | "feed-in" }>;

export const isPriced = (component: ComponentDraft): component is Priced =>
  component.type === "energy" || component.type === "levy" || component.type === "feed-in";

/** The seasons with the rest of the year among them, as windows need it. */
function completed(seasons: SeasonsDraft): SeasonsDraft {
  const named = namedSeasons(seasons);
  const rest = named.length > 0 ? restRanges(seasons) : [];
  return { ...Object.fromEntries(named), ...(rest.length > 0 && { [restOfYear]: rest }) };
}

/** Puts painted weeks into the price of a component. */
export function repainted(draft: TariffDraft, index: number, weeks: readonly Week[]): TariffDraft {
  const component = draft.components[index]!;
  if (!isPriced(component) || kindOf(component.price) !== "time-of-use") return draft;
  const price = withWeeks(component.price as TimeOfUseDraft, weeks);
  const isSeasonal = weeks.some(({ season }) => season !== null);
  return {
    ...draft,
    ...(isSeasonal && { seasons: completed(draft.seasons ?? {}) }),
    components: draft.components.with(index, { ...component, price } as ComponentDraft),
  };
}

/** Weeks of the whole year for each season, or what the year's first part has for the whole year. */
export function splitBySeason(weeks: readonly Week[], seasons: SeasonsDraft | null): Week[] {
  const model = weeks[0]!;
  if (seasons === null) return [{ ...model, season: null }];
  return Object.keys(completed(seasons)).map((season) => ({ ...model, season }));
}

/** Where a season is named by a part that is not painted (a demand charge, a price by lists of days), in words; null: nowhere. */
export function seasonUser({ components, seasons = {} }: TariffDraft, name: string): string | null {
  const names = (windows: readonly Window[] | undefined) => windows?.some((w) => w.seasons?.includes(name)) ?? false;
  for (const component of components) {
    if (component.type === "demand" && names(component.when)) return component.name ?? "the demand charge";
    if (!isPriced(component) || typeof component.price !== "object" || component.price.kind !== "time-of-use") continue;
    if (weeksOf(component.price, seasons) === null && component.price.rates.some(({ when }) => names(when)))
      return component.name ?? "a price that is not painted";
  }
  return null;
}

/** Other seasons: painted weeks follow them. A new season begins with the week of the first; a removed one's days fall to the rest. */
export function withSeasons(draft: TariffDraft, seasons: SeasonsDraft): TariffDraft {
  const next = completed(seasons);
  const components = draft.components.map((component): ComponentDraft => {
    if (!isPriced(component) || typeof component.price !== "object" || component.price.kind !== "time-of-use")
      return component;
    const weeks = weeksOf(component.price, draft.seasons ?? {});
    if (weeks === null || weeks[0]!.season === null) return component;
    const names = Object.keys(next);
    const kept = names.map((season) => ({ ...(weeks.find((w) => w.season === season) ?? weeks[0]!), season }));
    const whole = [{ ...(weeks.find((w) => w.season === restOfYear) ?? weeks[0]!), season: null }];
    return { ...component, price: withWeeks(component.price, names.length > 0 ? kept : whole) } as ComponentDraft;
  });
  const { seasons: _, ...rest } = draft;
  return Object.keys(next).length > 0 ? { ...rest, seasons: next, components } : { ...rest, components };
}

/** A season under another name, wherever it is named. */
export function renamedSeason(draft: TariffDraft, from: string, to: string): TariffDraft {
  const name = (windows: readonly Window[] | undefined) =>
    windows && windows.map((w) => (w.seasons ? { ...w, seasons: w.seasons.map((s) => (s === from ? to : s)) } : w));
  const components = draft.components.map((component) => {
    if (component.type === "demand" && component.when) return { ...component, when: name(component.when) };
    if (!isPriced(component) || typeof component.price !== "object" || component.price.kind !== "time-of-use")
      return component;
    const rates = component.price.rates.map((rate) => (rate.when ? { ...rate, when: name(rate.when)! } : rate));
    return { ...component, price: { ...component.price, rates } };
  });
  const seasons = Object.fromEntries(Object.entries(draft.seasons ?? {}).map(([n, r]) => [n === from ? to : n, r]));
  return { ...draft, seasons, components: components as ComponentDraft[] };
}

/** A price of another kind that keeps what can be kept: the number, and for rates the kind of price that they have. */
export function priceOfKind(kind: ReturnType<typeof kindOf>, was: PriceDraft): PriceDraft {
  const amount = leadingPrice(was);
  switch (kind) {
    case "flat":
      return amount;
    case "tiered":
      return { kind, per: "month", tiers: [{ upTo: "100", price: amount }, { price: amount }] };
    case "dynamic":
      return { kind, channel: "price", factor: "1", markup: "0.02" };
    case "time-of-use": {
      const first = typeof was === "object" && was.kind !== "time-of-use" ? was : amount;
      return {
        kind,
        rates: [
          { name: "Night", price: first, when: [{ hours: ["22:00-06:00"] }] },
          { name: "Day", price: first },
        ],
      };
    }
  }
}

function leadingPrice(price: PriceDraft): string {
  if (typeof price !== "object") return String(price);
  switch (price.kind) {
    case "flat":
      return String(price.price);
    case "tiered":
      return String(price.tiers[0]?.price ?? "0.30");
    case "dynamic":
      return String(price.fallback ?? "0.30");
    case "time-of-use":
      return leadingPrice(price.rates.at(-1)?.price ?? "0.30");
  }
}

/** Without one of its rates: the last one that is left takes its hours. */
export function withoutRate(price: TimeOfUseDraft, index: number, weeks: readonly Week[] | null): TimeOfUseDraft {
  const rates = price.rates.filter((_, i) => i !== index);
  if (weeks === null) {
    const last = rates.at(-1)!;
    const { when: _, ...plain } = last;
    return { ...price, rates: [...rates.slice(0, -1), index === rates.length ? plain : last] };
  }
  const heir = rates.length - 1;
  const moved = (rate: number) => (rate === index ? heir : rate > index ? rate - 1 : rate);
  const next = weeks.map(({ season, days }) => ({
    season,
    days: eachDay((name) => days[name].map(moved)),
  }));
  return withWeeks({ ...price, rates }, next);
}

/** A new rate, painted nowhere yet; it comes before the last, which holds whenever no other does. */
export function withRate(price: TimeOfUseDraft, name: string): TimeOfUseDraft {
  const last = price.rates.length - 1;
  const rate = { name, price: leadingPrice(price), when: [] };
  return { ...price, rates: [...price.rates.slice(0, last), rate, ...price.rates.slice(last)] };
}
