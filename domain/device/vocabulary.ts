/**
 * From a metric to a channel: what is measured, in which unit, in which direction, and what it is to its site.
 * `energy.import.l2` is phase l2 of an import register in kWh; `mains.power_kw` (a sender's own name) is a power whose
 * stored value x 1000 is W. The fixed words are here; names that senders chose themselves are read by free-name.ts.
 */
import type { ChannelDefinition, Direction, Kind, Medium, Quantity, Role } from "../channel.ts";
import { canonicalUnits, conversionOf } from "../units.ts";
import { readFreeName, subjectOf } from "./free-name.ts";
import type { Prefix, ReadingWords } from "./free-name.ts";

export type { ReadingWords } from "./free-name.ts";

/** Why a channel is only a part of another: a phase, a tariff register, a DC input, or a register of one period. */
export type Part = "phase" | "tariff" | "input" | "period";

/** A channel's definition, and how it stands to the other channels of its device. */
export interface ChannelWords extends ChannelDefinition {
  /** "l1", "l2", "l3", "n", or null. */
  phase: string | null;
  /** "t1", "t2", or null: the tariff whose hours this register counts. */
  tariff: string | null;
  /** True for what adds up to a total of the same device, or restarts: not primary where that total exists. */
  part: boolean;
  partOf: Part | null;
  /** Channel of a multi-channel device ("ch0", "1"): a flow of its own unless the device gives a total. */
  group: string | null;
  /** What a device with many meters measures here: its tags, and the rest of a free name ("modbus slave_id=1"). */
  scope: string;
  /** The unit that the sender's own name says (`power_kw`), or null. */
  sourceUnit: string | null;
  /** Canonical value = stored raw value x scale + shift. 1 and 0 unless the name says another unit. */
  scale: number;
  shift: number;
}

interface Word {
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  direction: Direction | null;
}

const electric = (quantity: Quantity, kind: Kind, direction: Direction | null = null): Word => ({
  medium: "electricity",
  quantity,
  kind,
  direction,
});

const words: ReadonlyMap<string, Word> = new Map<string, Word>([
  ["power", electric("power", "gauge", "both")],
  ["power.import", electric("power", "gauge", "import")],
  ["power.export", electric("power", "gauge", "export")],
  ["power.production", electric("power", "gauge", "production")],
  ["power.charge", electric("power", "gauge", "charge")],
  ["power.discharge", electric("power", "gauge", "discharge")],
  ["energy", electric("energy", "counter", "import")],
  ["energy.import", electric("energy", "counter", "import")],
  ["energy.export", electric("energy", "counter", "export")],
  ["energy.production", electric("energy", "counter", "production")],
  ["energy.consumption", electric("energy", "counter", "consumption")],
  ["energy.charge", electric("energy", "counter", "charge")],
  ["energy.discharge", electric("energy", "counter", "discharge")],
  ["energy.net", electric("energy", "counter", "both")],
  ["energy_reactive", electric("reactive_energy", "counter")],
  ["energy_reactive.import", electric("reactive_energy", "counter", "import")],
  ["energy_reactive.export", electric("reactive_energy", "counter", "export")],
  ["voltage", electric("voltage", "gauge")],
  ["current", electric("current", "gauge")],
  ["frequency", electric("frequency", "gauge")],
  ["power_factor", electric("power_factor", "gauge")],
  ["apparent_power", electric("apparent_power", "gauge")],
  ["reactive_power", electric("reactive_power", "gauge")],
  ["apparent_power.import", electric("apparent_power", "gauge", "import")],
  ["apparent_power.export", electric("apparent_power", "gauge", "export")],
  ["reactive_power.import", electric("reactive_power", "gauge", "import")],
  ["reactive_power.export", electric("reactive_power", "gauge", "export")],
  ["gas", { medium: "gas", quantity: "volume", kind: "counter", direction: "import" }],
  // Gas that is billed by its heat (therms): its own register, not electricity.
  ["gas.energy", { medium: "gas", quantity: "energy", kind: "counter", direction: "import" }],
  ["water", { medium: "water", quantity: "volume", kind: "counter", direction: "import" }],
  ["heat", { medium: "heat", quantity: "energy", kind: "counter", direction: "import" }],
  // The water that carries the heat, and how fast: what the meter sees beside its register.
  ["heat.power", { medium: "heat", quantity: "power", kind: "gauge", direction: null }],
  ["heat.volume", { medium: "heat", quantity: "volume", kind: "counter", direction: null }],
  ["heat.flow", { medium: "heat", quantity: "flow", kind: "gauge", direction: null }],
  ["water.flow", { medium: "water", quantity: "flow", kind: "gauge", direction: null }],
  ["gas.flow", { medium: "gas", quantity: "flow", kind: "gauge", direction: null }],
  ["soc", { medium: "none", quantity: "state_of_charge", kind: "gauge", direction: null }],
  ["temperature", { medium: "none", quantity: "temperature", kind: "gauge", direction: null }],
  ...["flow", "return", "external", "room", "radiator"].map((place): [string, Word] => [
    `temperature.${place}`,
    { medium: "none", quantity: "temperature", kind: "gauge", direction: null },
  ]),
  ["humidity", { medium: "none", quantity: "humidity", kind: "gauge", direction: null }],
  // The sensor's own battery and radio, for its health: not a site's battery.
  ["battery_level", { medium: "none", quantity: "battery_level", kind: "gauge", direction: null }],
  ["signal_strength", { medium: "none", quantity: "signal_strength", kind: "gauge", direction: null }],
  ["price.feed_in", { medium: "none", quantity: "price", kind: "gauge", direction: null }],
  ["price", { medium: "none", quantity: "price", kind: "gauge", direction: null }],
  ["co2_intensity", { medium: "none", quantity: "co2_intensity", kind: "gauge", direction: null }],
  ["online", { medium: "none", quantity: "state", kind: "state", direction: null }],
  ["relay", { medium: "none", quantity: "state", kind: "state", direction: null }],
]);

