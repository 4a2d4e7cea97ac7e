/**
 * Home Assistant's statestream: <base>/<domain>/<object>/state is the raw state of an entity, its attributes are JSON on
 * sibling topics ("W"), last_updated and last_changed bare texts. The unit is only in the attributes, which come AFTER the
 * first state and are remembered by entity. The metric is the device class ("power"), or "state" where there is none. All
 * is retained, and "unavailable" and "unknown" are states that mean no value.
 * Worked: after unit_of_measurement "kW" and device_class "power", the state -0.8125 is power = -812.5 W.
 * Sources: home-assistant/core components/mqtt_statestream/__init__.py, helpers/entity.py (order of attributes).
 */
import { announcedOf, kindOf, measured, remember } from "./announced.ts";
import type { Announced } from "./announced.ts";
import type { Decoded, Decoder, DecoderState, DeviceConfig, Message } from "./device.ts";
import { baseTopicOf, switchState } from "./gathering.ts";
import { numberOf, parseJson, textOf } from "./payload.ts";

/** Bases that say what they are. Others need config.base_topic: ESPHome's states have the same shape. */
const usualBase = /^(?:.+\/)?(?:home[-_]?assistant|hass|hassio|ha|statestream|ha[-_]statestream)$/i;
const entityPath = /^(?:(.+)\/)?([a-z0-9_]+)\/([a-z0-9_]+)\/([^/]+)$/;

export const haStatestream: Decoder = {
  format: "ha-statestream",
  priority: 85,
  match: isStatestreamTopic,
  decode,
};

interface Entity {
  id: string;
  domain: string;
  attribute: string;
}

/** Attributes that no other format has a topic for, so that any base will do. */
const unmistakable = new Set(["unit_of_measurement", "device_class", "state_class", "friendly_name", "last_updated"]);

/** True for entity topics below a base of Home Assistant, and for its birth message. Discovery (…/config) is not its. */
export function isStatestreamTopic({ topic, config }: Message): boolean {
  if (topic === undefined || topic.endsWith("/config")) return false;
  if (topic === "homeassistant/status") return true;
  const slash = topic.lastIndexOf("/");
  if (slash >= 0 && unmistakable.has(topic.slice(slash + 1))) return entityPath.test(topic);
  const base = entityPath.exec(topic)?.[1];
  if (base === undefined) return false;
  return usualBase.test(base) || base === baseTopicOf(config);
}

function decode({ topic = "", config, payload }: Message, state: DecoderState | undefined): Decoded {
  const entity = entityOf(topic, config);
  if (!entity) return { readings: [] };
  const text = textOf(payload).trim();
  if (entity.attribute === "state") return entityState(entity, unquoted(text), state);
  const said = attributeOf(entity.attribute, text);
  if (!said) return { readings: [] };
  const next = remember(state, entity.id, { ...announcedOf(state, entity.id), ...said });
  return next ? { readings: [], state: next } : { readings: [] };
}

function entityOf(topic: string, config: DeviceConfig | undefined): Entity | undefined {
  const base = baseTopicOf(config);
  const path = base !== undefined && topic.startsWith(`${base}/`) ? topic.slice(base.length + 1) : topic;
  const match = entityPath.exec(path);
  return match ? { id: `${match[2]!}.${match[3]!}`, domain: match[2]!, attribute: match[4]! } : undefined;
}

/** What an attribute says that matters here: its word, or that it is the last one (friendly_name). */
function attributeOf(name: string, text: string): Announced | undefined {
  if (name === "friendly_name") return { isComplete: true };
  const word = unquoted(text);
  if (numberOf(word) === "absent") return undefined;
  if (name === "unit_of_measurement") return { unit: word };
  if (name === "device_class") return { deviceClass: word };
  return name === "state_class" ? { stateClass: word } : undefined;
}

/** Attributes are JSON texts; the documents say that states are too, but the code sends them bare. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const parsed = parseJson(text);
  return parsed.ok && typeof parsed.value === "string" ? parsed.value.trim() : text;
}

/** Domains whose state is the time of something that happened: no state that lasts. */
const momentary = new Set(["button", "event", "scene", "input_button", "image", "update"]);

function entityState({ id, domain }: Entity, text: string, state: DecoderState | undefined): Decoded {
  const number = numberOf(text);
  if (number === "infinite") return { readings: [], error: `the state of ${id} is not a finite number` };
  if (typeof number === "number") return numeric(id, number, announcedOf(state, id));
  const isTime = announcedOf(state, id)?.deviceClass === "timestamp";
  if (number !== "other" || isTime || momentary.has(domain) || text.length > 100) return { readings: [] };
  const value = switchState(text) ?? text;
  return { readings: [{ device: id, metric: "state", value, unit: null, timeMs: null, kind: "state" }] };
}

function numeric(id: string, number: number, announced: Announced | undefined): Decoded {
  const known = announced ?? {};
  const { value, unit } = measured(number, known);
  if (!Number.isFinite(value)) return { readings: [], error: `the state of ${id} is not a finite number` };
  const { deviceClass } = known;
  const metric = deviceClass ?? "state";
  const readings = [{ device: id, metric, value, unit, timeMs: null, kind: kindOf(known) }];
  // The unit comes before the device class: the metric is settled when the class is there, or the last attribute.
  const isSettled = deviceClass !== undefined || known.isComplete === true;
  return isSettled ? { readings } : { readings, awaits: `the attributes of ${id}` };
}
