/**
 * What an ESPI ReadingType says in numbers, in our words: uom 72 with flowDirection 19 and accumulationBehaviour 4 is
 * energy.export, a delta, in Wh. Value in the unit of uom = value x 10^powerOfTenMultiplier.
 * Source: espi.xsd (UomType, FlowDirectionKind, AccumulationKind, CommodityKind, PhaseCodeKind, DataQualifierKind).
 */
import type { Kind } from "../channel.ts";
import { conversionOf } from "../units.ts";
import type { UnitConversion } from "../units.ts";
import { textIn } from "./green-button-feed.ts";
import type { Element } from "./green-button-feed.ts";

/** How the readings of a type become ours. */
export interface Series {
  metric: string;
  kind: Kind;
  /** 10^exponent, then the conversion; null: a unit that has no canonical one, named in the metric. */
  exponent: number;
  conversion: UnitConversion | null;
  /** Seconds, where the type says how long its intervals are. */
  intervalS: number | null;
}

/** uom -> the unit as units.ts writes it, and what it measures. */
const uoms: ReadonlyMap<number, [unit: string, what: "flow" | "gauge" | "volume" | "heat" | "rate", metric: string]> =
  new Map([
    [5, ["A", "gauge", "current"]],
    [6, ["K", "gauge", "temperature"]],
    [23, ["degC", "gauge", "temperature"]],
    [29, ["V", "gauge", "voltage"]],
    [31, ["J", "heat", "energy"]],
    [33, ["Hz", "gauge", "frequency"]],
    [38, ["W", "flow", "power"]],
    [42, ["m3", "volume", ""]],
    [61, ["VA", "flow", "apparent_power"]],
    [63, ["var", "flow", "reactive_power"]],
    [65, ["1", "gauge", "power_factor"]],
    [71, ["VAh", "flow", "apparent_energy_vah"]],
    [72, ["Wh", "heat", "energy"]],
    [73, ["varh", "flow", "energy_reactive"]],
    [119, ["ft3", "volume", ""]],
    [122, ["ft3/h", "rate", "flow"]],
    [125, ["m3/h", "rate", "flow"]],
    [128, ["gal", "volume", ""]],
    [129, ["gal/h", "rate", "flow"]],
    [130, ["imp gal", "volume", ""]],
    [132, ["BTU", "heat", "energy"]],
    [133, ["BTU/h", "flow", "power"]],
    [134, ["L", "volume", ""]],
    [137, ["L/h", "rate", "flow"]],
    [169, ["therm", "heat", "energy"]],
  ]);

/** Forward is import; the quadrants tell reactive energy apart. Not applicable is read as forward: a meter's usual register. */
const directions: ReadonlyMap<number, string> = new Map([
  [2, "lagging"],
  [3, "leading"],
  [4, "net"],
  [5, "q1q2"],
  [7, "q1q3"],
  [8, "q1q4"],
  [10, "q2q3"],
  [11, "q2q4"],
  [13, "q3q4"],
  [15, "q1"],
  [16, "q2"],
  [17, "q3"],
  [18, "q4"],
  [19, "export"],
  [20, "total"],
  [21, "total"],
]);

/** A, B and C, alone or to neutral. */
const phases: ReadonlyMap<number, string> = new Map([
  [128, ".l1"],
  [129, ".l1"],
  [64, ".l2"],
  [65, ".l2"],
  [32, ".l3"],
  [33, ".l3"],
]);

const media: ReadonlyMap<number, "electricity" | "gas" | "water" | "heat"> = new Map([
  [1, "electricity"],
  [2, "electricity"],
  [7, "gas"],
  [8, "gas"],
  [9, "water"],
  [10, "heat"],
  [11, "water"],
  [12, "heat"],
  [13, "heat"],
]);
/** ServiceCategory.kind of a usage point, for a type that does not say its commodity. */
const services: ReadonlyMap<number, "electricity" | "gas" | "water" | "heat"> = new Map([
  [0, "electricity"],
  [1, "gas"],
  [2, "water"],
  [5, "heat"],
  [6, "heat"],
]);

const qualifiers: ReadonlyMap<number, string> = new Map([
  [8, ".max"],
  [9, ".min"],
]);
const ofMoney = 3;

/**
 * The series of a reading type. A text says why it cannot be read; null: it is money, which is no measurement.
 * `service`: the ServiceCategory.kind of its usage point.
 */
export function seriesOf(type: Element, service: number | undefined): Series | string | null {
  if (numberIn(type, "kind") === ofMoney) return null;
  const uom = numberIn(type, "uom");
  const known = uom === undefined ? undefined : uoms.get(uom);
  if (!known) return `uom ${textIn(type, "uom") ?? "(missing)"} is no known unit`;
  const multiplier = textIn(type, "powerOfTenMultiplier") ?? "0";
  if (!/^[+-]?\d{1,2}$/.test(multiplier) || Math.abs(Number(multiplier)) > 12)
    return `powerOfTenMultiplier "${multiplier.slice(0, 20)}" is no small whole number`;
  const [unit, what, name] = known;
  const medium = media.get(numberIn(type, "commodity") ?? 0) ?? services.get(service ?? -1);
  const direction = directions.get(numberIn(type, "flowDirection") ?? 1) ?? "import";
  const words = { flow: `${name}.${direction}`, gauge: name, heat: heatName(unit, medium, direction) };
  const base = what === "volume" || what === "rate" ? volumeName(medium, what) : words[what];
  const interval = numberIn(type, "intervalLength");
  return {
    metric: plain(base) + suffixOf(type),
    kind: what === "volume" || what === "heat" || name.includes("energy") ? kindOf(type) : "gauge",
    exponent: Number(multiplier),
    conversion: conversionOf(unit) ?? null,
    intervalS: interval !== undefined && interval > 0 ? interval : null,
  };
}

/** Momentary flows of both directions have one signed name: power, not power.net. */
function plain(name: string): string {
  if (name.startsWith("apparent_power") || name.startsWith("reactive_power"))
    return name.replace(/\.(import|net|total)$/, "");
  return name.replace(/^power\.(net|total)$/, "power");
}

/** Energy of gas or heat must not be counted as electricity. BTU and therms without a commodity are never electricity. */
function heatName(unit: string, medium: string | undefined, direction: string): string {
  if (medium === "gas") return "gas.energy";
  const isElectric = medium === "electricity" || (medium === undefined && unit === "Wh");
  return isElectric ? `energy.${direction}` : "heat";
}

function volumeName(medium: string | undefined, what: "volume" | "rate"): string {
  if (what === "volume")
    return medium === "heat" ? "heat.volume" : medium === "electricity" ? "volume" : (medium ?? "volume");
  return medium === undefined || medium === "electricity" ? "flow" : `${medium}.flow`;
}

/** 4 is the amount of each interval; the others, but for "not applicable", are registers as the meter shows them. */
function kindOf(type: Element): Kind {
  const behaviour = numberIn(type, "accumulationBehaviour") ?? 0;
  return behaviour === 0 || behaviour === 4 ? "delta" : "counter";
}

function suffixOf(type: Element): string {
  const tariff = numberIn(type, "tou") ?? 0;
  const phase = phases.get(numberIn(type, "phase") ?? 0) ?? "";
  const qualifier = qualifiers.get(numberIn(type, "dataQualifier") ?? 0) ?? "";
  return `${phase}${tariff > 0 && tariff < 10 ? `.t${tariff}` : ""}${qualifier}`;
}

/** A whole number of an element, undefined for anything else. */
export function numberIn(parent: Element | undefined, name: string): number | undefined {
  const text = textIn(parent, name)?.trim();
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}
