import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { problem } from "../../domain/device/answer.ts";
import { decodeMessage, failureAnswer, unauthorizedAnswer } from "../../domain/device/registry.ts";
import type { Log } from "../../platform/log.ts";
import { dropReasons, type Drop } from "../drop.ts";
import type { Identify, Identified } from "../identify.ts";
import { inflate } from "../inflate.ts";
import type { Heard } from "../journal.ts";
import type { Receive, Received } from "../receive.ts";
import { BadRequest, readBody } from "./body.ts";
import { shownCredential } from "./secrets.ts";

/** The paths that devices push to; each format's decoder knows its own. */
const paths = [
  "/write",
  "/query",
  "/ping",
  "/health",
  "/api/v2/write",
  "/api/v2/query",
  "/api/v2/ping",
  "/api/v1/readings",
  /^\/api\/v1\/[^/]+\/telemetry$/,
  "/input/*",
  "/ingest/*",
];

/** Handshakes that carry no data and no secret: answered to anybody, as the formats' own servers do. */
const open = new Set(["/ping", "/health", "/api/v2/ping"]);

/** As it comes over the wire; inflated, `ingest/inflate.ts` has its own limit. */
export const largestBody = 25_000_000;
/** How long a sender is told to wait while the database is gone. */
const retryAfterS = 5;

export interface PushOptions {
  identify: Identify;
  receive: Receive;
  isDown: () => boolean;
  trustProxy: number;
  log: Log;
}

/** The HTTP ways in: the same path as MQTT's, answered after the commit. Other paths pass through. */
export function httpPush({ identify, receive, isDown, trustProxy, log }: PushOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", trustProxy);
  app.all(paths, (request, response, next) => {
    answer(request).then((given) => send(response, given), next);
  });
  app.use((error: Error, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    if (error instanceof BadRequest) return send(response, failed(request, error.status, error.message));
    log.warn({ reason: error.message }, "a push could not be taken");
    send(response, unavailable(request));
  });

  // Who sends, and whether it can be stored, is settled before the body is read: nobody fills the memory from outside, and
  // no waiting room of large bodies builds up.
  async function answer(request: Request): Promise<HttpAnswer> {
    if (open.has(request.path)) return answerOf(decodeOnly(messageOf(request, new Uint8Array())));
    if (isDown()) return unavailable(request);
    const shown = shownCredential({
      path: request.path,
      query: queryOf(request),
      authorization: request.headers.authorization,
    });
    const identified: Identified = shown
      ? await identify.identify(shown)
      : { ok: false, reason: "unknown-credential", deviceId: null };
    if (!identified.ok) {
      refuseOnRecord(request, identified);
      return unauthorizedAnswer(messageOf(request, new Uint8Array()));
    }
    const owedMs = receive.allowance.owedMs(identified.identity, Date.now());
    if (owedMs > 0) return tooFast(request, owedMs);
    const { deviceId } = identified.identity;
    const raw = await readBody(request, largestBody).catch((error: Error) => {
      if (error instanceof BadRequest && error.status === 413) refuseLarge(request, deviceId, error.message);
      throw error;
    });
    const inflated = await inflate(raw, request.headers["content-encoding"]);
    if (!inflated.ok) {
      const reason = inflated.status === 413 ? "payload-too-large" : "malformed";
      receive.refuse(heard(request, deviceId, raw), { reason, detail: inflated.error });
      return failed(request, inflated.status, inflated.error);
    }
    return answerOf(await receive.message(identified.identity, messageOf(request, inflated.bytes)));
  }

  function refuseOnRecord(request: Request, { deviceId, reason }: Identified & { ok: false }): void {
    if (!deviceId) return;
    receive.refuse(heard(request, deviceId), { reason, detail: `from ${request.ip ?? "unknown"}` });
  }

  function refuseLarge(request: Request, deviceId: string, detail: string): void {
    receive.refuse(heard(request, deviceId), { reason: "payload-too-large", detail });
  }

  return app;
}

const failed = (request: Request, status: number, sentence: string) =>
  failureAnswer(messageOf(request, new Uint8Array()), status, sentence);

function tooFast(request: Request, owedMs: number): HttpAnswer {
  const answer = failed(request, 429, "this device sends more than it may; wait and send the rest again");
  return { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(owedMs / 1000)) } };
}

function unavailable(request: Request): HttpAnswer {
  const answer = failed(request, 503, "the readings cannot be stored now; send them again");
  return { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfterS) } };
}

function heard(request: Request, deviceId: string, payload: Uint8Array = new Uint8Array()): Heard {
  const address = `${request.method} ${pathOf(request)}`;
  return { deviceId, transport: "http", address, payload, receivedAtMs: Date.now() };
}

/** The path without the token that ThingsBoard's clients put there: it would end up on the record. */
const pathOf = ({ path }: Request) => path.replace(/^(\/api\/v1\/)[^/]+(\/telemetry)/, "$1***$2");

/** A handshake: no credential, so nothing of it may be stored. */
function decodeOnly(message: Message): Received {
  const { response } = decodeMessage(message);
  return { stored: 0, drops: [], ...(response && { response }) };
}

function queryOf(request: Request): URLSearchParams {
  return new URLSearchParams(request.originalUrl.split("?")[1] ?? "");
}

function messageOf(request: Request, payload: Uint8Array): Message {
  return {
    transport: "http",
    method: request.method,
    path: pathOf(request),
    query: request.originalUrl.split("?")[1] ?? "",
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    receivedAtMs: Date.now(),
    payload,
  };
}

/**
 * What the sender is told: the format's own words; else 204 when all is stored, and an error that names what was refused
 * when nothing could be. Partly refused batches count as taken, since a sender that repeats them would never get on; the
 * tenant sees the refusals.
 */
function answerOf({ stored, drops, response }: Received): HttpAnswer {
  if (response && response.status >= 400) return response;
  if (!stored && drops.length) return refusal(drops);
  return response ?? { status: 204, body: "" };
}

function refusal(drops: readonly Drop[]): HttpAnswer {
  const first = drops[0]!;
  const status =
    first.reason === "another-device"
      ? 403
      : first.reason === "unknown-format"
        ? 404
        : first.reason === "malformed"
          ? 400
          : 422;
  return problem(status, `${dropReasons[first.reason]} ${first.detail}`, {
    reason: first.reason,
    errors: drops.slice(0, 20).map(({ reason, detail }) => ({ reason, message: detail })),
  });
}

function send(response: Response, { status, headers, body }: HttpAnswer): void {
  response.status(status).set(headers ?? {});
  if (body) response.send(Buffer.from(body));
  else response.end();
}
