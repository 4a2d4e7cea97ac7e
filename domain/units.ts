/**
 * Units: what senders write, and the one canonical unit of each quantity that everything behind the decoders uses.
 * Worked: 1,250 W = 1.25 kW; 48,211,375 Wh = 48,211.375 kWh; 72.5 degF = 22.5 degC; 1 GJ of heat = 277.78 kWh.
 */
import { convert as convertUnit, type Unit } from "convert";
import type { Quantity } from "./channel.ts";

/** How a source unit becomes its canonical one: value x multiply / divide + add. Dividing keeps decimals exact. */
export interface UnitConversion {
  canonical: string;
  multiply: number;
  divide: number;
  add: number;
}

/** Units that the library knows by the same name, under their canonical one. */
const fromLibrary: Readonly<Record<string, readonly Unit[]>> = {
  W: ["W", "kW", "MW", "GW", "mW", "hp"],
  kWh: ["kWh", "Wh", "mWh", "MWh", "GWh", "TWh", "J", "kJ", "MJ", "GJ"],
  m3: ["m3", "L", "mL", "hL", "ft3", "gal"],
  Hz: ["Hz", "kHz", "mHz"],
};

/** The library's temperatures have names of one letter. */
const temperatures: Readonly<Record<string, Unit>> = { degC: "C", degF: "F", K: "K" };

/** Units that exist with the prefixes of SI alone: nothing but a power of ten lies between them. */
const prefixed = ["V", "A", "var", "VA"];
const prefixes: Readonly<Record<string, Fraction>> = {
  "": { multiply: 1, divide: 1 },
  m: { multiply: 1, divide: 1000 },
  k: { multiply: 1000, divide: 1 },
  M: { multiply: 1_000_000, divide: 1 },
};

/** In J: the BTU and the kilocalorie of the International Table (ISO 31-4), the US therm that gas is sold in (NIST SP 811). */
const joules: Readonly<Record<string, number>> = { BTU: 1055.05585262, therm: 105_480_400, kcal: 4186.8 };
const joulesPerKwh = convertUnit(1, "kWh").to("J");

interface Fraction {
  multiply: number;
  divide: number;
}

/** A ratio as a fraction of small numbers where it is one, so that 1,250 Wh are 1.25 kWh and not 1.2500000000000002. */
function fraction(ratio: number): Fraction {
  if (isWhole(1 / ratio)) return { multiply: 1, divide: Math.round(1 / ratio) };
  for (let divide = 1; divide <= 36; divide++)
    if (isWhole(ratio * divide)) return { multiply: Math.round(ratio * divide), divide };
  return { multiply: ratio, divide: 1 };
}

const isWhole = (x: number) => Math.round(x) > 0 && Math.abs(x - Math.round(x)) < 1e-9 * x;

const own = (canonical: string, { multiply, divide }: Fraction, add = 0): UnitConversion => ({
  canonical,
  multiply,
  divide,
  add,
});

function allConversions(): Record<string, UnitConversion> {
  const all: Record<string, UnitConversion> = {};
  for (const [canonical, units] of Object.entries(fromLibrary))
    for (const unit of units)
      all[unit] = own(canonical, fraction(convertUnit(1, unit).to(canonical as Unit) as number));
  for (const [name, joule] of Object.entries(joules)) all[name] = own("kWh", { multiply: joule, divide: joulesPerKwh });
  for (const [name, unit] of Object.entries(temperatures)) {
    const [zero, one] = [convertUnit(0, unit).to("C") as number, convertUnit(1, unit).to("C") as number];
    const ratio = fraction(one - zero);
    // What is left of floating-point noise in the library's own offset is cut: no scale has more than four decimals.
    all[name] = own("degC", ratio, Math.round(zero * ratio.divide * 1e4) / 1e4 / ratio.divide);
  }
  for (const unit of prefixed)
    for (const [prefix, ratio] of Object.entries(prefixes)) all[prefix + unit] = own(unit, ratio);
  return {
    ...all,
    "1": own("1", prefixes[""]!),
    kvarh: own("kvarh", prefixes[""]!),
    varh: own("kvarh", prefixes.m!),
    Mvarh: own("kvarh", prefixes.k!),
    "%": own("%", prefixes[""]!),
    dBm: own("dBm", prefixes[""]!),
    ccf: own("m3", { multiply: convertUnit(100, "ft3").to("m3"), divide: 1 }),
    "m3/h": own("m3/h", prefixes[""]!),
    "imp gal": own("m3", { multiply: 0.00454609, divide: 1 }),
    "BTU/h": own("W", { multiply: joules.BTU!, divide: 3600 }),
    "ft3/h": own("m3/h", { multiply: convertUnit(1, "ft3").to("m3"), divide: 1 }),
    "gal/h": own("m3/h", { multiply: convertUnit(1, "gal").to("m3"), divide: 1 }),
    "L/h": own("m3/h", prefixes.m!),
    "L/min": own("m3/h", { multiply: 60, divide: 1000 }),
    "gal/min": own("m3/h", { multiply: convertUnit(60, "gal").to("m3"), divide: 1 }),
    "currency/kWh": own("currency/kWh", prefixes[""]!),
    "g/kWh": own("g/kWh", prefixes[""]!),
  };
}

/** Every unit that is accepted from outside. */
export const conversions: Readonly<Record<string, UnitConversion>> = allConversions();

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
  liter: "L",
  litre: "L",
  dm3: "L",
  cf: "ft3",
  cuft: "ft3",
  gallon: "gal",
  gallons: "gal",
  btu: "BTU",
  thm: "therm",
  kelvin: "K",
  "m^3/h": "m3/h",
  "l/h": "L/h",
  "l/min": "L/min",
  gpm: "gal/min",
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
