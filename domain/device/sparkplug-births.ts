/**
 * What Sparkplug births tell, remembered for the data that follows: which name an alias stands for, and each metric's datatype
 * and unit. A node's birth ends what was known of its devices' metrics: each has to be born again.
 */
import type { DecoderState } from "./device.ts";
import { isObject } from "./payload.ts";
import type { WireMetric } from "./sparkplug-payload.ts";

/** More is not remembered: a hostile gateway would fill the memory and the database. */
const mostNodes = 100;
const mostDevices = 200;
const mostMetrics = 1000;
const mostMetricsInAll = 50_000;
const longestName = 200;
const longestUnit = 40;

/** What a birth said of a metric. */
export type Born = [datatype: number, unit: string | null];

/** The metrics of a node or device. */
export interface Birth {
  /** False: known by name only, since its node was born again. */
  isBorn: boolean;
  /** The birth had more metrics than are remembered: an unknown alias may be one of them. */
  isCut: boolean;
  names: Record<string, string>;
  metrics: Record<string, Born>;
}

export interface Node extends Birth {
  /** The number that ties a death to its birth; null: no birth has said one. */
  bdSeq: string | null;
  devices: Record<string, Birth>;
}

export type Nodes = Readonly<Record<string, Node>>;

const unborn: Birth = { isBorn: false, isCut: false, names: {}, metrics: {} };
export const newNode: Node = { ...unborn, bdSeq: null, devices: {} };

/** What this format returned earlier: only `nodesState` makes it. */
export function nodesOf(state: DecoderState | undefined): Nodes {
  return isObject(state?.nodes) ? (state.nodes as unknown as Nodes) : {};
}

/** The value of an own key: a device may be called "constructor". */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A copy with one key set, "__proto__" too; undefined when that would be one more than `most`. */
function withKey<T>(record: Readonly<Record<string, T>>, key: string, value: T, most: number) {
  const entries = new Map(Object.entries(record)).set(key, value);
  return entries.size > most ? undefined : Object.fromEntries(entries);
}

/** The state with one node replaced; undefined when there are too many nodes. */
export function withNode(nodes: Nodes, name: string, node: Node): Nodes | undefined {
  return withKey(nodes, name, node, mostNodes);
}

/** The node with one device (re)born; undefined when it has too many. */
export function withDevice(node: Node, name: string, birth: Birth): Node | undefined {
  const devices = withKey(node.devices, name, birth, mostDevices);
  return devices && { ...node, devices };
}

/** The node born again: its devices are still known by name, for a death to name them. */
export function reborn(node: Node, birth: Birth, bdSeq: string | null): Node {
  const devices = Object.fromEntries(Object.keys(node.devices).map((name) => [name, unborn]));
  return { ...birth, bdSeq, devices };
}

/** What a birth's metrics say of themselves, as much of it as is remembered beside `nodes`. */
export function birthOf(metrics: readonly WireMetric[], nodes: Nodes): Birth {
  const room = Math.min(mostMetrics, mostMetricsInAll - metricsIn(nodes));
  const names = new Map<string, string>();
  const born = new Map<string, Born>();
  for (const metric of metrics) {
    const name = nameOf(metric);
    if (name === undefined || (born.size >= room && !born.has(name))) continue;
    born.set(name, [metric.datatype ?? 0, unitIn(metric)]);
    if (metric.alias !== undefined && names.size < mostMetrics) names.set(metric.alias, name);
  }
  const isCut = metrics.length > room;
  return { isBorn: true, isCut, names: Object.fromEntries(names), metrics: Object.fromEntries(born) };
}

function metricsIn(nodes: Nodes): number {
  let count = 0;
  for (const node of Object.values(nodes)) {
    count += Object.keys(node.metrics).length;
    for (const device of Object.values(node.devices)) count += Object.keys(device.metrics).length;
  }
  return count;
}

/** The metric's own name, cut where nobody could store it. */
export function nameOf({ name }: WireMetric): string | undefined {
  return name ? name.slice(0, longestName) : undefined;
}

const unitKeys = new Set(["engunit", "engunits", "engineeringunit", "engineeringunits", "unit", "units", "uom"]);

/** The unit among a metric's properties: "engUnit" by custom, in one of its many spellings. */
export function unitIn({ properties }: WireMetric): string | null {
  const { keys = [], values = [] } = properties ?? {};
  const at = keys.findIndex((key) => unitKeys.has(key.toLowerCase().replace(/[^a-z]/g, "")));
  const value = at < 0 ? undefined : values[at];
  return value?.stringValue && !value.isNull ? value.stringValue.slice(0, longestUnit) : null;
}
