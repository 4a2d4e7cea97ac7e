/**
 * Reads names that senders chose themselves: `modbus.import_energy_kwh` is an import register in kWh, `mains.power` a
 * power whose unit we have to assume, `W.value` (Home Assistant: the measurement is the unit) a power in W. What is not
 * understood is left alone: a wrong guess is worse than a custom channel that a person names.
 */
import type { Direction, Kind, Medium, Quantity } from "../channel.ts";
import { canonicalUnits, conversionOf } from "../units.ts";
import type { UnitConversion } from "../units.ts";

/** What a reading says about its channel beside its name. */
export interface ReadingWords {
  kind: Kind;
  unit: string | null;
  tags?: Record<string, string>;
}

export type Prefix = "grid" | "load" | "pv" | "battery";

export interface FreeName {
  medium: Medium;
  quantity: Quantity;
  direction: Direction | null;
  prefix: Prefix | null;
  phase: string | null;
  period: "day" | "longer" | null;
  /** The unit that the name says, as we write it; null: nothing said, the canonical one is assumed. */
  sourceUnit: string | null;
  scale: number;
  shift: number;
}

/** Words that make a number something else than what was measured: a setting, an extreme, the past, or money. */
const disqualifying = new Set(
  "limit limits max min maximum minimum setpoint target rated nominal forecast predicted yesterday last previous prev cost costs tariff count state status mode time".split(
    " ",
  ),
);

/** How names spell units, at the end of a name. Capitals are lost in names: `_mw` is not read (mW or MW), `_mwh` is MWh. */
const unitWords: Readonly<Record<string, string>> = {
  milliw: "mW",
  milliwh: "mWh",
  kwh: "kWh",
  wh: "Wh",
  mwh: "MWh",
  kw: "kW",
  w: "W",
  watt: "W",
  watts: "W",
  kva: "kVA",
  va: "VA",
  kvar: "kvar",
  var: "var",
  kvarh: "kvarh",
  varh: "varh",
  v: "V",
  volt: "V",
  volts: "V",
  kv: "kV",
  mv: "mV",
  a: "A",
  amp: "A",
  amps: "A",
  ma: "mA",
  hz: "Hz",
  c: "degC",
  degc: "degC",
  celsius: "degC",
  f: "degF",
  degf: "degF",
  fahrenheit: "degF",
  pct: "%",
  percent: "%",
  m3: "m3",
  l: "L",
  gj: "GJ",
  mj: "MJ",
};

/** Reads `metric` (prefix and numeric suffixes already taken off), or undefined when its words say no quantity. */
export function readFreeName(metric: string, reading: ReadingWords): FreeName | undefined {
  const segments = metric.split(".");
  let last = segments.pop()!;
  const context = tokensOf(segments.join("_"));
  if (last === "value" && segments.length > 0) {
    const measurement = segments[segments.length - 1]!;
    const unit = measurementUnit(measurement);
    if (unit) return fromMeasurementUnit(measurement, unit, reading);
    last = measurement;
  }
  const tokens = tokensOf(last);
  if (tokens.length === 0 || tokens.some((token) => disqualifying.has(token))) return undefined;
  return fromTokens(tokens, context, reading);
}

/** Words that say how something is measured, not what: the rest of a name is its subject. */
const measuring = new Set(
  "power energy active apparent reactive factor pf voltage volt volts current frequency freq total sum value import imported export exported returned consumed consumption produced today day daily week weekly month monthly year yearly hour hourly sensor phase temperature temp humidity".split(
    " ",
  ),
);

/** What a free name is about: `modbus.import_energy_kwh` and `modbus.power_total` are both about modbus. */
export function subjectOf(name: string): string {
  const rest = tokensOf(name).filter(
    (token) =>
      !measuring.has(token) && !/^l[123]$/.test(token) && !(token.length > 1 && Object.hasOwn(unitWords, token)),
  );
  while (rest.length > 0 && Object.hasOwn(unitWords, rest[rest.length - 1]!)) rest.pop();
  return rest.join(" ");
}

