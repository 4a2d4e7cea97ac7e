/**
 * The Protobuf inside Sparkplug B, read into plain metrics and written for the one command that we send.
 * Signed integers travel in unsigned fields: Int32 -1234 is the uint32 4,294,966,062. A 32-bit float 230.1 is kept as 230.1,
 * not as the 230.10000610351562 that the same bits are in 64.
 * Source: eclipse/tahu sparkplug_b/sparkplug_b.proto. Of it, what has no place among readings (DataSet, Template, bytes,
 * property sets within property sets) is not described here, so it is skipped by its length and never built.
 */
import protobuf from "protobufjs/light.js";
import type { Parsed } from "./payload.ts";

/** In version 2 of the language what is 0 or false was sent, and what is absent was not. */
const edition = "proto2";
/** 64-bit values are described as signed, so that small negative ones stay exact; UInt64 is turned back below. */
const root = protobuf.Root.fromJSON({
  nested: {
    PropertyValue: { edition, fields: { isNull: { type: "bool", id: 2 }, stringValue: { type: "string", id: 8 } } },
    PropertySet: {
      edition,
      fields: {
        keys: { rule: "repeated", type: "string", id: 1 },
        values: { rule: "repeated", type: "PropertyValue", id: 2 },
      },
    },
    Metric: {
      edition,
      fields: {
        name: { type: "string", id: 1 },
        alias: { type: "uint64", id: 2 },
        timestamp: { type: "uint64", id: 3 },
        datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 },
        isTransient: { type: "bool", id: 6 },
        isNull: { type: "bool", id: 7 },
        properties: { type: "PropertySet", id: 9 },
        intValue: { type: "uint32", id: 10 },
        longValue: { type: "int64", id: 11 },
        floatValue: { type: "float", id: 12 },
        doubleValue: { type: "double", id: 13 },
        booleanValue: { type: "bool", id: 14 },
        stringValue: { type: "string", id: 15 },
      },
    },
    Payload: {
      edition,
      fields: {
        timestamp: { type: "uint64", id: 1 },
        metrics: { rule: "repeated", type: "Metric", id: 2 },
        seq: { type: "uint64", id: 3 },
      },
    },
  },
});
const payloadType = root.lookupType("Payload");

/** A metric as it is on the wire; 64-bit integers are texts, and what was not sent is absent. */
export interface WireMetric {
  name?: string;
  alias?: string;
  timestamp?: string;
  datatype?: number;
  isHistorical?: boolean;
  isTransient?: boolean;
  isNull?: boolean;
  properties?: { keys?: string[]; values?: { isNull?: boolean; stringValue?: string }[] };
  intValue?: number;
  longValue?: string;
  floatValue?: number;
  doubleValue?: number;
  booleanValue?: boolean;
  stringValue?: string;
}

export interface WirePayload {
  timestamp?: string;
  metrics?: WireMetric[];
  seq?: string;
}

/** Reads the bytes of a payload; the error is a sentence. */
export function readPayload(bytes: Uint8Array): Parsed<WirePayload> {
  try {
    return { ok: true, value: payloadType.toObject(payloadType.decode(bytes), { longs: String }) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, error: `the payload is no whole Sparkplug B Protobuf message: ${why.slice(0, 160)}` };
  }
}

/** The command that makes a node send its births again. */
export function rebirthCommand(timestampMs: number): Uint8Array {
  const metrics = [{ name: "Node Control/Rebirth", timestamp: timestampMs, datatype: boolean, booleanValue: true }];
  return new Uint8Array(payloadType.encode({ timestamp: timestampMs, metrics }).finish());
}

const [uint64, boolean, dateTime] = [8, 11, 13];
/** Width of the signed types: Int8 to Int64 are 1 to 4. */
const signedBits = new Map([
  [1, 8],
  [2, 16],
  [3, 32],
  [4, 64],
]);

/**
 * What a metric says: a number, a truth or a text. Undefined: nothing (null, not-a-number, a date, a table); "invalid": a
 * number that its datatype cannot hold, or no finite one.
 */
export function valueOf(
  metric: WireMetric,
  datatype: number,
): { is: number | boolean | string } | "invalid" | undefined {
  if (metric.isNull || datatype === dateTime) return undefined;
  if (metric.booleanValue !== undefined) return { is: metric.booleanValue };
  if (metric.stringValue !== undefined) return { is: metric.stringValue };
  const number = numberIn(metric, datatype);
  if (number === undefined || Number.isNaN(number)) return undefined;
  if (!Number.isFinite(number)) return "invalid";
  if (datatype !== boolean) return { is: number };
  return number === 0 || number === 1 ? { is: number === 1 } : "invalid";
}

/** Infinite where the datatype cannot hold what was sent. */
function numberIn({ intValue, longValue, floatValue, doubleValue }: WireMetric, datatype: number): number | undefined {
  if (doubleValue !== undefined) return doubleValue;
  if (floatValue !== undefined) return shortest(floatValue);
  if (longValue !== undefined && datatype === uint64) return Number(BigInt.asUintN(64, BigInt(longValue)));
  const integer = longValue === undefined ? intValue : Number(longValue);
  const bits = signedBits.get(datatype);
  return integer === undefined || bits === undefined ? integer : signed(integer, bits);
}

/** Two's complement of `bits`, which encoders pad to their own width or to the 32 bits of the field. */
function signed(integer: number, bits: number): number {
  const limit = 2 ** (bits - 1);
  const readings = [integer, integer - 2 ** bits, integer - 2 ** 32];
  return readings.find((number) => number >= -limit && number < limit) ?? Infinity;
}

/** The shortest decimal that is the same 32-bit float. */
function shortest(float: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const decimal = Number(float.toPrecision(digits));
    if (Math.fround(decimal) === float) return decimal;
  }
  return float;
}