/** Metrics to choose from: the words, those that a side is put before, and their phases. */
export const vocabularyMetrics: readonly string[] = [...words.keys()].flatMap((word) => {
  const sides = word === "power" ? ["grid.power", "pv.power", "load.power", "battery.power"] : [];
  const isPerPhase = words.get(word)!.medium === "electricity";
  return [word, ...sides, ...(isPerPhase ? ["l1", "l2", "l3"].map((phase) => `${word}.${phase}`) : [])];
});

const prefixPattern = /^(grid|load|pv|battery)\./;
const periodPattern = /^(energy|gas|water|heat)\.(today|hour|day|week|month|year|session)(?=\.|$)/;
/** The same behind its word: `energy.production.today`, `gas.month`. */
const periodSuffix = /^((?:energy|gas|water|heat)(?:\.\w+)?)\.(today|hour|day|week|month|year|session)$/;

interface NameParts {
  prefix: Prefix | null;
  base: string;
  phase: string | null;
  tariff: string | null;
  group: string | null;
  partOf: Part | null;
  restartsDaily: boolean;
}

/** Takes a metric apart: `grid.energy.today.l1` is prefix grid, base energy, phase l1, a register that restarts daily. */
function takeApart(metric: string): NameParts {
  const parts: NameParts = {
    prefix: null,
    base: metric,
    phase: null,
    tariff: null,
    group: null,
    partOf: null,
    restartsDaily: false,
  };
  const prefix = prefixPattern.exec(metric);
  if (prefix) {
    parts.prefix = prefix[1] as Prefix;
    parts.base = metric.slice(prefix[0].length);
  }
  for (let dot = parts.base.lastIndexOf("."); dot > 0; dot = parts.base.lastIndexOf(".")) {
    const suffix = parts.base.slice(dot + 1);
    const rest = parts.base.slice(0, dot);
    if (!takeSuffix(parts, suffix) && !(words.has(rest) && takeEndpoint(parts, suffix))) break;
    parts.base = rest;
  }
  const period = periodPattern.exec(parts.base) ?? periodSuffix.exec(parts.base);
  if (period) {
    parts.base = period[1]! + parts.base.slice(period[0].length);
    parts.restartsDaily = period[2] === "today" || period[2] === "day";
    parts.partOf ??= "period";
  }
  return parts;
}

