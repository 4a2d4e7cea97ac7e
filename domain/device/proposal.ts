/**
 * What the numbers of a payload that nobody knows most likely are, for a person to confirm. Names say most; where they leave the
 * unit open, physics does: volts x amperes tell W from kW, what a register turns in a minute at a known power tells Wh from kWh.
 * Worked: {"p":1.25,"u":230,"i":5.4}: 230 V x 5.4 A = 1,242 W, so p is a power in kW.
 */
import type { Kind, Medium, Quantity } from "../channel.ts";
import { canonicalUnits, conversionOf, convert } from "../units.ts";
import { readFreeName, type FreeName } from "./free-name.ts";
import { isVocabulary, vocabularyWord } from "./vocabulary.ts";

/** One message: its numbers by path, and when it came. */
export interface Sample {
  receivedAtMs: number;
  values: ReadonlyMap<string, number>;
}

export interface Proposal {
  path: string;
  /** Its newest value, as it was sent. */
  value: number;
  /** A word of the vocabulary, or the path itself where nothing is known. */
  metric: string;
  /** The unit that it was sent in; "": not known. */
  unit: string;
  kind: Kind;
  /** said: the name says it; fits: physics says it; guess: it usually is so; unknown. */
  certainty: "said" | "fits" | "guess" | "unknown";
  /** Why, in words for a person. */
  because: string;
}

/** Proposals for every number of the newest sample. `samples`: of the same device, oldest first. */
export function propose(samples: readonly Sample[]): Proposal[] {
  const newest = samples.at(-1);
  if (!newest) return [];
  const found = [...newest.values].map(([path, value]) => named(path, value, samples));
  const proposals = found.map((candidate) => settled(candidate, found, samples));
  return withoutTwins(proposals);
}

interface Candidate {
  path: string;
  value: number;
  quantity: Quantity | null;
  medium: Medium;
  metric: string;
  /** The unit that the name says; null: none. */
  saidUnit: string | null;
  /** From the name, or from a symbol or a magnitude alone. */
  isNamed: boolean;
  because: string;
  rises: boolean;
}

function named(path: string, value: number, samples: readonly Sample[]): Candidate {
  const base = { path, value, rises: isRising(path, samples), medium: "none" as Medium };
  if (isVocabulary(path)) {
    const { quantity } = vocabularyWord(path)!;
    const because = `its name says ${words(quantity)}`;
    return { ...base, quantity, metric: path, saidUnit: null, isNamed: true, because };
  }
  const read = readFreeName(path, { kind: "gauge", unit: null });
  if (read && read.quantity !== "custom") {
    const { quantity, medium, sourceUnit: saidUnit } = read;
    const because = saidUnit === null ? `its name says ${words(quantity)}` : `its name says ${saidUnit}`;
    return { ...base, quantity, medium, metric: metricOf(read), saidUnit, isNamed: true, because };
  }
  const symbol = symbolOf(path, value);
  if (symbol) {
    const because = `“${symbol.letters}” usually stands for ${words(symbol.quantity)}`;
    return {
      ...{ ...base, quantity: symbol.quantity, metric: usualMetric(symbol.quantity) },
      ...{ saidUnit: null, isNamed: false, because },
    };
  }
  const byValue = magnitudes.find(({ from, to }) => value >= from && value <= to);
  if (!byValue) return { ...base, quantity: null, metric: path, saidUnit: null, isNamed: false, because: "" };
  const { quantity, because } = byValue;
  return { ...base, quantity, metric: usualMetric(quantity), saidUnit: null, isNamed: false, because };
}

/** Letters that schematics and scripts use. */
const symbols: ReadonlyMap<string, Quantity> = new Map([
  ["p", "power"],
  ["pwr", "power"],
  ["u", "voltage"],
  ["v", "voltage"],
  ["i", "current"],
  ["a", "current"],
  ["e", "energy"],
  ["kwh", "energy"],
  ["wh", "energy"],
  ["f", "frequency"],
  ["hz", "frequency"],
  ["t", "temperature"],
  ["pf", "power_factor"],
]);

/** The symbol at the end of a name (`flow_t`), or a single letter with what it is of (`P_el`, `U_L1`). */
function symbolOf(path: string, value: number): { letters: string; quantity: Quantity } | null {
  const parts = lastWord(path).split(/[_\s-]+/);
  const tried = [parts.at(-1)!, ...(parts[0]!.length === 1 ? [parts[0]!] : [])];
  for (const letters of tried) {
    const quantity = symbols.get(letters);
    if (quantity && couldBe(quantity, value)) return { letters, quantity };
  }
  return null;
}

