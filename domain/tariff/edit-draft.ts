import type { kindOf } from "./draft.ts";
import {
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
export type PricedDraft = Extract<ComponentDraft, { type: "energy" | "levy" | "feed-in" }>;

export const isPriced = (component: ComponentDraft): component is PricedDraft =>
  component.type === "energy" || component.type === "levy" || component.type === "feed-in";

/**
 * What of a component goes by the clock and can be painted: a time-of-use price, or when a demand charge counts, as a price with a
 * rate for each. null: nothing.
 */
export function clockOf(component: ComponentDraft): TimeOfUseDraft | null {
  if (component.type === "demand" && component.when)
    return { kind: "time-of-use", rates: [{ name: "Counts", price: "0", when: component.when }, doesNotCount] };
  if (!isPriced(component) || typeof component.price !== "object") return null;
  return component.price.kind === "time-of-use" ? component.price : null;
}

const doesNotCount = { name: "Does not count", price: "0" };

function withClock(component: ComponentDraft, price: TimeOfUseDraft): ComponentDraft {
  if (component.type === "demand") return { ...component, when: price.rates[0]!.when! };
  return { ...(component as PricedDraft), price };
}

/** The seasons with the rest of the year among them, as windows need it. */
function completed(seasons: SeasonsDraft): SeasonsDraft {
  const named = namedSeasons(seasons);
  const rest = named.length > 0 ? restRanges(seasons) : [];
  return { ...Object.fromEntries(named), ...(rest.length > 0 && { [restOfYear]: rest }) };
}

/** Puts painted weeks into a component. */
export function repainted(draft: TariffDraft, index: number, weeks: readonly Week[]): TariffDraft {
  const component = draft.components[index]!;
  const price = clockOf(component);
  if (price === null) return draft;
  const isSeasonal = weeks.some(({ season }) => season !== null);
  return {
    ...draft,
    ...(isSeasonal && { seasons: completed(draft.seasons ?? {}) }),
    components: draft.components.with(index, withClock(component, withWeeks(price, weeks))),
  };
}

/** Weeks of the whole year for each season, or what the year's first part has for the whole year. */
export function splitBySeason(weeks: readonly Week[], seasons: SeasonsDraft | null): Week[] {
  const model = weeks[0]!;
  if (seasons === null) return [{ ...model, season: null }];
  return Object.keys(completed(seasons)).map((season) => ({ ...model, season }));
}

/** Which component names a season in a way that is not painted (with lists of days, say), by its name; null: none. */
export function seasonUser({ components, seasons = {} }: TariffDraft, name: string): string | null {
  const user = components.find((component) => {
    const price = clockOf(component);
    const isNamed = price?.rates.some(({ when }) => when?.some((w) => w.seasons?.includes(name)));
    return price !== null && isNamed && weeksOf(price, seasons) === null;
  });
  return user ? (user.name ?? user.type) : null;
}

/** Other seasons: painted weeks follow them. A new one begins with the first one's week; a removed one's days fall to the rest. */
export function withSeasons(draft: TariffDraft, seasons: SeasonsDraft): TariffDraft {
  const next = completed(seasons);
  const names = Object.keys(next);
  const components = draft.components.map((component): ComponentDraft => {
    const price = clockOf(component);
    const weeks = price && weeksOf(price, draft.seasons ?? {});
    if (price === null || weeks === null || weeks[0]!.season === null) return component;
    const weekOf = (season: string) => weeks.find((w) => w.season === season) ?? weeks[0]!;
    const kept = names.map((season) => ({ ...weekOf(season), season }));
    const whole = [{ ...weekOf(restOfYear), season: null }];
    return withClock(component, withWeeks(price, names.length > 0 ? kept : whole));
  });
  const { seasons: _, ...rest } = draft;
  return names.length > 0 ? { ...rest, seasons: next, components } : { ...rest, components };
}

/** A season under another name, wherever it is named. */
export function renamedSeason(draft: TariffDraft, from: string, to: string): TariffDraft {
  const renamed = (window: Window): Window =>
    window.seasons ? { ...window, seasons: window.seasons.map((name) => (name === from ? to : name)) } : window;
  const components = draft.components.map((component) => {
    const price = clockOf(component);
    if (price === null) return component;
    const rates = price.rates.map((rate) => (rate.when ? { ...rate, when: rate.when.map(renamed) } : rate));
    return withClock(component, { ...price, rates });
  });
  const seasons = Object.fromEntries(Object.entries(draft.seasons ?? {}).map(([n, r]) => [n === from ? to : n, r]));
  return { ...draft, seasons, components };
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
