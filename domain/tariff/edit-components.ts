import { withIds } from "./component-schema.ts";
import type { ComponentDraft, TariffDraft } from "./draft.ts";

/** Adding, removing and ordering the components of a draft. What taxes are on stays what it was, whatever moves. */
export const componentTypes = [
  "energy",
  "standing",
  "levy",
  "feed-in",
  "demand",
  "credit",
  "net-metering",
  "tax",
] as const satisfies readonly ComponentDraft["type"][];

/** The id that each component has or is given: what a tax is on is said by these. */
export const idsOf = ({ components }: TariffDraft): string[] =>
  withIds(components as Parameters<typeof withIds>[0]).map(({ id }) => id);

/** Ids that follow from the order become the components' own where something names them, before the order changes. */
function pinned(draft: TariffDraft): ComponentDraft[] {
  const named = new Set(
    draft.components.flatMap((c) => (c.type === "tax" || c.type === "net-metering" ? (c.on ?? []) : [])),
  );
  const ids = idsOf(draft);
  return draft.components.map((component, i) => (named.has(ids[i]!) ? { ...component, id: ids[i]! } : component));
}

export function newComponent(type: ComponentDraft["type"]): ComponentDraft {
  switch (type) {
    case "energy":
      return { type, price: "0.30" };
    case "standing":
      return { type, amount: "10", per: "month" };
    case "levy":
      return { type, price: "0.02" };
    case "feed-in":
      return { type, price: "0.08" };
    case "demand":
      return { type, interval: 15, price: "8", per: "month", peakOf: "month" };
    case "credit":
      return { type, amount: "10", per: "month" };
    case "net-metering":
      return { type, every: "billing-period" };
    case "tax":
      return { type, name: "VAT", percent: "19" };
  }
}

/** A tax goes to the end, since it is on what stands before it; anything else before the taxes at the end. */
export function withComponent(draft: TariffDraft, type: ComponentDraft["type"]): TariffDraft {
  const components = pinned(draft);
  let at = components.length;
  if (type !== "tax" && type !== "feed-in") while (at > 0 && isLast(components[at - 1]!)) at--;
  return { ...draft, components: components.toSpliced(at, 0, newComponent(type)) };
}

const isLast = ({ type }: ComponentDraft): boolean => type === "tax" || type === "feed-in";

export const withoutComponent = (draft: TariffDraft, index: number): TariffDraft => ({
  ...draft,
  components: pinned(draft).toSpliced(index, 1),
});

export function movedComponent(draft: TariffDraft, from: number, to: number): TariffDraft {
  const components = pinned(draft);
  const [moved] = components.splice(from, 1);
  return { ...draft, components: components.toSpliced(to, 0, moved!) };
}

/** Says what a tax, or net metering, is on, by places in the list; null: what it is on when nothing is said. */
export function withBase(draft: TariffDraft, index: number, on: readonly number[] | null): TariffDraft {
  const ids = idsOf(draft);
  const components = draft.components.map((component, i): ComponentDraft => {
    if (on?.includes(i)) return { ...component, id: ids[i]! };
    if (i !== index || (component.type !== "tax" && component.type !== "net-metering")) return component;
    const { on: _, ...rest } = component;
    return on === null ? rest : { ...rest, on: on.map((base) => ids[base]!) };
  });
  return { ...draft, components };
}