function fromTokens(tokens: string[], context: string[], reading: ReadingWords): FreeName | undefined {
  const phase = phaseOf(tokens, reading.tags);
  const said = reading.unit === null ? unitOf(tokens) : reading.unit;
  const conversion = said === null ? undefined : conversionOf(said);
  const quantity = quantityOf(tokens, conversion?.canonical ?? null);
  if (quantity === undefined) return undefined;
  const fits = conversion !== undefined && conversion.canonical === canonicalUnits[quantity];
  const medium = mediumOf(quantity, [...context, ...tokens]);
  if (quantity === "volume" && medium === "none") return undefined;
  const all = [...context, ...tokens];
  return {
    medium,
    quantity,
    direction: flows.has(quantity) ? (directionOf(all) ?? defaultDirection(quantity)) : null,
    prefix: medium === "electricity" ? prefixOf(all) : null,
    phase: phase ?? (fits ? null : phaseLetter(tokens)),
    period: periodOf(tokens),
    sourceUnit: fits ? said : null,
    scale: fits ? conversion.multiply / conversion.divide : 1,
    shift: fits ? conversion.add : 0,
  };
}

const flows = new Set<Quantity>(["power", "energy", "reactive_energy", "volume"]);

function defaultDirection(quantity: Quantity): Direction {
  return quantity === "power" ? "both" : "import";
}

/** "importEnergy_kWh" -> import, energy, kwh. The capitals of a unit do not begin a word, and mW is not MW. */
function tokensOf(name: string): string[] {
  return name
    .replace(/(?<![A-Za-z])m(Wh?)(?![A-Za-z])/g, (_, unit: string) => `_milli${unit.toLowerCase()}`)
    .replace(/(?:[kK]|(?<![A-Za-z])m)(?:Wh?|VA[rR]?h?|V|A)(?![a-z])/g, (unit) => `_${unit.toLowerCase()}`)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}%]+/u)
    .filter((token) => token !== "");
}

/** The unit at the end of a name, phases and numbers apart: `power_kw_l1`, but not `voltage_a` (a phase). */
function unitOf(tokens: string[]): string | null {
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    if (/^(l[123]|\d+|total|sum|phase)$/.test(token)) continue;
    return Object.hasOwn(unitWords, token) ? unitWords[token]! : null;
  }
  return null;
}

function quantityOf(tokens: string[], unit: string | null): Quantity | undefined {
  const has = (...names: string[]): boolean => names.some((name) => tokens.includes(name));
  if (has("price")) return "price";
  // Of a sensor: what a site's battery holds is its soc.
  if (has("battery") && tokens.length === 1 && unit === "%") return "battery_level";
  if (has("soc") || (has("charge") && has("state"))) return "state_of_charge";
  if (has("pf", "powerfactor", "cosphi") || (has("power") && has("factor"))) return "power_factor";
  if (has("apparent") || unit === "VA") return has("energy") ? undefined : "apparent_power";
  if (has("reactive") || unit === "var" || unit === "kvarh")
    return has("energy") || unit === "kvarh" ? "reactive_energy" : "reactive_power";
  if (has("temperature", "temp")) return "temperature";
  if (has("humidity")) return "humidity";
  if (has("energy") || unit === "kWh") return "energy";
  if (has("power", "apower") || unit === "W") return "power";
  if (has("voltage", "volt", "volts", "vrms")) return "voltage";
  if (has("frequency", "freq") || unit === "Hz") return "frequency";
  if (has("current", "amps", "irms")) return "current";
  if (unit === "m3" || (tokens.length <= 2 && has("gas", "water") && (tokens.length === 1 || has("total"))))
    return "volume";
  if (has("heat") && tokens.length === 1) return "energy";
  return undefined;
}

function mediumOf(quantity: Quantity, all: string[]): Medium {
  if (quantity === "volume") return all.includes("gas") ? "gas" : all.includes("water") ? "water" : "none";
  // What a heat pump takes is electricity.
  if (quantity === "energy" && all.includes("heat") && !all.includes("pump")) return "heat";
  const bare: Quantity[] = ["temperature", "humidity", "state_of_charge", "battery_level", "price", "custom"];
  return bare.includes(quantity) ? "none" : "electricity";
}

