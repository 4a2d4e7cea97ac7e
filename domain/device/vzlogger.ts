/**
 * vzlogger: <topic>/<channel>/raw and agg, a number or {"timestamp": ms, "value": x}. The unit is not in the message: /id has
 * announced the channel's OBIS code, and the protocol (config.protocol) says how the meter prints it: SML counts Wh, D0 kWh. A
 * channel without an id keeps its number, unit unknown. Also its push to a server: {"data":[{"uuid","tuples":[[ms, x]]}]}.
 * Worked: id 1-0:1.8.0 and raw 34507476.100000 with protocol sml is energy.import = 34,507.4761 kWh.
 * Sources: volkszaehler/vzlogger src/mqtt.cpp, src/Obis.cpp, etc/vzlogger.conf.
 */
import type { Decoded, Decoder, DecoderState, Message } from "./device.ts";
import { finished, gather } from "./gathering.ts";
import { obisField, obisOf } from "./obis.ts";
import { describe, isObject, parseJson, textOf, timeOf } from "./payload.ts";
import type { Json } from "./payload.ts";
import { about, gauge, refuse, take } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

/** Channels are named chn0, chn1 … unless the topic says that it is vzlogger's. */
const topicPattern = /^(?<channel>vzlogger(?:\/.+)?\/[^/]+|(?:.+\/)?chn\d+)\/(?<name>raw|agg|id|uuid)$/;
const path = "/ingest/vzlogger";

export const vzlogger: Decoder = {
  format: "vzlogger",
  priority: 85,
  match: (message) => (message.topic === undefined ? message.path === path : topicPattern.test(message.topic)),
  decode,
};

function decode(message: Message, state: DecoderState | undefined): Decoded {
  const { topic, payload, config } = message;
  const text = textOf(payload).trim();
  if (topic === undefined) return pushed(text);
  const groups = topicPattern.exec(topic)?.groups;
  if (!groups || text === "" || groups.name === "uuid") return { readings: [] };
  const channel = groups.channel!;
  if (groups.name === "id") return announced(channel, text, state);
  const ids = membersOf(state, "ids");
  const raws = membersOf(state, "raws");
  // Beside raw values (rawAndAgg) the averages of the same channel would be told twice.
  if (groups.name === "agg" && raws[channel] === true) return { readings: [] };
  const id = ids[channel];
  const decoded = measured(channel, fieldOf(typeof id === "string" ? id : "", groups.name!, config?.protocol), text);
  const isNews = groups.name === "raw" && raws[channel] !== true && Object.keys(raws).length < mostChannels;
  return isNews ? { ...decoded, state: { ids, raws: { ...raws, [channel]: true } } } : decoded;
}

function membersOf(state: DecoderState | undefined, name: "ids" | "raws"): Record<string, Json> {
  const members = state?.[name];
  return isObject(members) ? members : {};
}

/** More channels than this no meter has; a stranger's announcements must not grow the memory without end. */
const mostChannels = 1000;

function announced(channel: string, id: string, state: DecoderState | undefined): Decoded {
  const ids = membersOf(state, "ids");
  if (ids[channel] === id || Object.keys(ids).length >= mostChannels) return { readings: [] };
  return { readings: [], state: { ids: { ...ids, [channel]: id }, raws: membersOf(state, "raws") } };
}

/** What a channel measures. A register's unit is unknown until the protocol is. */
function fieldOf(id: string, name: string, protocol: unknown): Field {
  const obis = obisOf(id);
  const field = obis && obisField(obis);
  if (!field) return gauge(name, null);
  if (field.kind !== "counter" || protocol === "d0") return field;
  if (protocol !== "sml") return { ...field, unit: null };
  return { ...field, unit: field.unit === "kWh" ? "Wh" : "varh" };
}

function measured(channel: string, field: Field, text: string): Decoded {
  const into = gather(channel);
  if (!text.startsWith("{")) {
    take(into, field, text, channel);
    return finished(into);
  }
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [], error: `{"timestamp","value"} is expected` };
  take(about(into, channel, msOf(parsed.value.timestamp)), field, parsed.value.value, channel);
  return finished(into);
}

function msOf(timestamp: Json | undefined): number | null {
  const ms = timeOf(timestamp);
  return typeof ms === "number" ? ms : null;
}

function pushed(text: string): Decoded {
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const data = isObject(parsed.value) ? parsed.value.data : undefined;
  if (!Array.isArray(data)) return { readings: [], error: 'an object {"data":[{"uuid","tuples"}]} is expected' };
  const into = gather("@token");
  for (const channel of data) {
    if (!isObject(channel) || typeof channel.uuid !== "string" || !Array.isArray(channel.tuples)) {
      refuse(into, "an element of data", 'no object {"uuid","tuples"}');
      continue;
    }
    for (const tuple of channel.tuples) {
      if (!Array.isArray(tuple)) refuse(into, "a tuple", `not [ms, value] but ${describe(tuple)}`);
      else take(about(into, channel.uuid, msOf(tuple[0])), gauge("raw", null), tuple[1], "a value");
    }
  }
  return finished(into);
}
