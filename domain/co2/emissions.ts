import { ExactProducts, ExactSum, billionths } from "../tariff/exact-sum.ts";
import type { Money } from "../tariff/money.ts";
import { zero } from "../tariff/money.ts";
import type { Period } from "../tariff/scope.ts";
import { indexAt, type Usage } from "../tariff/usage.ts";

/**
 * Emissions in kg CO2: energy x a factor per kWh, constant or from an intensity channel. 100 kWh at 380 g/kWh are 38 kg. Energy
 * that is fed in avoids what the grid would have emitted for it.
 */
export type Co2Factor =
  | { kind: "constant"; gPerKwh: string }
  /** A co2_intensity channel of the usage (`usage.prices` holds it by its name), g/kWh; `fallback` where it has no value. */
  | { kind: "channel"; channel: string; fallback?: string };

export interface Emissions {
  /** kg emitted for the energy taken. */
  importKg: Money;
  /** kg that the energy fed in avoided elsewhere. */
  avoidedKg: Money;
  /** importKg - avoidedKg. */
  netKg: Money;
  /** kWh taken whose factor is known: importKg is theirs. */
  knownKwh: Money;
  /** kWh taken whose factor is not known: they are in none of the figures. */
  unknownKwh: Money;
}

/** @param period on quarter-hours. */
export function emissionsOf(usage: Usage, factor: Co2Factor, period: Period): Emissions {
  const [from, to] = [indexAt(usage, period.fromMs), indexAt(usage, period.toMs)];
  const taken = weigh(usage, usage.imported, factor, { from, to });
  const given = weigh(usage, usage.exported, factor, { from, to });
  return {
    importKg: taken.kg,
    avoidedKg: given.kg,
    netKg: taken.kg.minus(given.kg),
    knownKwh: taken.knownKwh,
    unknownKwh: taken.unknownKwh,
  };
}

function weigh(usage: Usage, energy: Float64Array, factor: Co2Factor, { from, to }: { from: number; to: number }) {
  const known = new ExactSum();
  const fallen = new ExactSum();
  const grams = new ExactProducts();
  const column = factor.kind === "channel" ? usage.prices.get(factor.channel) : undefined;
  for (let i = from; i < to; i++) {
    const intensity = column?.[i] ?? NaN;
    if (Number.isNaN(intensity)) fallen.add(energy[i]!);
    else {
      known.add(energy[i]!);
      grams.add(energy[i]!, billionths(intensity));
    }
  }
  const constant = factor.kind === "constant" ? factor.gPerKwh : factor.fallback;
  const rest = fallen.toMoney();
  const kg = grams
    .toMoney()
    .plus(constant === undefined ? zero : rest.times(constant))
    .div(1000);
  return {
    kg,
    knownKwh: constant === undefined ? known.toMoney() : known.toMoney().plus(rest),
    unknownKwh: constant === undefined ? rest : zero,
  };
}