/** Values that hardly anything else has. */
const magnitudes: { quantity: Quantity; from: number; to: number; because: string }[] = [
  { quantity: "frequency", from: 49.5, to: 50.5, because: "the mains has 50 Hz" },
  { quantity: "frequency", from: 59.5, to: 60.5, because: "the mains has 60 Hz" },
  { quantity: "voltage", from: 215, to: 250, because: "the mains has 230 V" },
  { quantity: "voltage", from: 110, to: 127, because: "the mains has 120 V" },
];

function couldBe(quantity: Quantity, value: number): boolean {
  if (quantity === "voltage") return value >= 1 && value <= 1_000_000;
  if (quantity === "frequency") return value >= 40 && value <= 70_000;
  if (quantity === "temperature") return value > -100 && value < 300;
  if (quantity === "power_factor") return Math.abs(value) <= 100;
  return quantity !== "energy" || value >= 0;
}

/** Units that a quantity may come in when the name does not say, the likeliest first. */
const candidates: Partial<Record<Quantity, readonly string[]>> = {
  power: ["W", "kW"],
  energy: ["kWh", "Wh", "MWh"],
  voltage: ["V", "mV"],
  current: ["A", "mA"],
  frequency: ["Hz", "mHz"],
  temperature: ["degC", "degF"],
  volume: ["m3", "L"],
};

function settled(candidate: Candidate, all: readonly Candidate[], samples: readonly Sample[]): Proposal {
  const { path, value, quantity, metric, saidUnit, because, isNamed, rises } = candidate;
  if (quantity === null) {
    const why = rises ? "it only ever rises: a register, perhaps" : "nothing in its name or value says what it is";
    return { path, value, metric, unit: "", kind: rises ? "counter" : "gauge", certainty: "unknown", because: why };
  }
  const kind = kindOf(quantity);
  if (saidUnit !== null) return { path, value, metric, unit: saidUnit, kind, certainty: "said", because };
  const physical =
    quantity === "power"
      ? powerUnit(candidate, all)
      : quantity === "energy"
        ? energyUnit(candidate, all, samples)
        : null;
  if (physical)
    return {
      path,
      value,
      metric,
      kind,
      certainty: "fits",
      unit: physical.unit,
      because: `${because}; ${physical.because}`,
    };
  const usual = usualUnit(quantity, value);
  const certainty = isNamed && usual.isClear ? "fits" : "guess";
  return {
    path,
    value,
    metric,
    unit: usual.unit,
    kind,
    certainty,
    because: usual.because ? `${because}; ${usual.because}` : because,
  };
}

const kindOf = (quantity: Quantity): Kind =>
  quantity === "energy" || quantity === "reactive_energy" || quantity === "volume" ? "counter" : "gauge";

interface Judged {
  unit: string;
  because: string;
}

/** Between a tenth and one and a half of volts x amperes: power factors are below 1, meters round. */
const near = (value: number, expected: number) =>
  Math.abs(value) >= 0.1 * expected && Math.abs(value) <= 1.5 * expected;

function powerUnit({ path, value }: Candidate, all: readonly Candidate[]): Judged | null {
  const va = voltAmperes(path, all);
  if (va === null || va < 5 || value === 0) return null;
  const unit = candidates.power!.find((name) => near(convert(value, conversionOf(name)!), va));
  return unit ? { unit, because: `volts x amperes make ${Math.round(va)} VA` } : null;
}

/** Of the same part of the payload, all phases together. */
function voltAmperes(path: string, all: readonly Candidate[]): number | null {
  const here = all.filter((other) => parentOf(other.path) === parentOf(path));
  const voltages = here
    .filter(({ quantity }) => quantity === "voltage")
    .map(({ value }) => inCanonical("voltage", value));
  const currents = here
    .filter(({ quantity }) => quantity === "current")
    .map(({ value }) => inCanonical("current", value));
  if (!voltages.length || !currents.length) return null;
  return currents.reduce((sum, current, i) => sum + Math.abs(current) * voltages[Math.min(i, voltages.length - 1)]!, 0);
}

const inCanonical = (quantity: Quantity, value: number): number =>
  convert(value, conversionOf(usualUnit(quantity, value).unit)!);

