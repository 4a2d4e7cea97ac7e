import type { ComponentType } from "../../domain/tariff/component-schema.ts";

/** What a cost is for, as charts and sums show it: the parts of a tariff in five groups. */
export const costKinds = ["energy", "levies", "standing", "demand", "income"] as const;
export type CostKind = (typeof costKinds)[number];

const kinds: Record<ComponentType, CostKind> = {
  energy: "energy",
  levy: "levies",
  tax: "levies",
  standing: "standing",
  demand: "demand",
  "feed-in": "income",
  credit: "income",
  "net-metering": "income",
};

export const kindOf = (type: ComponentType): CostKind => kinds[type];

export const kindNames: Record<CostKind, string> = {
  energy: "Energy",
  levies: "Levies and taxes",
  standing: "Standing charges",
  demand: "Peak power",
  income: "Feed-in and credits",
};

/** Of a tariff's parts one by one, where a comparison says why. */
export const typeNames: Record<ComponentType, string> = {
  energy: "Energy",
  levy: "Levies and grid fees",
  tax: "Taxes",
  standing: "Standing charges",
  demand: "Peak power",
  "feed-in": "Feed-in",
  credit: "Credits",
  "net-metering": "Net metering",
};

/** Whether a line is for energy (or for a peak of it): then there are quarter-hours to show behind it. */
export const isOfEnergy = (type: string): boolean =>
  ["energy", "levy", "feed-in", "net-metering", "demand"].includes(type);
