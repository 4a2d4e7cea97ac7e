import { systemPool } from "./as-system.ts";
import { notify } from "./live.ts";

/** How many messages of a device are kept as they came. */
export const keptMessages = 8;

/** A message as it came, and what was understood of it. */
export interface MessageSample {
  deviceId: string;
  receivedAtMs: number;
  transport: "mqtt" | "http";
  /** Topic, or method and path. */
  address: string;
  /** Beginning of the payload as text. */
  payload: string;
  format: string | null;
  readings: {
    device: string;
    metric: string;
    value: number | boolean | string;
    unit: string | null;
    kind: string;
    time: string | null;
  }[];
  refusals: { reason: string; detail: string }[];
}

/** How often a reason struck a device in one hour, with the newest example. */
export interface RejectCount {
  deviceId: string;
  hourMs: number;
  reason: string;
  count: number;
  lastMs: number;
  detail: string;
  transport: string;
  address: string;
  sample: string;
}

/**
 * Adds counts, replaces examples, and tells the listeners. Samples go round a ring of slots. An entry that the database
 * refuses costs no other its place. @throws the driver's error when the database is gone, or the first of its refusals.
 */
export async function writeJournal(samples: readonly MessageSample[], rejects: readonly RejectCount[]): Promise<void> {
  const refusals: unknown[] = [];
  const attempt = (work: Promise<void>) =>
    work.catch((error: { code?: string }) => {
      if (!/^2[23]/.test(error.code ?? "")) throw error;
      refusals.push(error);
    });
  for (const sample of samples) await attempt(writeSample(sample));
  for (const reject of rejects) await attempt(writeReject(reject));
  const devices = [...new Set([...samples, ...rejects].map((entry) => entry.deviceId))];
  if (devices.length) await notify(systemPool(), { devices });
  if (refusals.length) throw refusals[0];
}

async function writeSample(s: MessageSample): Promise<void> {
  await systemPool().query(
    `insert into telemetry.messages (device_id, slot, received_at, transport, address, payload, format, readings, refusals)
     select $1, (coalesce((select slot from telemetry.messages where device_id = $1 order by received_at desc limit 1), -1) + 1) % $9,
       to_timestamp($2 / 1000.0), $3, $4, $5, $6, $7, $8
     on conflict (device_id, slot) do update set received_at = excluded.received_at, transport = excluded.transport,
       address = excluded.address, payload = excluded.payload, format = excluded.format, readings = excluded.readings,
       refusals = excluded.refusals`,
    [
      s.deviceId,
      s.receivedAtMs,
      s.transport,
      cleanText(s.address),
      cleanText(s.payload),
      s.format,
      cleanJson(s.readings),
      cleanJson(s.refusals),
      keptMessages,
    ],
  );
}

async function writeReject(r: RejectCount): Promise<void> {
  const words = [cleanText(r.detail), r.transport, cleanText(r.address), cleanText(r.sample)];
  await systemPool().query(
    `insert into telemetry.rejects as t (device_id, hour, reason, count, last_at, detail, transport, address, sample)
     values ($1, to_timestamp($2 / 1000.0), $3, $4, to_timestamp($5 / 1000.0), $6, $7, $8, $9)
     on conflict (device_id, hour, reason) do update set count = t.count + excluded.count, last_at = excluded.last_at,
       detail = excluded.detail, transport = excluded.transport, address = excluded.address, sample = excluded.sample`,
    [r.deviceId, r.hourMs, r.reason, r.count, r.lastMs, ...words],
  );
}

// Postgres text cannot hold NUL; halves of surrogate pairs are replaced by the driver.
function cleanText(text: string): string {
  return text.replaceAll("\u0000", "\ufffd");
}

// In JSON, Postgres takes neither. What follows an escaped backslash is a text that only looks like an escape.
function cleanJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (escape) =>
    escape === "\\\\" ? escape : "\\ufffd",
  );
}