/** What the register turned between the first and the last sample, against the power meanwhile. */
function energyUnit({ path }: Candidate, all: readonly Candidate[], samples: readonly Sample[]): Judged | null {
  const power = all.find(({ quantity, path: other }) => quantity === "power" && parentOf(other) === parentOf(path));
  const withBoth = samples.filter(({ values }) => values.has(path) && power !== undefined && values.has(power.path));
  const [first, last] = [withBoth[0], withBoth.at(-1)];
  if (!power || !first || !last || last.receivedAtMs - first.receivedAtMs < 30_000) return null;
  const rise = last.values.get(path)! - first.values.get(path)!;
  if (rise <= 0) return null;
  const watts = power.saidUnit ?? powerUnit(power, all)?.unit ?? usualUnit("power", power.value).unit;
  const mean = withBoth.reduce((sum, { values }) => sum + Math.abs(values.get(power.path)!), 0) / withBoth.length;
  const hours = (last.receivedAtMs - first.receivedAtMs) / 3_600_000;
  const expected = (convert(mean, conversionOf(watts)!) * hours) / 1000;
  const unit = candidates.energy!.find((name) => {
    const turned = convert(rise, conversionOf(name)!);
    return turned > 0.3 * expected && turned < 3 * expected;
  });
  return unit ? { unit, because: `at ${Math.round(mean)} ${watts} it would turn about that much` } : null;
}

/** By magnitude alone. `isClear`: another unit would make no sense. */
function usualUnit(quantity: Quantity, value: number): Judged & { isClear: boolean } {
  const size = Math.abs(value);
  const say = (unit: string, because = "", isClear = false) => ({ unit, because, isClear });
  switch (quantity) {
    case "power":
      return size > 0 && size < 30 && !Number.isInteger(value)
        ? say("kW", `${value} W would be very little`)
        : say("W", size >= 100 ? `${value} kW would be very much` : "", size >= 100);
    case "energy":
      return size > 200_000 ? say("Wh", `${value} kWh would be a lifetime's`) : say("kWh");
    case "voltage":
      return size > 2_000 ? say("mV", `${value} V is no mains`, true) : say("V", "", true);
    case "current":
      return size > 1_000 ? say("mA", `${value} A would melt the cable`, true) : say("A", "", size < 200);
    case "frequency":
      return size > 1_000 ? say("mHz", "", true) : say("Hz", "", true);
    case "temperature":
      return size > 60 ? say("degF", `${value} °C would be hot`) : say("degC");
    case "volume":
      return size > 1_000_000 ? say("L", `${value} m³ would be a lifetime's`) : say("m3");
    default:
      return say(canonicalUnits[quantity] ?? "", "", true);
  }
}

function isRising(path: string, samples: readonly Sample[]): boolean {
  const values = samples.flatMap(({ values }) => (values.has(path) ? [values.get(path)!] : []));
  if (values.length < 3 || values.at(-1)! <= values[0]!) return false;
  return values.every((value, i) => i === 0 || value >= values[i - 1]!);
}

const usualDirection = { import: "import", consumption: "consumption" } as const;

/** `readFreeName`'s words as a metric of the vocabulary: grid import energy of phase 2 is `grid.energy.import.l2`. */
function metricOf({ quantity, medium, direction, prefix, phase, period }: FreeName): string {
  const base =
    quantity === "energy" && medium === "electricity" ? energyMetric(direction, period) : usualMetric(quantity, medium);
  const side = quantity === "power" && (direction === "export" || direction === "production") && prefix === null;
  const withSide = side ? `${base}.${direction}` : base;
  return [prefix, withSide, phase].filter(Boolean).join(".");
}

function energyMetric(direction: FreeName["direction"], period: FreeName["period"]): string {
  const name = period === "day" ? "energy.today" : "energy";
  return direction === null || direction === "both" ? `${name}.${usualDirection.import}` : `${name}.${direction}`;
}

function usualMetric(quantity: Quantity, medium: Medium = "electricity"): string {
  if (quantity === "energy") return medium === "heat" ? "heat" : "energy.import";
  if (quantity === "volume") return medium === "gas" ? "gas" : "water";
  if (quantity === "state_of_charge") return "soc";
  if (quantity === "reactive_energy") return "energy_reactive.import";
  return quantity;
}

/** Two values of one payload cannot be the same metric: the later ones are numbered. */
function withoutTwins(proposals: Proposal[]): Proposal[] {
  const taken = new Set<string>();
  return proposals.map((proposal) => {
    let metric = proposal.metric;
    for (let n = 2; taken.has(metric); n++) metric = `${proposal.metric}.${n}`;
    taken.add(metric);
    return { ...proposal, metric };
  });
}

const words = (quantity: Quantity) => quantity.replaceAll("_", " ");
const parentOf = (path: string) => path.split(".").slice(0, -1).join(".");
const lastWord = (path: string) => path.split(".").at(-1)!.toLowerCase();
