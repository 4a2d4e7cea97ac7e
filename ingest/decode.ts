import { defaultAnswer } from "../domain/device/answer.ts";
import type { DecoderState, DeviceConfig, HttpAnswer, Message } from "../domain/device/device.ts";
import { isEncrypted } from "../domain/device/emoncms-request.ts";
import { decodeMessage, failureAnswer, unauthorizedAnswer } from "../domain/device/registry.ts";
import type { DecodedMessage } from "../domain/device/registry.ts";
import { decrypt, inflateParameter, withoutKey, type KeyOf } from "./emoncms-body.ts";
import { inflate, mostInflatedBytes } from "./inflate.ts";

/** A message as it came off the wire: `payload` may still be compressed, header names are in any case. */
export interface RawMessage {
  transport: "mqtt" | "http";
  topic?: string;
  retain?: boolean;
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string | string[] | undefined>;
  receivedAtMs: number;
  config?: DeviceConfig;
  payload: Uint8Array;
}

export type Readable<Sender> =
  | { ok: true; message: Message; sender: Sender | null }
  | { ok: false; message: Message; status: number; error: string; answer: HttpAnswer };

/** How to read a message: the limit of what it may hold, and whose keys open encrypted ones. */
export interface Reading<Sender> {
  limit?: number;
  keyOf?: KeyOf<Sender>;
}

/**
 * The message that decoders take: header names in lower case, the payload inflated and decrypted. `sender`: whom an encrypted
 * message proved to come from. Not ok: too large (413), not what its content-encoding says (400), an unknown encoding (415),
 * or not to be decrypted (401), with the answer in the words of the format.
 */
export async function readable<Sender = object>(
  raw: RawMessage,
  { limit = mostInflatedBytes, keyOf = async () => null }: Reading<Sender> = {},
): Promise<Readable<Sender>> {
  const message = withPlainHeaders(raw);
  const refuse = (status: number, error: string): Readable<Sender> & { ok: false } => {
    return { ok: false, message, status, error, answer: failureAnswer(message, status, error) };
  };
  const inflated = await inflate(raw.payload, message.headers?.["content-encoding"], limit);
  if (!inflated.ok) return refuse(inflated.status, inflated.error);
  const whole = { ...message, payload: inflated.bytes };
  if (!isEncrypted(whole)) {
    const plain = await inflateParameter(whole, limit);
    return plain.ok
      ? { ok: true, message: withoutKey(plain.message), sender: null }
      : refuse(plain.status, plain.error);
  }
  const decrypted = await decrypt(whole, keyOf, limit);
  if (decrypted.ok) return decrypted;
  const bare = { status: 200, headers: { "content-type": "text/plain" }, body: decrypted.error };
  return { ...refuse(401, decrypted.error), answer: bare };
}

function withPlainHeaders({ headers, ...rest }: RawMessage): Message {
  if (!headers) return rest;
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { ...rest, headers: plain };
}

/**
 * Everything from bytes to readings: inflate, decrypt, find the format, decode. Over HTTP `response` is always there: what the sender
 * is told (once the readings are committed). Never throws for what a sender sent.
 */
export async function decodeRaw(
  raw: RawMessage,
  stateOf?: (format: string) => DecoderState | undefined,
  reading: Reading<object> = {},
): Promise<DecodedMessage> {
  const read = await readable(raw, reading);
  if (!read.ok) {
    const refused = { format: null, readings: [], error: read.error };
    return raw.transport === "http" ? { ...refused, response: read.answer } : refused;
  }
  const decoded = decodeMessage(read.message, stateOf);
  return raw.transport === "http" ? { ...decoded, response: defaultAnswer(decoded) } : decoded;
}

/** What a sender gets whose credential is missing or belongs to nobody. */
export function refuseUnknownSender(raw: RawMessage): DecodedMessage {
  const refused: DecodedMessage = {
    format: null,
    readings: [],
    error: "unauthorized: the credential belongs to nobody",
  };
  if (raw.transport === "mqtt") return refused;
  return { ...refused, response: unauthorizedAnswer(withPlainHeaders(raw)) };
}
