/**
 * ESPHome over MQTT: <prefix>/<component>/<object_id>/state with one value, <prefix>/status as its will, <prefix>/debug as its
 * log. The metric is the object's own name; unit and kind are only in the discovery message for Home Assistant
 * (homeassistant/<component>/<node>/<object_id>/config, with short or long keys), which is remembered by state topic.
 * "nan" is a sensor without a value. Discovery messages of others (Zigbee2MQTT, Tasmota) pass through here too: silently.
 * Worked: announced as Wh, total_increasing, the state 5123.7 is the counter total_daily_energy = 5.1237 kWh.
 * Sources: esphome mqtt_component.cpp, mqtt_sensor.cpp, mqtt_const.h; esphome-docs components/mqtt.rst.
 */
import { announcedOf, kindOf, measured, remember } from "./announced.ts";
import type { Announced } from "./announced.ts";
import type { Decoded, Decoder, DecoderState, Message } from "./device.ts";
import { finished, gather, switchState, takeState } from "./gathering.ts";
import { isStatestreamTopic } from "./ha-statestream.ts";
import { isObject, numberOf, parseJson, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";

const components =
  "sensor|binary_sensor|switch|light|number|select|text|text_sensor|lock|cover|fan|climate|button|event|update|valve|alarm_control_panel|date|time|datetime";
const entityTopic = new RegExp(`^(.+)/(${components})/([^/]+)/(?:[^/]+/)?(state|command)$`);
const stateTopic = new RegExp(`^(.+)/(${components})/([^/]+)/state$`);
const discoveryTopic = new RegExp(
  `^(?:.+/)?(${components}|device|device_automation|device_tracker|tag|camera|humidifier|image|siren|vacuum|scene|notify|water_heater|lawn_mower)/(?:([^/]+)/)?([^/]+)/config$`,
);
const statusTopic = /^(.+)\/status$/;
/** "[D][sensor:094]: …", in colour or not. */
const logLine = /^(?:\x1b\[[\d;]*m)?\[[A-Z]{1,2}\]\[/;

export const esphome: Decoder = {
  format: "esphome",
  priority: 40,
  match(message) {
    const { topic, payload } = message;
    if (topic === undefined) return false;
    if (topic.endsWith("/config")) return discoveryTopic.test(topic);
    if (isStatestreamTopic(message)) return false;
    if (topic.endsWith("/status")) return payload.length <= 7 && /^o(n|ff)line$/.test(textOf(payload));
    if (topic.endsWith("/debug")) return logLine.test(textOf(payload.subarray(0, 64)));
    return entityTopic.test(topic);
  },
  decode,
};

function decode(message: Message, state: DecoderState | undefined): Decoded {
  const { topic = "" } = message;
  const text = textOf(message.payload).trim();
  const discovery = discoveryTopic.exec(topic);
  if (discovery) return announcement(discovery, text, state);
  const status = statusTopic.exec(topic);
  if (status) return online(status[1]!, text);
  const entity = stateTopic.exec(topic);
  return entity ? entityState(topic, entity, text, state) : { readings: [] };
}

function online(device: string, text: string): Decoded {
  const into = gather(device);
  if (text === "online" || text === "offline") takeState(into, "online", text === "online");
  return finished(into);
}

/** Keeps what is said about a topic of ESPHome's shape. An empty message takes the announcement back. */
function announcement([, component, node, object]: RegExpExecArray, text: string, state?: DecoderState): Decoded {
  if (text === "") return remembered(state, `${node}/${component}/${object}/state`, null);
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [] };
  const config = parsed.value;
  const topic = withBase(wordOf(config, "stat_t", "state_topic"), config["~"]);
  // A template picks a value out of a JSON message: not ESPHome, whose messages are the value.
  const isOther = wordOf(config, "val_tpl", "value_template") !== undefined;
  if (topic === undefined || isOther || !stateTopic.test(topic)) return { readings: [] };
  return remembered(state, topic, announcedIn(config));
}

function announcedIn(config: JsonObject): Announced {
  const unit = wordOf(config, "unit_of_meas", "unit_of_measurement");
  const deviceClass = wordOf(config, "dev_cla", "device_class");
  const stateClass = wordOf(config, "stat_cla", "state_class");
  return {
    ...(unit !== undefined && { unit }),
    ...(deviceClass !== undefined && { deviceClass }),
    ...(stateClass !== undefined && { stateClass }),
  };
}

function remembered(state: DecoderState | undefined, topic: string, announced: Announced | null): Decoded {
  const next = remember(state, topic, announced);
  return next ? { readings: [], state: next } : { readings: [] };
}

function wordOf(config: JsonObject, short: string, long: string): string | undefined {
  const word = config[short] ?? config[long];
  return typeof word === "string" && word !== "" ? word : undefined;
}

/** "~" at the begin or the end of a topic stands for the base that the same message gives. */
function withBase(topic: string | undefined, base: unknown): string | undefined {
  if (typeof base !== "string" || topic === undefined) return topic;
  if (topic.startsWith("~")) return base + topic.slice(1);
  return topic.endsWith("~") ? topic.slice(0, -1) + base : topic;
}

/** Numbers are readings, ON and OFF and other words states; text sensors are "sensor" in the topic too. */
function entityState(
  topic: string,
  [, device, component, object]: RegExpExecArray,
  text: string,
  state: DecoderState | undefined,
): Decoded {
  const into = gather(device!);
  const isNumeric = component === "sensor" || component === "number";
  const number = isNumeric ? numberOf(text) : "other";
  if (number === "infinite") return { readings: [], error: `${object!} is not a finite number` };
  if (typeof number === "number") return numeric(topic, device!, object!, number, state);
  if (number !== "other") return { readings: [] };
  const said = component === "light" ? lightState(text) : text;
  const isOn = switchState(said);
  if (isOn !== undefined) takeState(into, object!, isOn);
  else if (numberOf(said) === "other" && said.length <= 100) takeState(into, object!, said);
  return finished(into);
}

/** {"state":"ON","brightness":128}: the rest is no measurement. */
function lightState(text: string): string {
  const parsed = parseJson(text);
  return parsed.ok && isObject(parsed.value) && typeof parsed.value.state === "string" ? parsed.value.state : "";
}

function numeric(
  topic: string,
  device: string,
  metric: string,
  number: number,
  state: DecoderState | undefined,
): Decoded {
  const announced = announcedOf(state, topic);
  const { value, unit } = measured(number, announced ?? {});
  if (!Number.isFinite(value)) return { readings: [], error: `${metric} is not a finite number` };
  const kind = kindOf(announced ?? {});
  const readings = [{ device, metric, value, unit, timeMs: null, kind }];
  return announced ? { readings } : { readings, awaits: `the discovery message of ${topic}` };
}