function takeSuffix(parts: NameParts, suffix: string): boolean {
  if (/^(l[123]|n)$/.test(suffix)) {
    parts.phase = suffix;
    parts.partOf ??= "phase";
  } else if (/^t\d$/.test(suffix)) {
    parts.tariff = suffix;
    parts.partOf = "tariff";
  } else if (/^dc\d+$/.test(suffix)) {
    parts.group = suffix;
    parts.partOf = "input";
  } else if (/^(ch)?\d+$/.test(suffix)) parts.group = suffix;
  else return false;
  return true;
}

/** Names that are suffixes only behind a word: the sum of the DC inputs, and the outputs of a Zigbee device. */
function takeEndpoint(parts: NameParts, suffix: string): boolean {
  if (suffix === "dc") parts.partOf = "input";
  else if (!/^(l\d{1,2}|ep\d{1,2}|(top|bottom|center)(_(left|right))?|left|right|main|usb)$/.test(suffix)) return false;
  parts.group = suffix;
  return true;
}

/** True when the name is a word of the vocabulary (with or without prefix and suffixes): its unit is then fixed. */
export function isVocabulary(metric: string): boolean {
  return words.has(takeApart(metric).base);
}

/** The fixed words of a metric, or undefined for names that are not of the vocabulary. */
export function vocabularyWord(metric: string): { kind: Kind; unit: string | null; quantity: Quantity } | undefined {
  const word = words.get(takeApart(metric).base);
  return word && { kind: word.kind, unit: canonicalUnits[word.quantity], quantity: word.quantity };
}

/**
 * What channel a metric is. Vocabulary names have their unit and kind from the table; a sender's own name is matched by
 * its words where that is possible, with the canonical unit assumed (`unitAssumed`) unless the name says one; the rest
 * is quantity custom. Never throws: any string is a metric.
 */
export function defineChannel(metric: string, reading: ReadingWords): ChannelWords {
  const parts = takeApart(metric);
  const word = words.get(parts.base);
  if (word) return fromVocabulary(parts, word, reading);
  if (reading.kind === "state") return { ...customChannel(parts, reading), quantity: "state", kind: "state" };
  return fromFreeName(parts, reading);
}

function fromVocabulary(parts: NameParts, word: Word, reading: ReadingWords): ChannelWords {
  const direction = directionUnder(parts.prefix, word.direction);
  const conversion = reading.unit === null ? undefined : conversionOf(reading.unit);
  const unit = canonicalUnits[word.quantity];
  const scale = conversion?.canonical === unit && conversion.add === 0 ? conversion.multiply / conversion.divide : 1;
  return {
    medium: word.medium,
    quantity: word.quantity,
    // A register stays one even if its row says gauge; only a delta (energy of one interval) is truly something else.
    kind: word.kind === "counter" && reading.kind === "delta" ? "delta" : word.kind,
    unit,
    direction,
    role: parts.base === "energy.net" ? "none" : roleOf(parts.prefix, word.quantity, direction, word.medium),
    unitAssumed: reading.unit === null && unit !== null,
    restartsDaily: parts.restartsDaily,
    phase: parts.phase,
    tariff: parts.tariff,
    part: parts.partOf !== null,
    partOf: parts.partOf,
    group: parts.group,
    scope: scopeOf("", reading.tags),
    sourceUnit: scale === 1 ? null : reading.unit,
    scale,
    shift: 0,
  };
}

function customChannel(parts: NameParts, reading: ReadingWords): ChannelWords {
  return {
    medium: "none",
    quantity: "custom",
    kind: "gauge",
    unit: null,
    direction: null,
    role: "none",
    unitAssumed: false,
    restartsDaily: false,
    phase: parts.phase,
    tariff: parts.tariff,
    part: parts.partOf !== null,
    partOf: parts.partOf,
    group: parts.group,
    scope: scopeOf(parts.base, reading.tags),
    sourceUnit: null,
    scale: 1,
    shift: 0,
  };
}

