/**
 * Shelly Gen2, 3 and 4: <prefix>/events/rpc (NotifyStatus, NotifyFullStatus), <prefix>/status/<component:id> and
 * <prefix>/online. Energy is Wh on the wire, kWh here. NotifyStatus is a delta: a key that is missing is unchanged.
 * The trap: returned energy is in ret_aenergy and in aenergy too, so import = aenergy - ret_aenergy. 10,000 Wh with 4,000 Wh
 * returned are 6 kWh of import and 4 kWh of export. What was returned is remembered per component for a delta that
 * brings aenergy alone.
 * Sources: shelly-api-docs.shelly.cloud gen2 (Mqtt, Notifications, Switch, Cover, PM1, EM, EMData, EM1, EM1Data).
 */
import type { Decoded, Decoder, DecoderState, Message } from "./device.ts";
import { isObject, parseJson, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";
import { hasRoom, takeComponent } from "./shelly-gen2-components.ts";
import type { ShellyGathering, ShellyState } from "./shelly-gen2-components.ts";

const statusTopic = /^(.+)\/status\/([a-z0-9_]+(?::\d+)?)$/;
/** Parts of a device that have a status topic but measure nothing. */
const unmetered =
  /^(sys|wifi|eth|cloud|mqtt|ble|ws|ui|knx|matter|modbus|bthome|zigbee|plugs_ui|plugpm_ui|plus_rgbwpm|serial|service)$/;

export const shellyGen2: Decoder = {
  format: "shelly-gen2",
  priority: 70,
  match(message) {
    const { topic } = message;
    if (topic === undefined) return false;
    if (topic.endsWith("/events/rpc") || topic.endsWith("/rpc"))
      return topic.endsWith("/events/rpc") || isRpcAnswer(message);
    if (topic.endsWith("/online")) return isOnlinePayload(message.payload);
    return topic.includes("/status/") && componentOf(topic) !== undefined;
  },
  decode,
};

/** "true" or "false", the only two birth and will messages. */
function isOnlinePayload(payload: Uint8Array): boolean {
  return (payload.length === 4 && payload[0] === 116) || (payload.length === 5 && payload[0] === 102);
}

/** An answer to a request over MQTT (`<client>/rpc`): it has a source and a result. */
function isRpcAnswer({ payload }: Message): boolean {
  return payload.length < 65_536 && /^\s*\{.*"src"\s*:\s*"shelly/s.test(textOf(payload));
}

function componentOf(topic: string): { prefix: string; component: string } | undefined {
  const match = statusTopic.exec(topic);
  if (!match) return undefined;
  const component = match[2]!;
  return component.includes(":") || unmetered.test(component) ? { prefix: match[1]!, component } : undefined;
}

function decode(message: Message, given: DecoderState | undefined): Decoded {
  const topic = message.topic ?? "";
  const state = stateFrom(given);
  // An empty retained message only clears the topic.
  if (message.payload.length === 0 && !topic.endsWith("/rpc")) return { readings: [] };
  if (topic.endsWith("/online")) return online(topic.slice(0, -"/online".length), textOf(message.payload), state);
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [], error: "a Shelly message must be a JSON object" };
  const status = componentOf(topic);
  return status ? componentStatus(status, parsed.value, state) : notification(topic, parsed.value, state);
}

function stateFrom(given: DecoderState | undefined): ShellyState {
  const { returnedWh, names } = given ?? {};
  return {
    returnedWh: isObject(returnedWh) ? (returnedWh as Record<string, number>) : {},
    names: isObject(names) ? (names as Record<string, string>) : {},
  };
}

function online(prefix: string, text: string, { names }: ShellyState): Decoded {
  if (text !== "true" && text !== "false") return { readings: [] };
  const device = named(prefix, names);
  return {
    readings: [{ device, metric: "online", value: text === "true", unit: null, timeMs: null, kind: "state" }],
  };
}

/** The prefix is the user's text; the name that the device gave itself under it, where it was heard, wins. */
function named(prefix: string, names: Record<string, string>): string {
  return Object.hasOwn(names, prefix) ? names[prefix]! : prefix;
}

function componentStatus(
  { prefix, component }: { prefix: string; component: string },
  values: JsonObject,
  state: ShellyState,
): Decoded {
  const into: ShellyGathering = {
    device: named(prefix, state.names),
    timeMs: null,
    isFull: true,
    state,
    readings: [],
    refusals: [],
  };
  takeComponent(component, values, into);
  return finished(into, state);
}

function notification(topic: string, body: JsonObject, state: ShellyState): Decoded {
  const { src, method } = body;
  const isAnswer = isObject(body.result);
  const params = isAnswer ? body.result : body.params;
  if (!isAnswer && method !== "NotifyStatus" && method !== "NotifyFullStatus") return { readings: [] };
  if (typeof src !== "string" || src === "")
    return { readings: [], error: `${String(method ?? "the answer")} names no device: a text "src" is expected` };
  if (!isObject(params)) return { readings: [], error: `${String(method)} has no "params" object` };
  const into: ShellyGathering = {
    device: src,
    timeMs: secondsToMs(params.ts),
    isFull: isAnswer || method === "NotifyFullStatus",
    state: topic.endsWith("/events/rpc") ? withName(state, topic.slice(0, -"/events/rpc".length), src) : state,
    readings: [],
    refusals: [],
  };
  for (const component in params) {
    const values = params[component];
    if (isObject(values)) takeComponent(component, values, into);
  }
  return finished(into, state);
}

/** Remembers the device's own name for its other topics, where the prefix is another. */
function withName(state: ShellyState, prefix: string, src: string): ShellyState {
  if (named(prefix, state.names) === src || src.length > 300 || !hasRoom(state.names, prefix)) return state;
  return { ...state, names: { ...state.names, [prefix]: src } };
}

/** Unix seconds with a fraction; a clock that has not been set yet (before 2001) is no time. */
function secondsToMs(ts: unknown): number | null {
  if (typeof ts !== "number" || !(ts >= 1e9) || ts > 1e11) return null;
  return Math.round(ts * 1e6) / 1e3;
}

function finished({ readings, refusals, state }: ShellyGathering, before: ShellyState): Decoded {
  const decoded: Decoded = { readings };
  if (state.returnedWh !== before.returnedWh || state.names !== before.names)
    decoded.state = { returnedWh: state.returnedWh, names: state.names };
  if (refusals.length > 0) {
    decoded.refusals = refusals;
    decoded.error = `${refusals[0]!.detail} is ${refusals[0]!.reason}`;
  }
  return decoded;
}
