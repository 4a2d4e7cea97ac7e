import { parseDay, startOfDay } from "../local-time/civil-day.ts";
import type { ComponentOf } from "./component-schema.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money, sumOf } from "./money.ts";
import { lengthIn, type BillingCalendar } from "./scope.ts";

/** Standing charges and fixed credits: so much a day, month or year, by the day in local time. */
export function standingLines(part: Part, component: ComponentOf<"standing">, calendar: BillingCalendar): Line[] {
  return [fixedLine(part, component, { per: component.per, unitPrice: new Money(component.amount) }, calendar)];
}

export function creditLines(part: Part, component: ComponentOf<"credit">, calendar: BillingCalendar): Line[] {
  const unitPrice = new Money(component.amount).negated();
  const { per, on } = component;
  if (per !== "once") return [fixedLine(part, component, { per, unitPrice }, calendar)];
  const givenMs = startOfDay(calendar.timezone, parseDay(on!)!);
  if (givenMs < part.period.fromMs || givenMs >= part.period.toMs) return [];
  const arithmetic = `once, on ${on}: ${shown(unitPrice)} ${part.tariff.currency}`;
  return [lineOf(part, component, { quantity: new Money(1), unit: "once", unitPrice, arithmetic })];
}

function fixedLine(
  part: Part,
  component: ComponentOf<"standing" | "credit">,
  { per, unitPrice }: { per: ComponentOf<"standing">["per"]; unitPrice: Money },
  calendar: BillingCalendar,
): Line {
  const { period, tariff } = part;
  const quantity = lengthIn(per, period, tariff.billing, calendar);
  const days = lengthIn("day", period, tariff.billing, calendar);
  const unit = per === "billing-period" ? "billing period" : per;
  const length = per === "day" ? `${shown(days)} days` : `${shown(quantity)} ${unit}s (${shown(days)} days)`;
  return lineOf(part, component, {
    quantity,
    unit,
    unitPrice,
    arithmetic: `${length} x ${shown(unitPrice)} ${tariff.currency}/${unit}`,
    ranges: [[period.fromMs, period.toMs]],
  });
}

/**
 * A tax on lines of the same part of the bill. What is charged is its percentage of their rounded amounts, which a reader can
 * check on paper; the exact amount is that of their exact ones.
 */
export function taxLines(part: Part, component: ComponentOf<"tax">, before: readonly Line[]): Line[] {
  const taxed = before.filter(({ component: id, type }) =>
    component.on ? component.on.includes(id) : type !== "feed-in",
  );
  const share = new Money(component.percent).div(100);
  const base = sumOf(taxed.map(({ amount }) => amount));
  const exactBase = sumOf(taxed.map(({ exact }) => exact));
  const line = lineOf(part, component, {
    quantity: base,
    unit: part.tariff.currency,
    unitPrice: share,
    arithmetic: `${component.percent} % of ${shown(base)} ${part.tariff.currency}`,
    on: [...new Set(taxed.map(({ component: id }) => id))],
  });
  return [{ ...line, exact: exactBase.times(share) }];
}
