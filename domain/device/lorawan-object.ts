/**
 * What the codec of a LoRaWAN device made of its bytes: an object of the codec author's own names, nested at will. Each scalar
 * is a reading under its path ({"voltage":{"l1":231.5}} is voltage.l1), its unit unknown; the radio and the battery of the
 * device are beside it, in the network's words.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Refusal } from "./device.ts";
import { isObject, numberOf } from "./payload.ts";
import type { Json } from "./payload.ts";

/** Deeper or more than any codec makes: a hostile payload must not exhaust the stack. */
const deepest = 12;
const mostReadings = 1000;

/** The readings of one uplink while they are gathered. */
export interface Uplink {
  device: string;
  timeMs: number | null;
  tags?: Record<string, string>;
  readings: DecodedReading[];
  refusals: Refusal[];
}

/** Takes every scalar of the codec's object. */
export function takeObject(value: Json | undefined, into: Uplink, path = "", depth = 0): void {
  if (into.readings.length >= mostReadings || value === undefined || depth > deepest) return;
  if (value !== null && typeof value === "object") {
    for (const [key, child] of Object.entries(value))
      takeObject(child as Json, into, path === "" ? key : `${path}.${key}`, depth + 1);
  } else if (path !== "") takeScalar(path, value, into);
}

function takeScalar(metric: string, raw: Json, into: Uplink): void {
  const number = numberOf(raw);
  if (number === "infinite") into.refusals.push({ reason: "not a finite number", detail: metric });
  else if (typeof number === "number" && !isDigitsOfAName(raw)) put(into, metric, number, null, "gauge");
  else if (typeof raw === "boolean" || (typeof raw === "string" && number !== "absent" && number !== "nan"))
    put(into, metric, raw, null, "state");
}

/** "0042" is a serial number, "0.42" and "42" are quantities. */
function isDigitsOfAName(raw: Json): boolean {
  return typeof raw === "string" && /^0\d/.test(raw.trim());
}

/** The signal at the gateway that heard the device best, unless the codec has a metric of this name. */
export function takeSignal(gateways: Json | undefined, into: Uplink): void {
  if (!Array.isArray(gateways) || into.readings.some(({ metric }) => metric === "signal_strength")) return;
  const strengths = gateways.map((gateway) => (isObject(gateway) ? gateway.rssi : undefined));
  // 0 dBm and above are no radio: some servers put 0 where a gateway did not measure.
  const best = Math.max(...strengths.slice(0, mostReadings).filter(isStrength));
  if (Number.isFinite(best)) put(into, "signal_strength", best, "dBm", "gauge");
}

function isStrength(rssi: Json | undefined): rssi is number {
  return typeof rssi === "number" && rssi < 0 && Number.isFinite(rssi);
}

/** Adds one reading of this uplink. */
export function put(
  { device, timeMs, tags, readings }: Uplink,
  metric: string,
  value: number | boolean | string,
  unit: string | null,
  kind: "gauge" | "state",
): void {
  readings.push({ device, metric, value, unit, timeMs, kind, ...(tags && { tags }) });
}

/** What an uplink came to: one bad value does not spoil the rest. */
export function finished({ readings, refusals }: Uplink): Decoded {
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail} is ${refusals[0]!.reason}` };
}

/** An event of a network server that came over HTTP: its JSON begins with one of its own words. */
export function startsWithWord(payload: Uint8Array, word: string): boolean {
  if (payload[0] !== 123 /* { */) return false;
  return new TextDecoder().decode(payload.subarray(0, 2048)).includes(`"${word}"`);
}
