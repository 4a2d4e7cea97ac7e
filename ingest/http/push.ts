import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Identity } from "../../db/identities.ts";
import type { HttpAnswer, Message } from "../../domain/device/device.ts";
import { problem } from "../../domain/device/answer.ts";
import { routeOf } from "../../domain/device/emoncms-request.ts";
import { decodeMessage, failureAnswer } from "../../domain/device/registry.ts";
import type { Log } from "../../platform/log.ts";
import { dropReasons, type Drop } from "../drop.ts";
import { TooManyFailures, type Identify } from "../identify.ts";
import type { Heard } from "../journal.ts";
import type { Receive, Received } from "../receive.ts";
import { BadRequest } from "./body.ts";
import { answerInputs } from "./inputs.ts";
import { sentBy } from "./sender.ts";

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
  /^\/api\/v1\/[^/]+\/(telemetry|attributes)$/,
  "/input/*",
  "/ingest/*",
];

/** Handshakes that carry no data and no secret: answered to anybody, as the formats' own servers do. */
const open = new Set(["/ping", "/health", "/api/v2/ping"]);

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
    if (error instanceof BadRequest) return send(response, refusedUnread(request, error));
    if (error instanceof TooManyFailures) return send(response, tooFast(request, error.waitS * 1000, triedTooMuch));
    // A path that cannot be read is the sender's mistake: "later" would make it try for ever.
    if (error instanceof URIError)
      return send(response, failureAnswer(messageOf(request), 400, "the path is not properly encoded"));
    // The sender went away: nobody is there to be told.
    if (request.destroyed) return response.end();
    log.warn({ reason: error.message }, "a push could not be taken");
    send(response, unavailable(request));
  });

  // Whether it can be stored is settled before the body is read: no waiting room of large bodies builds up.
  async function answer(request: Request): Promise<HttpAnswer> {
    const head = messageOf(request);
    if (open.has(request.path)) return answerOf(decodeOnly(head));
    if (isDown()) return unavailable(request);
    const sent = await sentBy(request, head, {
      ...{ path: request.path, from: request.ip ?? "unknown", identify },
      admit: (known) => admit(request, known),
    });
    if (!sent.ok) {
      const { deviceId, reason } = sent.refused ?? {};
      if (deviceId && reason)
        receive.refuse(heard(request, deviceId), { reason, detail: `from ${request.ip ?? "unknown"}` });
      return sent.answer;
    }
    const { identity, raw, read } = sent;
    if (!read.ok) {
      const reason = read.status === 413 ? "payload-too-large" : "malformed";
      receive.refuse(heard(request, identity.deviceId, raw), { reason, detail: read.error });
      return read.answer;
    }
    if (routeOf(request.path)?.action === "get") return answerInputs(identity.deviceId, read.message);
    return answerOf(await receive.message(identity, read.message));
  }

  function admit(request: Request, identity: Identity): HttpAnswer | null {
    const owedMs = receive.allowance.owedMs(identity, Date.now());
    return owedMs > 0 ? tooFast(request, owedMs, sentTooMuch) : null;
  }

  function refusedUnread(request: Request, { status, message, deviceId }: BadRequest): HttpAnswer {
    if (deviceId && status === 413) {
      receive.refuse(heard(request, deviceId), { reason: "payload-too-large", detail: message });
    }
    return failureAnswer(messageOf(request), status, message);
  }

  return app;
}

const sentTooMuch = "this device sends more than it may; wait and send the rest again";
const triedTooMuch = "too many credentials that open nothing came from your address; wait and send it again";

function tooFast(request: Request, owedMs: number, why: string): HttpAnswer {
  const answer = failureAnswer(messageOf(request), 429, why);
  return { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(owedMs / 1000)) } };
}

function unavailable(request: Request): HttpAnswer {
  const answer = failureAnswer(messageOf(request), 503, "the readings cannot be stored now; send them again");
  return { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfterS) } };
}

function heard(request: Request, deviceId: string, payload: Uint8Array = new Uint8Array()): Heard {
  const address = `${request.method} ${pathOf(request)}`;
  return { deviceId, transport: "http", address, payload, receivedAtMs: Date.now() };
}

/** The path without the token that ThingsBoard's clients put there: it would end up on the record. */
const pathOf = ({ path }: Request) => path.replace(/^(\/api\/v1\/)[^/]+(\/(telemetry|attributes))$/, "$1***$2");

/** A handshake: no credential, so nothing of it may be stored. */
function decodeOnly(message: Message): Received {
  const { response } = decodeMessage(message);
  return { stored: 0, drops: [], ...(response && { response }) };
}

/** The request without its body. */
function messageOf(request: Request): Message {
  return {
    transport: "http",
    method: request.method,
    path: pathOf(request),
    query: request.originalUrl.split("?")[1] ?? "",
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    receivedAtMs: Date.now(),
    payload: new Uint8Array(),
  };
}

/**
 * What the sender is told: the format's own words, where it has them, also when all was refused afterwards (a time in the
 * future, another device): its clients repeat for ever what is not acknowledged, and the tenant sees the refusals. Else 204
 * when something is stored, and an error that names what was refused when nothing could be.
 */
function answerOf({ stored, drops, response }: Received): HttpAnswer {
  if (response) return response;
  return !stored && drops.length ? refusal(drops) : { status: 204, body: "" };
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
