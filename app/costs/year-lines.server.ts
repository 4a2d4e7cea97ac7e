import type { ChannelRow } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import type { ComponentType } from "../../domain/tariff/component-schema.ts";
import { groupLines, type LineGroup } from "../../domain/tariff/line-groups.ts";
import { lineEnergy } from "../../domain/tariff/line-energy.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { energyBehind, type Why } from "./load-why.server.ts";

/** What a component (or one of its rates) comes to over a year's bills, with the words that ask why. */
export interface YearLine {
  component: string;
  rate: string | null;
  type: ComponentType;
  name: string;
  quantity: string;
  unit: string;
  /** null: none is known, or it changed, and the mean says little. */
  unitPrice: string | null;
  amount: string;
}

export const yearLines = ({ lines }: Bill): YearLine[] =>
  groupLines(lines).map(({ component, rate, type, name, quantity, unit, unitPrice, amount }) => ({
    ...{ component, rate, type, name, unit },
    ...{ quantity: quantity.toFixed(), unitPrice: unitPrice?.toFixed() ?? null, amount: amount.toFixed() },
  }));

/** Why a line of a year is what it is: the arithmetic of each bill, and the energy behind it down to the meters. */
export interface YearWhy {
  bills: {
    /** Local days, the last one included. */
    first: string;
    last: string;
    arithmetic: string;
    exact: string;
    amount: string;
    notes: string[];
  }[];
  /** What a tax is on. */
  on: string[];
  energy: Why | null;
  /** Of made-up energy: what was really measured in the same quarter-hours, step by step beside `energy.steps`. */
  measured: number[] | null;
}

interface Asked {
  bill: Bill;
  component: string;
  rate: string | null;
  channels: readonly ChannelRow[];
  usage: Usage;
  /** Where `usage` was made up: what it was made of. */
  measured: Usage | null;
}

/** @returns null: the bill has no such line. */
export async function yearWhy(organizationId: string, site: Site, asked: Asked): Promise<YearWhy | null> {
  const { bill, component, rate, channels, usage, measured } = asked;
  const groups = groupLines(bill.lines);
  const group = groups.find((one) => one.component === component && one.rate === rate);
  if (!group) return null;
  const { timezone } = site;
  const line = { type: group.type, period: bill.period, ranges: group.lines.flatMap(({ ranges }) => ranges) };
  const metered = { medium: "electricity", channelId: null } as const;
  const energy = await energyBehind(organizationId, line, { usage, channels, metered, timezone });
  return {
    bills: group.lines.map(({ period, arithmetic, exact, amount, notes }) => ({
      first: isoDay(localDay(timezone, period.fromMs)),
      last: isoDay(localDay(timezone, period.toMs - 1)),
      ...{ arithmetic, exact: exact.toFixed(), amount: amount.toFixed(), notes },
    })),
    on: namesOf(group, groups),
    energy,
    measured: energy && measured && lineEnergy(line, measured, timezone).steps.map((step) => step.energy),
  };
}

const namesOf = ({ lines }: LineGroup, groups: readonly LineGroup[]): string[] => {
  const on = new Set(lines.flatMap((line) => line.on ?? []));
  return [...new Set(groups.filter(({ component }) => on.has(component)).map(({ name }) => name))];
};
