import { Buffer } from "node:buffer";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { z } from "zod";
import type { DecoderState } from "../domain/device/device.ts";
import type { DecodedMessage } from "../domain/device/registry.ts";
import type { DecodedReading } from "../domain/reading.ts";
import { decodeRaw, refuseUnknownSender, type RawMessage } from "../ingest/decode.ts";

const text = z.string();

const wireMessage = z.object({
  transport: z.enum(["mqtt", "http"]),
  topic: text.optional(),
  retain: z.boolean().optional(),
  method: text.optional(),
  path: text.optional(),
  query: text.optional(),
  headers: z.record(text, text).optional(),
  received_at: text.optional(),
  config: z.record(text, z.unknown()).optional(),
  payload: text.default(""),
  encoding: z.enum(["base64", "utf8", "utf-8"]).optional(),
});

const line = wireMessage.extend({ before: z.array(wireMessage.partial()).default([]) });

type WireMessage = z.infer<typeof wireMessage>;
type Line = z.infer<typeof line>;

export const command = new Command("decode")
  .description(
    "Reads device messages (NDJSON on stdin, one a line) and writes the readings they hold, a line for each.",
  )
  .option("--json", "write NDJSON (the only form there is)")
  .addHelpText(
    "after",
    `
A line in:  {"transport":"mqtt","topic":"tele/plug/SENSOR","payload":"{\\"ENERGY\\":{\\"Power\\":143}}"}
A line out: {"readings":[{"device","metric","value","unit","time","kind"}],"error"?,"response"?}
Keys in: transport, topic, retain | method, path, query, headers; received_at, config, before, payload, encoding ("base64").`,
  )
  .action(decodeLines);

async function decodeLines(): Promise<void> {
  for await (const input of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (input.trim() === "") continue;
    const output = `${JSON.stringify(await decodeLine(input))}\n`;
    if (!process.stdout.write(output)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  }
}

/** One line to its answer. A line that is no message makes the command fail at its end, after all lines are answered. */
async function decodeLine(input: string): Promise<object> {
  let parsed: Line;
  try {
    parsed = line.parse(JSON.parse(input));
  } catch (cause) {
    process.exitCode = 1;
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, " ") : (cause as Error).message;
    return { readings: [], error: `this line is not a message: ${why}` };
  }
  return printable(await decodeAfter(parsed));
}

/** Decodes what came earlier on the same connection first, so that its formats remember what they announced. */
async function decodeAfter({ before, ...message }: Line): Promise<DecodedMessage> {
  const states = new Map<string, DecoderState>();
  for (const earlier of before) await decodeWith(states, { ...inherited(message), ...earlier });
  return decodeWith(states, message);
}

/** An earlier message says only what differs: it came over the same transport, from a device of the same settings. */
function inherited({ transport, received_at, config, encoding: _own, ...rest }: WireMessage): WireMessage {
  const { topic, method, path, query, headers } = rest;
  return { transport, received_at, config, topic, method, path, query, headers, payload: "" };
}

async function decodeWith(states: Map<string, DecoderState>, message: WireMessage): Promise<DecodedMessage> {
  const raw = rawMessage(message);
  if (message.config?.credential === "unknown") return refuseUnknownSender(raw);
  const decoded = await decodeRaw(raw, (format) => states.get(format), { keyOf: keyOf(message) });
  if (decoded.state && decoded.format !== null) states.set(decoded.format, decoded.state);
  return decoded;
}

/** The key of an encrypting sender, as the line's config has it: {"userid": 123, "write_apikey": "…"}. */
const keyOf =
  ({ config }: WireMessage) =>
  async (username: string) => {
    const { userid = username, write_apikey: key } = config ?? {};
    return String(userid) === username && typeof key === "string" ? { key } : null;
  };

function rawMessage({ received_at, payload, encoding, ...message }: WireMessage): RawMessage {
  const at = received_at === undefined ? NaN : Date.parse(received_at);
  const bytes = Buffer.from(payload, encoding === "base64" ? "base64" : "utf8");
  return { ...message, receivedAtMs: Number.isNaN(at) ? Date.now() : at, payload: bytes };
}

function printable({ readings, error, awaits, refusals, response }: DecodedMessage): object {
  const wrong = error ?? (readings.length === 0 && awaits !== undefined ? `waits for ${awaits}` : undefined);
  return {
    readings: readings.map(printableReading),
    ...(wrong === undefined ? {} : { error: wrong }),
    ...(refusals === undefined ? {} : { refusals }),
    ...(response === undefined ? {} : { response }),
  };
}

function printableReading({ device, metric, value, unit, timeMs, kind, tags, durationS }: DecodedReading): object {
  return {
    device,
    metric,
    value,
    unit,
    time: timeMs === null ? null : isoTime(timeMs),
    kind,
    ...(tags === undefined ? {} : { tags }),
    ...(durationS === undefined ? {} : { duration_s: durationS }),
  };
}

/** ISO in UTC with milliseconds, and the microseconds behind them where there are any. */
function isoTime(timeMs: number): string {
  const micros = Math.round((timeMs - Math.floor(timeMs)) * 1000);
  const ms = Math.floor(timeMs) + (micros === 1000 ? 1 : 0);
  const iso = new Date(ms).toISOString();
  return micros % 1000 === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}
