import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Message } from "../../domain/device/device.ts";
import { decoders } from "../../domain/device/registry.ts";

/** A message that a device really sends, and what it sent before. */
export interface Seed {
  format: string;
  message: Message;
  before: Message[];
}

interface Sample {
  transport: "mqtt" | "http";
  topic?: string;
  retain?: boolean;
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  config?: Record<string, unknown>;
  before?: Partial<Sample>[];
  payload: string;
  encoding?: "base64";
}

const folder = new URL("../../domain/device/fixtures/", import.meta.url);
export const receivedAtMs = Date.parse("2025-03-14T09:30:00Z");

/** Nobody else sends our own format, so it has no recorded messages. */
const native: Sample[] = [
  { transport: "mqtt", topic: "energy/meter", payload: '{"time":"2025-03-14T09:00:00Z","power":1250.5,"voltage":231}' },
  {
    transport: "http",
    method: "POST",
    path: "/api/v1/readings",
    payload:
      '[{"device":"m","metric":"energy.import","value":48211375,"unit":"Wh","time":1741942800},{"device":"m","relay":true}]',
  },
];

/** The recorded messages of every registered format. */
export function seedsOfAll(): Seed[] {
  return decoders.flatMap(({ format }) => samplesOf(format).map((sample) => seedOf(format, sample)));
}

function samplesOf(format: string): Sample[] {
  if (format === "native-json") return native;
  const files = readdirSync(new URL(`${format}/`, folder)).filter((file) => file.endsWith(".json"));
  return files.map((file) => JSON.parse(readFileSync(new URL(`${format}/${file}`, folder), "utf8")) as Sample);
}

function seedOf(format: string, sample: Sample): Seed {
  const before = (sample.before ?? []).map((earlier) => messageOf({ ...sample, encoding: undefined, ...earlier }));
  return { format, message: messageOf(sample), before };
}

function messageOf({
  transport,
  topic,
  retain,
  method,
  path,
  query,
  headers,
  config,
  payload,
  encoding,
}: {
  [K in keyof Sample]: Sample[K] | undefined;
}): Message {
  const bytes = new Uint8Array(Buffer.from(payload ?? "", encoding ?? "utf8"));
  const isZipped = headers?.["content-encoding"] === "gzip";
  const given = { topic, retain, method, path, query, headers, config };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    ...present,
    transport: transport ?? "mqtt",
    receivedAtMs,
    payload: isZipped ? new Uint8Array(gunzipSync(bytes)) : bytes,
  };
}
