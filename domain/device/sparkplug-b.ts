/**
 * Sparkplug B: spBv1.0/<group>/<type>/<node>[/<device>], Protobuf. Births (NBIRTH, DBIRTH) name every metric with its alias,
 * datatype and properties; data (NDATA, DDATA) may carry the alias alone, so births are remembered. Data that came before
 * its birth waits for it, and the node is asked to repeat it. The traps: a metric's own time goes before the payload's; a
 * late NDEATH of an earlier connection (another bdSeq) is not the end of this one; NDEATH takes the node's devices along.
 * Worked: a birth with alias 10 = Meter/ActivePower in kW, then data with alias 10 = 1.25 is Meter/ActivePower = 1250 W.
 * Sources: eclipse/tahu sparkplug_b.proto; eclipse-sparkplug/sparkplug specification, chapters 4 and 6.
 */
import type { DecodedReading } from "../reading.ts";
import { conversionOf, convert } from "../units.ts";
import type { Decoded, Decoder, DecoderState, Message, Refusal, Request, Sequence } from "./device.ts";
import { numberOf } from "./payload.ts";
import { birthOf, nameOf, newNode, nodesOf, own, reborn, unitIn, withDevice, withNode } from "./sparkplug-births.ts";
import type { Birth, Node, Nodes } from "./sparkplug-births.ts";
import { readPayload, rebirthCommand, valueOf } from "./sparkplug-payload.ts";
import type { WireMetric, WirePayload } from "./sparkplug-payload.ts";

const topicPattern = /^spBv1\.0\/([^/]+)\/([ND](?:BIRTH|DATA|DEATH))\/([^/]+)(?:\/([^/]+))?$/;
/** Commands to a node, and the numbers of its connection: no measurements. */
const unmeasured = /^(Node Control\/|Device Control\/|bdSeq$)/;
/** Nobody counts these down: a metric in one of these units is a register. */
const registerUnits = new Set(["kWh", "kvarh", "m3"]);
const latestMs = 8.64e15;
const longestDevice = 200;
const askAgainS = 30;
/** Messages are numbered from 0 to 255. */
const numbers = 256;

export const sparkplugB: Decoder = {
  format: "sparkplug-b",
  priority: 100,
  match: ({ topic }) => topic?.startsWith("spBv1.0/") === true,
  decode,
};

/** One message with what is known of its node. */
interface Heard {
  nodes: Nodes;
  /** "group/node", and "group/node/device" or the same. */
  nodeName: string;
  device: string;
  deviceName: string | undefined;
  node: Node | undefined;
  payload: WirePayload;
  receivedAtMs: number;
}

function decode(message: Message, state: DecoderState | undefined): Decoded {
  const match = topicPattern.exec(message.topic ?? "");
  const [, group, type = "", nodeId, deviceName] = match ?? [];
  // STATE of a host, commands, and what the specification does not know.
  if (!match || type.startsWith("D") !== (deviceName !== undefined)) return { readings: [] };
  const payload = readPayload(message.payload);
  if (!payload.ok) return { readings: [], error: payload.error };
  const nodes = nodesOf(state);
  const nodeName = `${group}/${nodeId}`;
  const device = deviceName === undefined ? nodeName : `${nodeName}/${deviceName}`;
  if (device.length > longestDevice)
    return { readings: [], error: `group, node and device together have more than ${longestDevice} characters` };
  const node = own(nodes, nodeName);
  const { receivedAtMs } = message;
  const heard = { nodes, nodeName, device, deviceName, node, payload: payload.value, receivedAtMs };
  const sequence = sequenceOf(heard, type);
  const decoded = type.endsWith("BIRTH") ? birth(heard) : type.endsWith("DEATH") ? death(heard) : data(heard);
  return sequence ? { ...decoded, sequence } : decoded;
}

function birth(heard: Heard): Decoded {
  const { nodes, nodeName, device, deviceName, node = newNode, payload } = heard;
  const metrics = payload.metrics ?? [];
  const others = Object.fromEntries(Object.entries(nodes).filter(([name]) => name !== nodeName));
  const born = birthOf(metrics, deviceName === undefined ? others : nodes);
  const after = deviceName === undefined ? reborn(node, born, bdSeqOf(payload)) : withDevice(node, deviceName, born);
  const decoded = readingsOf(heard, born);
  decoded.readings.unshift(online(device, true));
  const state = after && withNode(nodes, nodeName, after);
  if (!state) return { ...decoded, error: `${device} is not remembered: there are too many nodes or devices already` };
  // A birth that says what is known already is no reason to write it again.
  const isSame = JSON.stringify(heard.node) === JSON.stringify(after);
  return isSame ? decoded : { ...decoded, state: { nodes: state } };
}

