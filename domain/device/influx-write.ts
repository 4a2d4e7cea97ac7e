/**
 * InfluxDB's HTTP API as far as its writers need it: v1 /write, v2 /api/v2/write, and the questions that clients ask before
 * they write (/ping, /health, /query, /api/v2/query). Telegraf, Home Assistant, IoTaWatt and emonHub change only the address.
 * v1 stores the good lines of a batch and answers 400 for the others; v2 refuses the whole batch.
 * Sources: influxdata/influxdb 1.11 services/httpd/handler.go; 2.7 http/write_handler.go, http/points, http/legacy,
 * kit/transport/http/error_handler.go; the clients' own code (telegraf, home-assistant/core, IoTaWatt).
 */
import type { Decoded, Decoder, HttpAnswer, Message, Refusal } from "./device.ts";
import { parseLines } from "./influx-line.ts";
import type { LineBatch } from "./influx-line.ts";
import { textOf } from "./payload.ts";

/** The version whose manners these are; clients read it from the header. */
const protocolVersion = "1.8.10";

const v1Precisions = new Set(["n", "ns", "u", "ms", "s", "m", "h"]);
const v2Precisions = new Set(["ns", "us", "ms", "s"]);

type Route = (message: Message) => Decoded;

const routes: ReadonlyMap<string, { methods: readonly string[]; answer: Route }> = new Map([
  ["/write", { methods: ["POST"], answer: writeV1 }],
  ["/api/v2/write", { methods: ["POST"], answer: writeV2 }],
  ["/ping", { methods: ["GET", "HEAD"], answer: ping }],
  ["/api/v2/ping", { methods: ["GET", "HEAD"], answer: ping }],
  ["/health", { methods: ["GET", "HEAD"], answer: health }],
  ["/query", { methods: ["GET", "POST"], answer: queryV1 }],
  ["/api/v2/query", { methods: ["POST"], answer: queryV2 }],
]);

export const influxWrite: Decoder = {
  format: "influx-line",
  priority: 100,
  match: ({ transport, path }) => transport === "http" && path !== undefined && routes.has(path),
  decode(message) {
    const route = routes.get(message.path ?? "");
    // Line protocol under another address, which the user named (config.format): the body is all there is to know.
    if (!route) return writeAnywhere(message);
    if (route.methods.includes(message.method ?? "POST")) return route.answer(message);
    const { response } = failed(message, 405, "Method Not Allowed");
    return {
      readings: [],
      response: { ...response!, headers: { ...response!.headers, allow: route.methods.join(", ") } },
    };
  },
  unauthorized,
  failure: (message, status, sentence) => failed(message, status, failureText(message, status, sentence)).response!,
};

function isV2({ path }: Message): boolean {
  return path !== undefined && path.startsWith("/api/v2/");
}

function parametersOf({ query }: Message): URLSearchParams {
  return new URLSearchParams(query ?? "");
}

/** v1 `/write?db=&precision=`; u and p in the query are credentials, which were judged before. */
function writeV1(message: Message): Decoded {
  const parameters = parametersOf(message);
  const precision = parameters.get("precision") || "ns";
  if (!v1Precisions.has(precision))
    return failed(message, 400, `invalid precision ${JSON.stringify(precision)} (use n, u, ms, s, m or h)`);
  if (!parameters.get("db")) return failed(message, 400, "database is required");
  const batch = parseLines(textOf(message.payload), precision);
  if (batch.faults.length === 0 && batch.dropped === 0) return { readings: batch.readings, response: noContent() };
  const isPartial = batch.readings.length > 0 || batch.faults.length === 0;
  const reason = batch.faults.length > 0 ? batch.faults.join("\n") : batch.dropReason!;
  const error = isPartial ? `partial write: ${reason} dropped=${batch.dropped}` : reason;
  return { ...failed(message, 400, error), readings: batch.readings, refusals: refusalsOf(batch) };
}

/** v2 `/api/v2/write?org=&bucket=&precision=`. A write without a credential belongs to nobody. */
function writeV2(message: Message): Decoded {
  if (!hasCredential(message))
    return { readings: [], error: "unauthorized: a token is expected", response: unauthorized(message) };
  const parameters = parametersOf(message);
  const precision = parameters.get("precision") || "ns";
  if (!v2Precisions.has(precision))
    return failed(message, 400, "invalid precision; valid precision units are ns, us, ms, and s");
  if (!parameters.get("bucket")) return failed(message, 404, "bucket not found");
  if (!parameters.get("org") && !parameters.get("orgID"))
    return failed(message, 400, "Please provide either orgID or org");
  // Home Assistant's test write at its start; it takes this answer for a healthy server.
  if (message.payload.length === 0) return failed(message, 400, "writing requires points");
  const batch = parseLines(textOf(message.payload), precision);
  if (batch.faults.length > 0) return { ...failed(message, 400, batch.faults.join("\n")), refusals: refusalsOf(batch) };
  if (batch.dropped === 0) return { readings: batch.readings, response: noContent() };
  const error = `failure writing points to database: partial write: ${batch.dropReason} dropped=${batch.dropped}`;
  return { ...failed(message, 422, error), readings: batch.readings, refusals: refusalsOf(batch) };
}

