/** The wire formats that are understood. A new one is one file (start from `_blueprint.ts`) and one line in the list. */
import type { Decoded, Decoder, DecoderState, HttpAnswer, Message, Request } from "./device.ts";
import { problem } from "./answer.ts";
import { ahoydtu } from "./ahoydtu.ts";
import { chirpstackV4 } from "./chirpstack-v4.ts";
import { dsmrP1 } from "./dsmr-p1.ts";
import { dsmrReader } from "./dsmr-reader.ts";
import { emonMqtt } from "./emon-mqtt.ts";
import { emoncmsHttp } from "./emoncms-http.ts";
import { esphome } from "./esphome.ts";
import { evcc } from "./evcc.ts";
import { fronius } from "./fronius.ts";
import { genericJson } from "./generic-json.ts";
import { greenButton } from "./green-button.ts";
import { haStatestream } from "./ha-statestream.ts";
import { influxWrite } from "./influx-write.ts";
import { iotawatt } from "./iotawatt.ts";
import { nativeJson } from "./native-json.ts";
import { obisD0 } from "./obis-d0.ts";
import { opendtu } from "./opendtu.ts";
import { shellyGen1 } from "./shelly-gen1.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { smlTasmota } from "./sml-tasmota.ts";
import { solaredge } from "./solaredge.ts";
import { sparkplugB } from "./sparkplug-b.ts";
import { tasmota } from "./tasmota.ts";
import { thingsboard } from "./thingsboard.ts";
import { topicValue } from "./topic-value.ts";
import { ttsV3 } from "./tts-v3.ts";
import { victron } from "./victron.ts";
import { vzlogger } from "./vzlogger.ts";
import { wmbusmeters } from "./wmbusmeters.ts";
import { zigbee2mqtt } from "./zigbee2mqtt.ts";

export const decoders: readonly Decoder[] = [
  ahoydtu,
  chirpstackV4,
  dsmrP1,
  dsmrReader,
  emonMqtt,
  emoncmsHttp,
  esphome,
  evcc,
  fronius,
  genericJson,
  greenButton,
  haStatestream,
  influxWrite,
  iotawatt,
  nativeJson,
  obisD0,
  opendtu,
  shellyGen1,
  shellyGen2,
  smlTasmota,
  solaredge,
  sparkplugB,
  tasmota,
  thingsboard,
  topicValue,
  ttsV3,
  victron,
  vzlogger,
  wmbusmeters,
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
  return { format: decoder.format, ...(decoded.error === undefined ? decoded : inShort(decoded)) };
}

const longestSentence = 1200;

/** What is wrong, without the megabyte that it is wrong in: sentences quote what was sent. */
function inShort(decoded: Decoded): Decoded {
  const short = (text: string): string => (text.length > longestSentence ? `${text.slice(0, longestSentence)}…` : text);
  const { error = "", refusals } = decoded;
  if (!refusals) return { ...decoded, error: short(error) };
  const shortened = refusals.map(({ reason, detail }) => ({ reason: short(reason), detail: short(detail) }));
  return { ...decoded, error: short(error), refusals: shortened };
}

function unknownFormat({ transport, topic, method, path, payload }: Message): DecodedMessage {
  // An empty message clears a retained one, of whatever format it was.
  if (transport === "mqtt" && payload.length === 0) return { format: null, readings: [] };
  const where = transport === "mqtt" ? `topic "${topic ?? ""}"` : `${method ?? "POST"} ${path ?? "/"}`;
  const error = `unknown format: nothing known is sent to ${where} in this shape`;
  const decoded: DecodedMessage = { format: null, readings: [], error };
  return transport === "http" ? { ...decoded, response: problem(404, error) } : decoded;
}

/** What a gateway is to be told while it is connected, by what each format remembers of it. */
export function greetings(states: ReadonlyMap<string, DecoderState>): Request[] {
  return [...states].flatMap(([format, state]) => byFormat.get(format)?.greet?.(state) ?? []);
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
