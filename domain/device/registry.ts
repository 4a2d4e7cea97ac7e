/** The wire formats that are understood. A new one is one file (start from `_blueprint.ts`) and one line in the list. */
import type { Decoded, Decoder, DecoderState, HttpAnswer, Message } from "./device.ts";
import { problem } from "./answer.ts";
import { ahoydtu } from "./ahoydtu.ts";
import { emonMqtt } from "./emon-mqtt.ts";
import { emoncmsHttp } from "./emoncms-http.ts";
import { esphome } from "./esphome.ts";
import { genericJson } from "./generic-json.ts";
import { haStatestream } from "./ha-statestream.ts";
import { influxWrite } from "./influx-write.ts";
import { iotawatt } from "./iotawatt.ts";
import { nativeJson } from "./native-json.ts";
import { opendtu } from "./opendtu.ts";
import { shellyGen1 } from "./shelly-gen1.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { tasmota } from "./tasmota.ts";
import { thingsboard } from "./thingsboard.ts";
import { topicValue } from "./topic-value.ts";
import { zigbee2mqtt } from "./zigbee2mqtt.ts";

export const decoders: readonly Decoder[] = [
  ahoydtu,
  emoncmsHttp,
  emonMqtt,
  esphome,
  genericJson,
  haStatestream,
  influxWrite,
  iotawatt,
  nativeJson,
  opendtu,
  shellyGen1,
  shellyGen2,
  tasmota,
  thingsboard,
  topicValue,
  zigbee2mqtt,
];

const byPriority = [...decoders].sort((a, b) => b.priority - a.priority);
const byFormat = new Map(decoders.map((decoder) => [decoder.format, decoder]));

/** What a message held, and the format that said so; null: no decoder knows it. */
export type DecodedMessage = Decoded & { format: string | null };

/** The decoder of a message: the one that the user named (config.format), else the matching one of highest priority. */
export function decoderOf(message: Message): Decoder | undefined {
  const named = message.config === undefined ? undefined : message.config.format;
  if (typeof named === "string") {
    const chosen = byFormat.get(named);
    if (chosen) return chosen;
  }
  for (const decoder of byPriority) if (decoder.match(message)) return decoder;
  return undefined;
}

/**
 * Reads a message with the decoder that fits it. `stateOf` gives what that format remembers of this gateway; a `state` in
 * the answer replaces it. Never throws: what is wrong comes back as `error`, with `response` where the format's HTTP
 * clients want a special one.
 */
export function decodeMessage(
  message: Message,
  stateOf?: (format: string) => DecoderState | undefined,
): DecodedMessage {
  const decoder = decoderOf(message);
  if (!decoder) return unknownFormat(message);
  const decoded = decoder.decode(message, stateOf?.(decoder.format));
  return { format: decoder.format, ...decoded };
}

function unknownFormat({ transport, topic, method, path }: Message): DecodedMessage {
  const where = transport === "mqtt" ? `topic "${topic ?? ""}"` : `${method ?? "POST"} ${path ?? "/"}`;
  const error = `unknown format: nothing known is sent to ${where} in this shape`;
  const decoded: DecodedMessage = { format: null, readings: [], error };
  return transport === "http" ? { ...decoded, response: problem(404, error) } : decoded;
}

/** What the sender of a message is told whose credential is missing or belongs to nobody, as its format words it. */
export function unauthorizedAnswer(message: Message): HttpAnswer {
  const answer = decoderOf(message)?.unauthorized?.(message);
  return answer ?? problem(401, "unauthorized: the credential is missing or unknown");
}

/** The same for a failure met before or after decoding: too large (413), not gzip (400), too busy (429, 503). */
export function failureAnswer(message: Message, status: number, sentence: string): HttpAnswer {
  return decoderOf(message)?.failure?.(message, status, sentence) ?? problem(status, sentence);
}
