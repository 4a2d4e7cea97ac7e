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

export const yearLines = ({ lines }: Bill): YearLine[] => groupLines(lines).map(shown);

const shown = ({ component, rate, type, name, quantity, unit, unitPrice, amount }: LineGroup): YearLine => ({
  ...{ component, rate, type, name, unit },
  ...{ quantity: quantity.toFixed(), unitPrice: unitPrice?.toFixed() ?? null, amount: amount.toFixed() },
});

/** A line as whoever asks names it. */
export interface AskedLine {
  component: string;
  rate: string | null;
  /** Only where versions bill the same component by different units does it take this as well; left out: the first. */
  unit?: string | undefined;
}

export type YearAnswer = { ok: true; why: YearWhy } | RefusedQuestion;

export interface RefusedQuestion {
  ok: false;
  error: string;
  /** What of the question names something that is not there. */
  field?: "component" | "of";
}

/** Why a line of a year is what it is: the arithmetic of each bill, and the energy behind it down to the meters. */
export interface YearWhy {
  currency: string;
  line: YearLine;
  bills: {
    /** Local days, the last one included. */
    first: string;
    last: string;
    arithmetic: string;
    exact: string;
    amount: string;
    notes: string[];
  }[];
  /** The lines that a tax is on. */
  on: { component: string; name: string }[];
  energy: Why | null;
  /** Of made-up energy: what was really measured in the same quarter-hours, step by step beside `energy.steps`. */
  measured: number[] | null;
}

interface Asked extends AskedLine {
  bill: Bill;
  channels: readonly ChannelRow[];
  usage: Usage;
  /** Where `usage` was made up: what it was made of. */
  measured: Usage | null;
}

export async function yearWhy(organizationId: string, site: Site, asked: Asked): Promise<YearAnswer> {
  const { bill, channels, usage, measured } = asked;
  const groups = groupLines(bill.lines);
  const group = groups.find((one) => isAsked(one, asked));
  if (!group) return { ok: false, error: noSuchLine(asked, groups), field: "component" };
  const { timezone } = site;
  const line = { type: group.type, period: bill.period, ranges: group.lines.flatMap(({ ranges }) => ranges) };
  const metered = { medium: "electricity", channelId: null } as const;
  const energy = await energyBehind(organizationId, line, { usage, channels, metered, timezone });
  const why: YearWhy = {
    currency: bill.currency,
    line: shown(group),
    bills: group.lines.map(({ period, arithmetic, exact, amount, notes }) => ({
      first: isoDay(localDay(timezone, period.fromMs)),
      last: isoDay(localDay(timezone, period.toMs - 1)),
      ...{ arithmetic, exact: exact.toFixed(), amount: amount.toFixed(), notes },
    })),
    on: taxed(group, groups),
    energy,
    measured: energy && measured && lineEnergy(line, measured, timezone).steps.map((step) => step.energy),
  };
  return { ok: true, why };
}

const isAsked = (group: LineGroup, { component, rate, unit = group.unit }: AskedLine) =>
  group.component === component && group.rate === rate && group.unit === unit;

const mostNamed = 30;

function noSuchLine(asked: AskedLine, groups: readonly LineGroup[]): string {
  const named = ({ component, rate, unit }: AskedLine) =>
    `"${component}"${rate === null ? "" : ` of the rate "${rate}"`}${unit === undefined ? "" : ` in ${unit}`}`;
  const there = groups.slice(0, mostNamed).map(({ component, rate }) => named({ component, rate }));
  const more = groups.length > mostNamed ? ` and ${groups.length - mostNamed} more` : "";
  return `There is no line ${named(asked)}: there are ${there.join(", ") || "none"}${more}.`;
}

function taxed({ lines }: LineGroup, groups: readonly LineGroup[]): YearWhy["on"] {
  const on = new Set(lines.flatMap((line) => line.on ?? []));
  return groups.filter(({ component }) => on.has(component)).map(({ component, name }) => ({ component, name }));
}
