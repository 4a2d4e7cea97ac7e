import { Decimal } from "decimal.js";
import { number, type OracleComponent } from "./bill-oracle-case.ts";
import { rateAt, unitFactor, type OraclePart } from "./bill-oracle-rate.ts";
import { dateOf, type DayRange } from "./bill-oracle-time.ts";

/** Net metering in the bill's oracle: period after period, each rate for itself, the oldest of the bank first. */
export function nettingOf(part: OraclePart, c: OracleComponent): [Decimal, Decimal][] {
  const { components } = part.tariff;
  const before = components.slice(0, components.indexOf(c));
  const netted = before.filter(({ id, type }) => (c.on ? c.on.includes(id) : type === "energy" || type === "levy"));
  return netted.flatMap((component) => setOff(part, c, component));
}

interface Banked {
  kwh: Decimal;
  /** The number of the period in which it was left over. */
  period: number;
}

function setOff(part: OraclePart, c: OracleComponent, netted: OracleComponent): [Decimal, Decimal][] {
  const periods = new Map<string, DayRange>();
  for (const { day } of part.all) {
    const period = part.days.scope(c.every!, day);
    periods.set(period.from, period);
  }
  const rates = new Set(part.all.map((q) => rateAt(part.tariff, netted.price!, q)[0]));
  return [...rates].flatMap((rate) => {
    const lines: [Decimal, Decimal][] = [];
    let bank: Banked[] = [];
    for (const [n, { from, to }] of [...periods.values()].entries()) {
      const isBilled = part.quarters.some(({ day }) => day >= from && day < to);
      const lapsed = bank.filter(({ period }) => c.expiresAfter !== undefined && n - period > c.expiresAfter);
      bank = bank.filter((banked) => !lapsed.includes(banked));
      const lost = lapsed.reduce((sum, { kwh }) => sum.plus(kwh), number(0));
      if (isBilled) lines.push([lost, lost.times(c.expiryPrice ?? 0).negated()]);
      const inside = part.all.filter(
        (q) => q.day >= from && q.day < to && rateAt(part.tariff, netted.price!, q)[0] === rate,
      );
      const factor = unitFactor(part.tariff, netted);
      const sum = (of: "imported" | "exported") =>
        inside.reduce((total, q) => total.plus(q[of]), number(0)).times(factor);
      const taken = sum("imported");
      let credit = sum("exported");
      let open = Decimal.max(0, taken.minus(credit));
      let off = Decimal.min(taken, credit);
      credit = credit.minus(off);
      for (const banked of bank) {
        const used = Decimal.min(banked.kwh, open);
        banked.kwh = banked.kwh.minus(used);
        open = open.minus(used);
        off = off.plus(used);
      }
      if (c.bank !== false) bank.push({ kwh: credit, period: n });
      else if (part.quarters.at(-1)!.day >= dateOf(to).subtract({ days: 1 }).toString())
        lines.push([credit, credit.times(c.expiryPrice ?? 0).negated()]);
      bank = bank.filter(({ kwh }) => kwh.gt(0));
      const example = inside[0] && rateAt(part.tariff, netted.price!, inside[0])[1];
      if (isBilled && example?.kind === "flat") lines.push([off, off.times(example.price).negated()]);
    }
    return lines;
  });
}
