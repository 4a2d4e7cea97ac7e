import { defaultAnswer } from "../domain/device/answer.ts";
import type { DecoderState, DeviceConfig, HttpAnswer, Message } from "../domain/device/device.ts";
import { decodeMessage, failureAnswer, unauthorizedAnswer } from "../domain/device/registry.ts";
import type { DecodedMessage } from "../domain/device/registry.ts";
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

export type Readable =
  { ok: true; message: Message } | { ok: false; message: Message; error: string; answer: HttpAnswer };

/**
 * The message that decoders take: header names in lower case, the payload inflated. Not ok: too large (413), not what its
 * content-encoding says (400) or an unknown encoding (415), with the answer in the words of the format.
 */
export async function readable(raw: RawMessage, limit: number = mostInflatedBytes): Promise<Readable> {
  const message = withPlainHeaders(raw);
  const inflated = await inflate(raw.payload, message.headers?.["content-encoding"], limit);
  if (inflated.ok) return { ok: true, message: { ...message, payload: inflated.bytes } };
  const { error, status } = inflated;
  return { ok: false, message, error, answer: failureAnswer(message, status, error) };
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
 * Everything from bytes to readings: inflate, find the format, decode. Over HTTP `response` is always there: what the sender
 * is told (once the readings are committed). Never throws for what a sender sent.
 */
export async function decodeRaw(
  raw: RawMessage,
  stateOf?: (format: string) => DecoderState | undefined,
  limit?: number,
): Promise<DecodedMessage> {
  const read = await readable(raw, limit);
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
