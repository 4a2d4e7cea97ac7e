import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DecodedReading } from "../reading.ts";
import { defaultAnswer } from "./answer.ts";
import { readable } from "../../ingest/decode.ts";
import type { DecoderState, HttpAnswer, Message } from "./device.ts";
import { decodeMessage, decoders, unauthorizedAnswer } from "./registry.ts";

/** A captured message, and what must come out of it. */
interface Sample {
  title: string;
  transport: "mqtt" | "http";
  topic?: string;
  retain?: boolean;
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  received_at?: string;
  config?: Record<string, unknown>;
  before?: Partial<Sample>[];
  payload: string;
  encoding?: "base64";
  expect: Expected[];
  forbid?: string[];
  expect_error?: string;
  partial?: boolean;
  expect_response?: {
    status: number;
    headers?: Record<string, string>;
    body?: string;
    body_json?: object;
    headers_present?: string[];
  };
  lenient?: string;
}

interface Expected {
  device: string;
  metric: string;
  value: number | boolean | string;
  unit: string | null;
  time: string | null;
  kind: string;
  tags?: Record<string, string>;
  duration_s?: number;
}

const folder = new URL("./fixtures/", import.meta.url);

/** As the ingest hands it to decoders: inflated and decrypted. */
async function messageOf(sample: Sample): Promise<Message> {
  const { topic, retain, method, path, query, headers, config, transport, payload, encoding } = sample;
  const raw = {
    ...{ topic, retain, method, path, query, headers, config, transport },
    receivedAtMs: Date.parse(sample.received_at ?? "2025-03-14T09:30:00Z"),
    payload: new Uint8Array(Buffer.from(payload, encoding ?? "utf8")),
  };
  const read = await readable(raw, { keyOf: async () => ({ key: String(config?.write_apikey) }) });
  expect(read.ok).toBe(true);
  return read.message;
}

async function decode(sample: Sample) {
  const states = new Map<string, DecoderState>();
  const run = (message: Message) => {
    const decoded = decodeMessage(message, (format) => states.get(format));
    if (decoded.state && decoded.format) states.set(decoded.format, decoded.state);
    return decoded;
  };
  for (const earlier of sample.before ?? [])
    run(await messageOf({ ...sample, encoding: undefined, ...earlier } as Sample));
  const message = await messageOf(sample);
  if (sample.config?.credential === "unknown")
    return { readings: [], error: "unauthorized", response: unauthorizedAnswer(message) };
  const decoded = run(message);
  return sample.transport === "http" ? { ...decoded, response: defaultAnswer(decoded) } : decoded;
}

const near = (a: unknown, b: unknown): boolean =>
  a === b ||
  (typeof a === "number" &&
    typeof b === "number" &&
    Math.abs(a - b) <= 1e-6 * Math.max(1e-9, Math.abs(a), Math.abs(b)));

function sameTime(want: string | null, got: number | null, sample: Sample): boolean {
  if (want === null) return got === null || got === Date.parse(sample.received_at ?? "");
  return got !== null && Math.abs(Date.parse(want) - got) <= 1;
}

function matches(want: Expected, got: DecodedReading, sample: Sample): boolean {
  const isSame =
    got.device === want.device && got.metric === want.metric && got.unit === want.unit && got.kind === want.kind;
  if (!isSame || !near(want.value, got.value) || !sameTime(want.time, got.timeMs, sample)) return false;
  if (want.duration_s !== undefined && !near(want.duration_s, got.durationS)) return false;
  return Object.entries(want.tags ?? {}).every(([tag, value]) => got.tags?.[tag] === value);
}

function checkResponse(want: NonNullable<Sample["expect_response"]>, got: HttpAnswer): void {
  expect(got.status).toBe(want.status);
  if (want.body !== undefined) expect(got.body ?? "").toBe(want.body);
  if (want.body_json !== undefined) expect(JSON.parse(got.body ?? "")).toMatchObject(want.body_json);
  if (want.headers !== undefined) expect(got.headers).toMatchObject(want.headers);
  for (const name of want.headers_present ?? []) expect(got.headers).toHaveProperty([name]);
}

const formats = readdirSync(folder);

describe.each(formats)("samples of %s", (format) => {
  const files = readdirSync(new URL(`${format}/`, folder)).filter((file) => file.endsWith(".json"));

  it.each(files)("%s", async (file) => {
    const sample = JSON.parse(readFileSync(new URL(`${format}/${file}`, folder), "utf8")) as Sample;
    const decoded = await decode(sample);
    for (const want of sample.expect) {
      const alike = decoded.readings.filter(({ metric }) => metric === want.metric);
      expect(
        decoded.readings.some((got) => matches(want, got, sample)),
        `${JSON.stringify(want)} in ${JSON.stringify(alike)}`,
      ).toBe(true);
    }
    for (const metric of sample.forbid ?? [])
      expect(decoded.readings.map((reading) => reading.metric)).not.toContain(metric);
    for (const { kind, value } of decoded.readings) if (kind !== "state") expect(value).toSatisfy(Number.isFinite);
    if (sample.expect_error === undefined) expect(decoded.error).toBeUndefined();
    else expect(decoded.error, sample.expect_error).toBeTypeOf("string");
    if (sample.expect_error !== undefined && !sample.partial) expect(decoded.readings).toEqual([]);
    if (sample.expect_response) checkResponse(sample.expect_response, decoded.response!);
  });
});

it("every registered format has samples, and every folder of samples a format", () => {
  // Our own format's messages are in its unit test: nobody else sends it, so there is nothing to capture.
  const registered = decoders.map(({ format }) => format).filter((format) => format !== "native-json");
  expect([...formats].sort()).toEqual(registered.sort());
});
