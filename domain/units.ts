/**
 * Units: what senders write, and the one canonical unit of each quantity that everything behind the decoders uses.
 * Worked: 1,250 W = 1.25 kW; 48,211,375 Wh = 48,211.375 kWh; 72.5 degF = 22.5 degC; 1 GJ of heat = 277.78 kWh.
 */
import type { Quantity } from "./channel.ts";

/** How a source unit becomes its canonical one: value x multiply / divide + add. Dividing keeps decimals exact. */
export interface UnitConversion {
  canonical: string;
  multiply: number;
  divide: number;
  add: number;
}

const same = (canonical: string): UnitConversion => ({ canonical, multiply: 1, divide: 1, add: 0 });
const times = (canonical: string, multiply: number): UnitConversion => ({ canonical, multiply, divide: 1, add: 0 });
const over = (canonical: string, divide: number): UnitConversion => ({ canonical, multiply: 1, divide, add: 0 });

/**
 * Every unit that is accepted from outside. The ft3 and gal are the international foot and the US gallon, BTU is the one of
 * the International Table, therm the US one that gas is sold in (NIST SP 811); J from 1 kWh = 3.6 MJ.
 */
export const conversions: Readonly<Record<string, UnitConversion>> = {
  W: same("W"),
  kW: times("W", 1000),
  MW: times("W", 1_000_000),
  mW: over("W", 1000),
  kWh: same("kWh"),
  Wh: over("kWh", 1000),
  mWh: over("kWh", 1_000_000),
  MWh: times("kWh", 1000),
  GWh: times("kWh", 1_000_000),
  J: over("kWh", 3_600_000),
  kJ: over("kWh", 3600),
  MJ: over("kWh", 3.6),
  GJ: { canonical: "kWh", multiply: 1000, divide: 3.6, add: 0 },
  BTU: { canonical: "kWh", multiply: 1055.05585262, divide: 3_600_000, add: 0 },
  therm: { canonical: "kWh", multiply: 105_480_400, divide: 3_600_000, add: 0 },
  "BTU/h": { canonical: "W", multiply: 1055.05585262, divide: 3600, add: 0 },
  V: same("V"),
  mV: over("V", 1000),
  kV: times("V", 1000),
  A: same("A"),
  mA: over("A", 1000),
  Hz: same("Hz"),
  "1": same("1"),
  var: same("var"),
  kvar: times("var", 1000),
  VA: same("VA"),
  kVA: times("VA", 1000),
  kvarh: same("kvarh"),
  varh: over("kvarh", 1000),
  degC: same("degC"),
  degF: { canonical: "degC", multiply: 5, divide: 9, add: -160 / 9 },
  K: { canonical: "degC", multiply: 1, divide: 1, add: -273.15 },
  "%": same("%"),
  dBm: same("dBm"),
  m3: same("m3"),
  L: over("m3", 1000),
  ft3: times("m3", 0.028316846592),
  gal: times("m3", 0.003785411784),
  "imp gal": times("m3", 0.00454609),
  "m3/h": same("m3/h"),
  "ft3/h": times("m3/h", 0.028316846592),
  "gal/h": times("m3/h", 0.003785411784),
  "L/h": over("m3/h", 1000),
  "L/min": { canonical: "m3/h", multiply: 60, divide: 1000, add: 0 },
  "currency/kWh": same("currency/kWh"),
  "g/kWh": same("g/kWh"),
};

/** Other spellings of the same units. */
const spellings: Readonly<Record<string, string>> = {
  "°C": "degC",
  "℃": "degC",
  C: "degC",
  celsius: "degC",
  "°F": "degF",
  "℉": "degF",
  F: "degF",
  fahrenheit: "degF",
  "m³": "m3",
  "m^3": "m3",
  "ft³": "ft3",
  "m³/h": "m3/h",
  l: "L",
  VAr: "var",
  VAR: "var",
  kVAr: "kvar",
  kVAR: "kvar",
  kVArh: "kvarh",
  kVARh: "kvarh",
  VArh: "varh",
  watt: "W",
  watts: "W",
  volt: "V",
  volts: "V",
  ampere: "A",
  amps: "A",
  hertz: "Hz",
  percent: "%",
  "gCO2/kWh": "g/kWh",
  "gCO2eq/kWh": "g/kWh",
};

const byName = new Map<string, UnitConversion>(Object.entries(conversions));
for (const [spelling, unit] of Object.entries(spellings)) byName.set(spelling, conversions[unit]!);

/** "KWH" and "kwh" are kWh, but "mw" may be MW or mW: a spelling that two units share is nobody's. */
const byLowerCase = new Map<string, UnitConversion | null>();
for (const [name, conversion] of byName) {
  const lower = name.toLowerCase();
  const known = byLowerCase.get(lower);
  if (known === undefined) byLowerCase.set(lower, conversion);
  else if (known !== null && !sameConversion(known, conversion)) byLowerCase.set(lower, null);
}

function sameConversion(a: UnitConversion, b: UnitConversion): boolean {
  return a.canonical === b.canonical && a.multiply === b.multiply && a.divide === b.divide && a.add === b.add;
}

/** The conversion of a unit as a sender writes it, or undefined when we do not know it or it could be two units. */
export function conversionOf(unit: string): UnitConversion | undefined {
  const name = unit.trim();
  return byName.get(name) ?? byLowerCase.get(name.toLowerCase()) ?? undefined;
}

/**
 * A value in its canonical unit: `toCanonical(1.25, "kW")` is `{value: 1250, unit: "W"}`. Undefined for an unknown
 * unit. A value too large for its canonical unit becomes Infinity: callers refuse what is not finite.
 */
export function toCanonical(value: number, unit: string): { value: number; unit: string } | undefined {
  const conversion = conversionOf(unit);
  return conversion && { value: convert(value, conversion), unit: conversion.canonical };
}

/** Applies a conversion found by `conversionOf`. */
export function convert(value: number, { multiply, divide, add }: UnitConversion): number {
  return add === 0 ? (value * multiply) / divide : (value * multiply) / divide + add;
}

/** The canonical unit of each quantity; null: it has none (a state) or any (custom). */
export const canonicalUnits: Readonly<Record<Quantity, string | null>> = {
  power: "W",
  energy: "kWh",
  voltage: "V",
  current: "A",
  frequency: "Hz",
  power_factor: "1",
  reactive_power: "var",
  reactive_energy: "kvarh",
  apparent_power: "VA",
  temperature: "degC",
  humidity: "%",
  volume: "m3",
  flow: "m3/h",
  state_of_charge: "%",
  battery_level: "%",
  signal_strength: "dBm",
  price: "currency/kWh",
  co2_intensity: "g/kWh",
  state: null,
  custom: null,
};

/** The units a person may choose for a quantity, the canonical one first. Custom: all of them. */
export function unitsFor(quantity: Quantity): string[] {
  if (quantity === "custom") return Object.keys(conversions);
  const canonical = canonicalUnits[quantity];
  if (canonical === null) return [];
  const others = Object.keys(conversions).filter(
    (name) => name !== canonical && conversions[name]!.canonical === canonical,
  );
  return [canonical, ...others];
}