/** Longest first: "discharge" must not be read as "charge". Whole words only. */
const directionWords: [Direction, string[]][] = [
  ["discharge", ["discharge", "discharged", "discharging"]],
  ["charge", ["charge", "charged", "charging"]],
  ["export", ["export", "exported", "returned", "return", "feedin", "feed", "sold", "out", "injection"]],
  ["production", ["production", "produced", "generation", "generated", "yield", "solar", "pv", "inverter"]],
  ["import", ["import", "imported", "bought", "purchased", "in", "forward"]],
  ["consumption", ["consumption", "consumed", "load"]],
];

function directionOf(all: string[]): Direction | null {
  for (const [direction, names] of directionWords) if (names.some((name) => all.includes(name))) return direction;
  return null;
}

function prefixOf(all: string[]): Prefix | null {
  const has = (...names: string[]): boolean => names.some((name) => all.includes(name));
  if (has("battery", "accu", "akku", "ess")) return "battery";
  if (has("grid", "mains", "utility")) return "grid";
  if (has("solar", "pv")) return "pv";
  if (has("load")) return "load";
  return null;
}

function phaseOf(tokens: string[], tags: Record<string, string> | undefined): string | null {
  for (const token of tokens) if (/^l[123]$/.test(token)) return token;
  const at = tokens.indexOf("phase");
  if (at >= 0) {
    const phase = letters[tokens[at + 1] ?? ""];
    if (phase !== undefined) return phase;
  }
  const tag = tags?.phase?.toLowerCase();
  if (tag === undefined) return null;
  return /^l[123]$/.test(tag) ? tag : (letters[tag] ?? null);
}

const letters: Readonly<Record<string, string>> = { a: "l1", b: "l2", c: "l3", "1": "l1", "2": "l2", "3": "l3" };

/** `voltage_b` is phase l2: a letter that fits no unit of the quantity. */
function phaseLetter(tokens: string[]): string | null {
  const token = tokens[tokens.length - 1]!;
  return tokens.length > 1 && /^[abc]$/.test(token) ? letters[token]! : null;
}

function periodOf(tokens: string[]): "day" | "longer" | null {
  if (tokens.some((token) => token === "today" || token === "day" || token === "daily")) return "day";
  return tokens.some((token) => /^(week|month|year|hour)(ly)?$/.test(token)) ? "longer" : null;
}

/** Home Assistant's measurement is the unit, letter for letter: `kWh`, `°C`, `%`. */
function measurementUnit(measurement: string): UnitConversion | undefined {
  if (!/^(m?W|kW|MW|[kM]?Wh|m?V|kV|m?A|Hz|k?VA|k?[vV][aA][rR]h?|°[CF]|%|m³|m3|L|ft³|gal|[MG]J)$/.test(measurement))
    return undefined;
  return conversionOf(measurement);
}

const quantityOfUnit: Readonly<Record<string, Quantity>> = {
  W: "power",
  kWh: "energy",
  V: "voltage",
  A: "current",
  Hz: "frequency",
  VA: "apparent_power",
  var: "reactive_power",
  kvarh: "reactive_energy",
  degC: "temperature",
  m3: "volume",
};

/** The unit is known, the entity's name says the rest: `kWh.value{entity_id=solar_energy_today}`. */
function fromMeasurementUnit(measurement: string, unit: UnitConversion, { tags }: ReadingWords): FreeName | undefined {
  const tokens = tokensOf(tags?.entity_id ?? "");
  const quantity = quantityOfUnit[unit.canonical] ?? percentOf(tokens);
  const medium = mediumOf(quantity, tokens);
  if (quantity === "volume" && medium === "none") return undefined;
  return {
    medium,
    quantity,
    direction: flows.has(quantity) ? (directionOf(tokens) ?? defaultDirection(quantity)) : null,
    prefix: medium === "electricity" ? prefixOf(tokens) : null,
    phase: phaseOf(tokens, tags),
    period: periodOf(tokens),
    sourceUnit: measurement,
    scale: unit.multiply / unit.divide,
    shift: unit.add,
  };
}

function percentOf(tokens: string[]): Quantity {
  if (tokens.includes("humidity")) return "humidity";
  if (tokens.includes("battery") || tokens.includes("soc")) return "state_of_charge";
  return "custom";
}
