import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { problem } from "../../domain/device/answer.ts";
import { decodeMessage, failureAnswer, unauthorizedAnswer } from "../../domain/device/registry.ts";
import { dropReasons, type Drop } from "../drop.ts";
import type { Identify, Identified } from "../identify.ts";
import { inflate } from "../inflate.ts";
import type { Receive, Received } from "../receive.ts";
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
  "/api/v1/:token/telemetry",
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
}

/** The HTTP ways in: the same path as MQTT's, answered after the commit. Other paths pass through. */
export function httpPush({ identify, receive, isDown, trustProxy }: PushOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", trustProxy);
  const body = express.raw({ type: () => true, limit: largestBody, inflate: false });
  app.all(paths, refuseWhileDown, body, (request, response, next) => {
    answer(request).then((given) => send(response, given), next);
  });
  app.use(paths, (error: Error & { status?: number }, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const status = error.status ?? 500;
    const sentence =
      status === 413 ? `the body is larger than ${largestBody} bytes; send smaller batches` : sentenceOf(error, status);
    if (status >= 500) response.set("retry-after", String(retryAfterS));
    send(response, failureAnswer(messageOf(request, new Uint8Array()), status, sentence));
  });

  // Before the body is read, so that a waiting room of large bodies never builds up.
  function refuseWhileDown(request: Request, response: Response, next: NextFunction): void {
    if (!isDown()) return next();
    response.set("retry-after", String(retryAfterS));
    send(
      response,
      failureAnswer(messageOf(request, new Uint8Array()), 503, "the readings cannot be stored now; send them again"),
    );
  }

  async function answer(request: Request): Promise<HttpAnswer> {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (open.has(request.path)) return answerOf(decodeOnly(messageOf(request, raw)));
    const shown = shownCredential({
      path: request.path,
      query: queryOf(request),
      authorization: request.headers.authorization,
    });
    const identified: Identified = shown
      ? await identify.identify(shown)
      : { ok: false, reason: "unknown-credential", deviceId: null };
    if (!identified.ok) {
      refuseOnRecord(request, identified, raw);
      return unauthorizedAnswer(messageOf(request, raw));
    }
    const inflated = await inflate(raw, request.headers["content-encoding"]);
    if (!inflated.ok) {
      const reason = inflated.status === 413 ? "payload-too-large" : "malformed";
      receive.refuse(heard(request, identified.identity.deviceId, raw), { reason, detail: inflated.error });
      return failureAnswer(messageOf(request, new Uint8Array()), inflated.status, inflated.error);
    }
    return answerOf(await receive.message(identified.identity, messageOf(request, inflated.bytes)));
  }

  function refuseOnRecord(request: Request, identified: Identified & { ok: false }, raw: Buffer): void {
    if (!identified.deviceId) return;
    receive.refuse(heard(request, identified.deviceId, raw), {
      reason: identified.reason,
      detail: `from ${request.ip ?? "unknown"}`,
    });
  }

  return app;
}

function heard(request: Request, deviceId: string, payload: Uint8Array) {
  return {
    deviceId,
    transport: "http" as const,
    address: `${request.method} ${request.path}`,
    payload,
    receivedAtMs: Date.now(),
  };
}

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
    path: request.path,
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

function sentenceOf(error: Error, status: number): string {
  return status < 500 ? error.message : "the readings cannot be stored now; send them again";
}