function writeAnywhere({ payload, query, transport }: Message): Decoded {
  const precision = new URLSearchParams(query ?? "").get("precision") || "ns";
  const batch = parseLines(
    textOf(payload),
    v1Precisions.has(precision) || v2Precisions.has(precision) ? precision : "ns",
  );
  const refusals = refusalsOf(batch);
  if (refusals.length > 0) return { readings: batch.readings, refusals, error: refusals[0]!.detail };
  return transport === "http" ? { readings: batch.readings, response: noContent() } : { readings: batch.readings };
}

function refusalsOf({ faults, dropReason }: LineBatch): Refusal[] {
  const refusals = faults.map((detail) => ({ reason: "malformed line", detail }));
  if (dropReason !== null) refusals.push({ reason: "name not allowed", detail: dropReason });
  return refusals;
}

function hasCredential({ headers }: Message): boolean {
  return (headers?.authorization ?? "").trim() !== "";
}

/** Clients want to see a 204 with the version, or with `verbose` a 200 that says it. */
function ping(message: Message): Decoded {
  const verbose = parametersOf(message).get("verbose");
  const headers = { "x-influxdb-version": protocolVersion, "x-influxdb-build": "OSS" };
  if (verbose === null || verbose === "0" || verbose === "false")
    return { readings: [], response: { status: 204, headers, body: "" } };
  return { readings: [], response: json(200, { version: protocolVersion }, headers) };
}

function health(): Decoded {
  const body = {
    name: "influxdb",
    message: "ready for queries and writes",
    status: "pass",
    checks: [],
    version: protocolVersion,
  };
  return { readings: [], response: json(200, body, { "x-influxdb-version": protocolVersion }) };
}

/**
 * `CREATE DATABASE`, `SHOW …` and IoTaWatt's search for its last point: each is answered "done, nothing found", which is
 * what all of them need before they write. Nothing can be read through this door.
 */
function queryV1(message: Message): Decoded {
  const isForm = message.method === "POST" && message.payload.length > 0;
  const form = isForm ? new URLSearchParams(textOf(message.payload)) : undefined;
  const query = parametersOf(message).get("q") ?? form?.get("q") ?? "";
  if (query.trim() === "") return failed(message, 400, 'missing required parameter "q"');
  const statements = query.split(";").filter((statement) => statement.trim() !== "");
  const results = statements.map((_, statement_id) => ({ statement_id }));
  return { readings: [], response: json(200, { results }, { "x-influxdb-version": protocolVersion }) };
}

/** An empty CSV: a body without a newline tells IoTaWatt that nothing was found, and it starts from now. */
function queryV2(): Decoded {
  return { readings: [], response: { status: 200, headers: { "content-type": "text/csv; charset=utf-8" }, body: "" } };
}

function noContent(): HttpAnswer {
  return { status: 204, headers: { "x-influxdb-version": protocolVersion }, body: "" };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

function unauthorized(message: Message): HttpAnswer {
  if (isV2(message)) return v2Error(401, "unauthorized access");
  const challenge = { "www-authenticate": 'Basic realm="InfluxDB"' };
  return json(401, { error: "authorization failed" }, challenge);
}

/** The error names of 2.x by status (kit/platform/errors). */
const v2Codes: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not found",
  405: "method not allowed",
  413: "request too large",
  415: "invalid",
  422: "unprocessable entity",
  429: "too many requests",
  503: "unavailable",
};

function v2Error(status: number, message: string): HttpAnswer {
  const code = v2Codes[status] ?? "internal error";
  const headers = { "content-type": "application/json; charset=utf-8", "x-platform-error-code": code };
  return { status, headers, body: JSON.stringify({ code, message }) };
}

/** An error as v1 or v2 words it: the sentence in the body, and in v1 in a header too. */
function failed(message: Message, status: number, error: string): Decoded {
  if (isV2(message)) return { readings: [], error, response: v2Error(status, error) };
  const headers = { "x-influxdb-error": headerText(error), "x-influxdb-version": protocolVersion };
  return { readings: [], error, response: json(status, { error }, headers) };
}

function failureText(message: Message, status: number, sentence: string): string {
  if (status !== 413) return sentence;
  return isV2(message) ? "unable to read data: points batch is too large" : "Request Entity Too Large";
}

/** Header values are one line of printable ASCII; InfluxDB cuts them at 1,024. */
function headerText(text: string): string {
  return text
    .slice(0, 1024)
    .replace(/[\r\n\t]+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?");
}