function death({ nodeName, device, deviceName, node, payload }: Heard): Decoded {
  if (deviceName !== undefined) return { readings: [online(device, false)] };
  const bdSeq = bdSeqOf(payload);
  const isOfEarlierConnection = bdSeq !== null && node !== undefined && node.bdSeq !== null && node.bdSeq !== bdSeq;
  if (isOfEarlierConnection) return { readings: [] };
  const devices = Object.keys(node?.devices ?? {});
  return { readings: [online(nodeName, false), ...devices.map((name) => online(`${nodeName}/${name}`, false))] };
}

function data(heard: Heard): Decoded {
  const { device, deviceName, node, payload } = heard;
  const known = node && (deviceName === undefined ? node : own(node.devices, deviceName));
  const awaited = { awaits: `the birth of ${device}`, requests: [rebirth(heard)] };
  if ((payload.metrics ?? []).some((metric) => isUnknown(metric, known))) return { readings: [], ...awaited };
  const decoded = readingsOf(heard, known);
  // Named, but without the units that its birth gives: taken as it is only if that does not come.
  return known?.isBorn ? decoded : { ...decoded, ...awaited };
}

/** An alias that no birth explains. Where the birth was longer than what is remembered, it could be any of the rest. */
function isUnknown({ name, alias }: WireMetric, known: Birth | undefined): boolean {
  return !name && alias !== undefined && !(known && (known.isCut || Object.hasOwn(known.names, alias)));
}

/** Births and data of a node and its devices are one row, which each birth of the node begins anew. */
function sequenceOf(heard: Heard, type: string): Sequence | undefined {
  const number = Number(heard.payload.seq ?? NaN);
  if (type === "NDEATH" || !(number >= 0 && number < numbers)) return undefined;
  return { of: heard.nodeName, number, modulo: numbers, isFirst: type === "NBIRTH", onGap: rebirth(heard) };
}

function readingsOf({ device, payload }: Heard, known: Birth | undefined): Decoded {
  const readings: DecodedReading[] = [];
  const refusals: Refusal[] = [];
  for (const metric of payload.metrics ?? []) {
    const name = nameOf(metric) ?? (known && metric.alias !== undefined ? own(known.names, metric.alias) : undefined);
    // Transient metrics are, by their flag, not for keeping.
    if (name === undefined || unmeasured.test(name) || metric.isTransient) continue;
    const timeMs = instantOf(metric.timestamp) ?? instantOf(payload.timestamp);
    const reading = readingOf({ device, metric: name, timeMs }, metric, known);
    if (typeof reading === "string") refusals.push({ reason: reading, detail: name });
    else if (reading) readings.push(reading);
  }
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail}: ${refusals[0]!.reason}` };
}

/** One metric as a reading; a text says why it is refused, undefined: it says nothing. */
function readingOf(
  about: Pick<DecodedReading, "device" | "metric" | "timeMs">,
  metric: WireMetric,
  known: Birth | undefined,
): DecodedReading | string | undefined {
  const [datatype, bornUnit] = (known && own(known.metrics, about.metric)) ?? [0, null];
  const value = valueOf(metric, metric.datatype ?? datatype);
  if (value === undefined || (typeof value === "object" && numberOf(value.is) === "absent")) return undefined;
  if (value === "invalid") return "not a finite number that its datatype can hold";
  if (metric.isHistorical && about.timeMs === null) return "a historical value needs its time";
  if (typeof value.is !== "number") return { ...about, value: value.is, unit: null, kind: "state" };
  const said = unitIn(metric) ?? bornUnit;
  const conversion = said === null ? undefined : conversionOf(said);
  if (!conversion) return { ...about, value: value.is, unit: null, kind: "gauge" };
  const inCanonical = convert(value.is, conversion);
  if (!Number.isFinite(inCanonical)) return "too large a number";
  const kind = registerUnits.has(conversion.canonical) ? "counter" : "gauge";
  return { ...about, value: inCanonical, unit: conversion.canonical, kind };
}

/** What asks a node to send its births again. */
function rebirth({ nodeName, receivedAtMs }: Heard): Request {
  const topic = `spBv1.0/${nodeName.replace("/", "/NCMD/")}`;
  return { topic, payload: rebirthCommand(receivedAtMs), everyS: askAgainS };
}

function online(device: string, value: boolean): DecodedReading {
  return { device, metric: "online", value, unit: null, timeMs: null, kind: "state" };
}

function bdSeqOf({ metrics }: WirePayload): string | null {
  const metric = metrics?.find(({ name }) => name === "bdSeq");
  return metric?.longValue ?? metric?.intValue?.toString() ?? null;
}

/** Milliseconds since 1970; 0 and what no clock shows are no time. */
function instantOf(timestamp: string | undefined): number | null {
  const ms = Number(timestamp ?? 0);
  return ms > 0 && ms <= latestMs ? ms : null;
}