/** Quantities whose free-format "gauge" is a register that counts up: nobody sends a momentary kWh or m3. */
const registers: ReadonlySet<Quantity> = new Set(["energy", "reactive_energy", "volume"]);

function fromFreeName(parts: NameParts, reading: ReadingWords): ChannelWords {
  const custom = { ...customChannel(parts, reading), kind: reading.kind, unit: reading.unit };
  const prefixed = parts.prefix === null ? parts.base : `${parts.prefix}.${parts.base}`;
  const read = readFreeName(prefixed, reading);
  if (!read) return custom;
  const unit = canonicalUnits[read.quantity];
  const isRegister = registers.has(read.quantity) && reading.kind === "gauge";
  const phase = parts.phase ?? read.phase;
  const partOf = parts.partOf ?? (phase !== null ? "phase" : read.period !== null ? "period" : null);
  const direction = directionUnder(read.prefix, read.direction);
  return {
    ...custom,
    medium: read.medium,
    quantity: read.quantity,
    kind: isRegister ? "counter" : reading.kind,
    unit: read.quantity === "custom" ? read.sourceUnit : unit,
    direction,
    role: roleOf(read.prefix, read.quantity, direction, read.medium),
    unitAssumed: read.sourceUnit === null && unit !== null,
    restartsDaily: read.period === "day",
    phase,
    part: partOf !== null,
    partOf,
    scope: scopeOf(subjectOf(parts.base), reading.tags),
    sourceUnit: read.sourceUnit,
    scale: read.scale,
    shift: read.shift,
  };
}

/** The side that a prefix gives: pv.power is production, battery import is charging, load is consumption. */
function directionUnder(prefix: Prefix | null, direction: Direction | null): Direction | null {
  if (prefix === null || prefix === "grid" || direction === null) return direction;
  if (prefix === "pv") return "production";
  if (prefix === "load") return "consumption";
  if (direction === "import" || direction === "consumption") return "charge";
  if (direction === "export" || direction === "production") return "discharge";
  return direction;
}

/**
 * What a flow most likely is to its site. A plain import or power is a consumer until the device turns out to be the
 * grid meter (`guessDeviceRoles`); a plain export is nothing until then. Gas, water and heat come from outside.
 */
function roleOf(prefix: Prefix | null, quantity: Quantity, direction: Direction | null, medium: Medium): Role {
  if (medium !== "electricity") return direction === "import" ? "grid_import" : "none";
  if (quantity !== "power" && quantity !== "energy") return "none";
  if (direction === "production") return "production";
  if (direction === "discharge") return "battery_discharge";
  if (direction === "charge" || prefix === "battery") return "battery_charge";
  if (prefix === "grid") return direction === "export" ? "grid_export" : "grid_import";
  return direction === "export" ? "none" : "consumer";
}

/** The tags but the phase, which tells parts of one flow apart; an entity's name without the words of its quantity. */
function scopeOf(subject: string, tags: Record<string, string> | undefined): string {
  const pairs: string[] = [];
  for (const tag of Object.keys(tags ?? {}).sort()) {
    if (tag === "phase") continue;
    pairs.push(`${tag}=${tag === "entity_id" ? subjectOf(tags![tag]!) : tags![tag]!}`);
  }
  return [subject, ...pairs].filter((part) => part !== "").join(" ");
}

const inMetric = /[\\{}]/g;
const inTag = /[\\{},=]/g;

/**
 * A channel's key within its device: the metric plus its sorted tags, `mains.power{device=m1,phase=l1}`. Braces, commas,
 * equals signs and backslashes are escaped by a backslash, so two different tag sets never give the same key.
 */
export function channelKey(metric: string, tags?: Record<string, string>): string {
  const name = metric.replace(inMetric, "\\$&");
  const names = tags ? Object.keys(tags) : [];
  if (names.length === 0) return name;
  const pairs = names.sort().map((tag) => `${tag.replace(inTag, "\\$&")}=${tags![tag]!.replace(inTag, "\\$&")}`);
  return `${name}{${pairs.join(",")}}`;
}
