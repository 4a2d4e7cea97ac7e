import { isoDay } from "../local-time/civil-day.ts";
import type { Bill } from "../tariff/bill.ts";
import { shown } from "../tariff/line.ts";
import { Money } from "../tariff/money.ts";
import type { BillCheck, SupplierItem } from "./bill-check.ts";

/** What a person can do about a difference between the supplier's bill and ours, the largest cause first. */
export interface Advice {
  cause: "energy" | "days" | "rates" | "missing" | "rounding" | "other" | "none";
  /** "The supplier's price for Energy is 0.01 higher: 0.33 instead of 0.32." */
  text: string;
}

/** A difference that is worth a sentence. */
const notable = new Money("0.02");

export function adviceFor(check: BillCheck, items: readonly SupplierItem[], ours: Bill): Advice[] {
  const { split, difference } = check;
  if (difference.abs().lt(notable))
    return [{ cause: "none", text: "The bill agrees with what was measured and with your contract." }];
  const causes = (["rates", "energy", "missing", "days", "other", "rounding"] as const)
    .filter((cause) => split[cause].abs().gte(notable))
    .sort((a, b) => split[b].abs().comparedTo(split[a].abs()));
  return causes.flatMap((cause): Advice[] => {
    if (cause === "rates") return ratesAdvice(items, ours);
    return [{ cause, text: texts[cause](ours, split[cause]) }];
  });
}

const texts = {
  energy: (_: Bill, more: Money) =>
    `The supplier counted ${more.gt(0) ? "more" : "less"} energy than your meter's readings say. Compare the readings printed on the bill with the meter on those days; a reading that the supplier estimated is settled with the next one it reads.`,
  missing: ({ completeness }: Bill) =>
    `${((1 - completeness.covered) * 100).toFixed(1)} % of the time has no data here: what was used then is only on the supplier's bill. Import the missing readings, or enter the meter's value by hand, and this part goes.`,
  days: () =>
    "The supplier charged for another number of days or months. Compare the first and the last day on the bill with the period entered here.",
  other: () =>
    "Something is on one bill only, or an item's amount is not its quantity times its price. Look for the items without a partner below; what belongs to your contract for good, add to its tariff.",
  rounding: () => "Items that are rounded one by one add up to a few cents: nothing to do.",
};

/** For each item whose price differs: by how much, and since when. */
function ratesAdvice(items: readonly SupplierItem[], { lines, period, timezone, currency }: Bill): Advice[] {
  const advice = items.flatMap((item): Advice[] => {
    const own = lines.filter(
      ({ component, rate }) => component === item.component && (item.rate == null || rate === item.rate),
    );
    const [first] = own;
    if (!first || first.unitPrice === null) return [];
    const isTax = first.type === "tax";
    const theirs = isTax ? item.percent : item.unitPrice;
    if (theirs === undefined) return [];
    const prices = own.flatMap(({ unitPrice }) => unitPrice ?? []).map((price) => (isTax ? price.times(100) : price));
    // Where the price changed within the period, either is right.
    if (prices.some((price) => price.equals(theirs))) return [];
    const more = new Money(theirs).minus(prices.at(-1)!);
    const since = first.validFrom === null ? "" : ` (in your contract since ${isoDay(own.at(-1)!.validFrom!)})`;
    const unit = isTax ? "%" : `${currency} per ${first.unit}`;
    const word = more.gt(0) ? "higher" : "lower";
    return [
      {
        cause: "rates",
        text: `The supplier's price for ${item.name} is ${shown(more.abs())} ${unit} ${word}: ${theirs} instead of ${shown(prices.at(-1)!)}${since}. If your contract says so too, enter the new price from the day on which it holds; if not, ask the supplier.`,
      },
    ];
  });
  if (advice.length) return advice;
  const day = dayText(period.fromMs, timezone);
  return [
    { cause: "rates", text: `Prices differ in the period that begins on ${day}: compare them with your contract.` },
  ];
}

const dayText = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "long" }).format(ms);
