/**
 * Zigbee2MQTT: <base>/<friendly name> with the device's state as JSON; the name may hold slashes. With output=attribute each
 * key has a topic of its own, null as an empty message. <name>/availability is the device's will, bridge/state the whole
 * gateway's (JSON, plain text in old versions); the rest of bridge/# is no device, /set and /get are commands. Traps: null
 * until the device has reported; voltage in mV for battery devices; _phase_b and _phase_c make the key without a suffix phase A; some Tuya meters give power
 * without a sign, and its direction as energy_flow. Worked: {"power":350,"energy_flow":"producing"} is power = -350 W.
 * Sources: zigbee2mqtt lib/controller.ts, extension/availability.ts; zigbee-herdsman-converters lib/exposes.ts, tuya.ts.
 */
import type { Decoded, Decoder, DecoderState, DeviceConfig, Message } from "./device.ts";
import { baseTopicOf, finished, gather, switchState, takeState } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, parseJson, textOf } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";
import { fieldOf, isContext, stateKeys, takeField } from "./zigbee2mqtt-keys.ts";

const usualBase = /^(?:.+\/)?zigbee2mqtt[^/]*\//;
const bridgeTopic = /\/bridge\/(?:state|info|devices|groups|logging|event|definitions|extensions|health|converters)$/;

export const zigbee2mqtt: Decoder = {
  format: "zigbee2mqtt",
  priority: 78,
  match({ topic, payload }) {
    if (topic === undefined) return false;
    if (usualBase.test(topic)) return true;
    if (topic.endsWith("/availability")) return availabilityOf(textOf(payload.subarray(0, 100))) !== undefined;
    return bridgeTopic.test(topic) || (!topic.endsWith("/config") && hasLinkQuality(payload));
  },
  decode,
};

/** Under a base of the user's own, a device is known by the key that every Zigbee device has. */
function hasLinkQuality(payload: Uint8Array): boolean {
  return payload[0] === 123 && payload.length < 16_384 && textOf(payload).includes('"linkquality":');
}

function decode(message: Message, state: DecoderState | undefined): Decoded {
  const { topic = "" } = message;
  const path = belowBase(topic, message.config);
  const isBridge = path.startsWith("bridge/") || bridgeTopic.test(topic);
  if (path === "bridge/state" || topic.endsWith("/bridge/state")) return bridgeState(textOf(message.payload));
  if (path === "" || isBridge || /\/(set|get)(\/[^/]+)?$/.test(path)) return { readings: [] };
  const text = textOf(message.payload).trim();
  if (path.endsWith("/availability")) return availability(path.slice(0, -"/availability".length), text);
  // A retained message that was cleared, or an attribute that is null.
  if (text === "") return { readings: [] };
  if (text.startsWith("{")) return deviceState(path, text, message.config);
  const slash = path.lastIndexOf("/");
  if (slash > 0) return attribute(path.slice(0, slash), path.slice(slash + 1), text, state);
  return { readings: [], error: `the state of ${path} must be a JSON object, not ${describe(text)}` };
}

/** The topic after the base: the user's, one that says zigbee2mqtt, else its first part. */
function belowBase(topic: string, config: DeviceConfig | undefined): string {
  const base = baseTopicOf(config);
  if (base !== undefined && topic.startsWith(`${base}/`)) return topic.slice(base.length + 1);
  const usual = usualBase.exec(topic);
  return topic.slice(usual ? usual[0].length : topic.indexOf("/") + 1);
}

/** The will of Zigbee2MQTT itself: when it goes, so does all that it speaks for. It has no name but its credential's. */
function bridgeState(text: string): Decoded {
  return availabilityOf(text) === undefined ? { readings: [] } : availability("@token", text);
}

function availability(device: string, text: string): Decoded {
  const into = gather(device);
  const isOnline = availabilityOf(text);
  if (isOnline !== undefined) takeState(into, "online", isOnline);
  return finished(into);
}

/** `online`, or `{"state":"online"}`. */
function availabilityOf(text: string): boolean | undefined {
  const match = /^\s*(?:\{\s*"state"\s*:\s*)?"?(online|offline)"?\s*(?:\}\s*)?$/.exec(text);
  return match ? match[1] === "online" : undefined;
}

function deviceState(device: string, text: string, config: DeviceConfig | undefined): Decoded {
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [], error: "the state of a device must be a JSON object" };
  const values = parsed.value;
  const into = gather(device, lastSeen(values.last_seen, config));
  for (const key in values) takeKey(into, key, values[key]!, values);
  return finished(into);
}

/** ISO 8601 in UTC, with an offset, or epoch milliseconds. Without it (or before 2001) the message has no time. */
function lastSeen(value: unknown, config: DeviceConfig | undefined): number | null {
  const ms = instantOf(value, config?.timezone);
  return typeof ms === "number" && ms >= 1e12 ? ms : null;
}

/** One key of a device. `context` holds the other keys that say how it is to be read. */
function takeKey(into: Gathering, key: string, value: Json, context: JsonObject): void {
  const relay = /^state(?:_(.+))?$/.exec(key);
  if (relay) return takeSwitch(into, relay[1], value);
  if (stateKeys.has(key) && typeof value === "boolean") return takeState(into, key, value);
  if (key.startsWith("energy_flow") && typeof value === "string" && value.length <= 100)
    return takeState(into, key, value);
  const field = fieldOf(key, context);
  if (field && (typeof value === "number" || typeof value === "string")) takeField(into, field, value);
}

/** ON and OFF are a relay; OPEN, STOP and others a state. */
function takeSwitch(into: Gathering, endpoint: string | undefined, value: Json): void {
  const suffix = endpoint === undefined ? "" : `.${endpoint}`;
  const isOn = switchState(value);
  if (isOn !== undefined) takeState(into, `relay${suffix}`, isOn);
  else if (typeof value === "string" && value.length > 0 && value.length <= 100)
    takeState(into, `state${suffix}`, value);
}

const mostDevices = 2000;
const mostKeys = 30;

/** A key on a topic of its own; what other keys need to be read (energy_flow, battery, phases) is remembered by device. */
function attribute(device: string, key: string, text: string, state: DecoderState | undefined): Decoded {
  const devices = isObject(state?.devices) ? state.devices : {};
  const own = Object.hasOwn(devices, device) ? devices[device] : undefined;
  const known: JsonObject = isObject(own) ? own : {};
  const into = gather(device);
  const isFlag = text === "true" || text === "false";
  takeKey(into, key, isFlag ? text === "true" : text, { ...known, [key]: text });
  const decoded = finished(into);
  const said = key.startsWith("energy_flow") ? text.slice(0, 100) : true;
  if (!isContext(key) || (Object.hasOwn(known, key) && known[key] === said)) return decoded;
  const hasRoom = isObject(own) ? Object.keys(known).length < mostKeys : Object.keys(devices).length < mostDevices;
  if ((!hasRoom && !Object.hasOwn(known, key)) || device.length > 100 || key.length > 100) return decoded;
  return { ...decoded, state: { devices: { ...devices, [device]: { ...known, [key]: said } } } };
}
