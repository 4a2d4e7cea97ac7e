import type { DecodedReading } from "../reading.ts";

/** One message, as it reached us, already inflated and decrypted (ingest/ does that before the decoder). */
export interface Message {
  transport: "mqtt" | "http";
  /** MQTT: the topic as the device published it (without our namespace), and the RETAIN flag. */
  topic?: string;
  retain?: boolean;
  /** HTTP: method, path without query, raw query without "?", headers with lower-case names. */
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  /** Server clock at arrival, epoch milliseconds. */
  receivedAtMs: number;
  /** What the user told us about this device (topic pattern, mapping, zone …); absent = defaults. */
  config?: DeviceConfig;
  payload: Uint8Array;
  /** The sender encrypted the message (emoncms): what it must read in the answer as the proof that it was understood. */
  receipt?: string;
}

export type DeviceConfig = Record<string, unknown>;

/** What an HTTP sender gets. */
export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A part of a message that was refused while the rest was good: its reason, and the text it is about. */
export interface Refusal {
  reason: string;
  detail: string;
}

/** The decoder's own memory between messages of one gateway (aliases, announced units). Plain JSON; never mutated. */
export type DecoderState = Record<string, unknown>;

export interface Decoded {
  readings: DecodedReading[];
  /** Present only when it changed; same JSON shape as given. */
  state?: DecoderState;
  /** What an HTTP sender must be told once the readings are committed. Absent: 204, or 400 with the error. */
  response?: HttpAnswer;
  /** The message (or, with readings, a part of it) is refused: one sentence that says what is wrong. */
  error?: string;
  refusals?: Refusal[];
  /**
   * What this message needs and has not come yet ("the birth of plant1/edge-7"), in words for a person. The ingest parks the
   * message durably and decodes it again when this format's state changes. `readings` beside it are what the message says
   * without: taken as they are when nothing comes within seconds. Without readings it waits for days.
   */
  awaits?: string;
  /** What the gateway is to be told over MQTT (Sparkplug's rebirth request, Victron's keepalive). */
  requests?: Request[];
  /** Where the sender numbers its messages. The ingest keeps the last number in memory: as state it would be written each time. */
  sequence?: Sequence;
}

/** A message's number in a row that begins with 0 and starts again at `modulo`. */
export interface Sequence {
  /** Whose row it is. */
  of: string;
  number: number;
  modulo: number;
  /** Begins the row anew: nothing is missing before it. */
  isFirst: boolean;
  /** What is asked when a number is missing. */
  onGap: Request;
}

/** A message to the gateway, on its own topics. The same topic is not sent again within `everyS` seconds. */
export interface Request {
  topic: string;
  payload: string | Uint8Array;
  everyS: number;
}

/**
 * How one wire format is recognised and read. Pure: no I/O, no clock. One file each in this folder, listed in
 * registry.ts; `_blueprint.ts` is the one to copy.
 */
export interface Decoder {
  /** The folder name of its samples: "tasmota". */
  format: string;
  /** Of several that match, the highest priority decodes. 100: own URL or unmistakable topic; 50: typical shape; 1: last resort. */
  priority: number;
  match(message: Message): boolean;
  decode(message: Message, state: DecoderState | undefined): Decoded;
  /**
   * What a gateway of this format must be told while it is connected, whether it says anything or not, by what was remembered of
   * it: one that falls silent without a keepalive would never be heard again.
   */
  greet?(state: DecoderState): Request[];
  /** What this format's HTTP clients expect when the credential is missing or wrong; absent: 401 problem+json. */
  unauthorized?(message: Message): HttpAnswer;
  /** How this format words what went wrong around decoding: 413 too large, 400 not gzip, 429 and 503; absent: problem+json. */
  failure?(message: Message, status: number, sentence: string): HttpAnswer;
}
