import { AsyncResource } from "node:async_hooks";
import type { RequestHandler } from "express";
import { currentActor } from "../db/actor.ts";
import { log } from "../platform/log.ts";
import { withoutSecret } from "./auth/secret-link.server.ts";

/** Who was refused what, and why, in the log (docs/LOGS.md): never what they sent. */

const reasons: Record<number, string> = {
  401: "no credential, or none that holds",
  403: "the role, the scope or the origin does not allow it",
  404: "not there, or not theirs",
  429: "too many of them",
};

/**
 * A path without what it names: ids, numbers and whatever is long enough for a secret.
 * "/sites/0a48…/devices/17" is "/sites/:id/devices/:id".
 */
export const routeOf = (path: string): string =>
  withoutSecret(path)
    .split("/")
    .map((part) => (/^\d+$|^[0-9a-f-]{36}|.{33,}/i.test(part) ? ":id" : part))
    .join("/")
    .slice(0, 200);

/** `reason`: in place of what the status says by itself. Nobody's tries of addresses that do not exist are not worth a line. */
export function logRefusal(
  status: number,
  { method, path, reason }: { method: string; path: string; reason?: string | undefined },
) {
  const { kind, id, address, request } = currentActor() ?? {};
  if (!reasons[status] || (status === 404 && id === undefined)) return;
  const who = id === undefined ? "nobody" : `${kind} ${id}`;
  log.info(
    { status, method, route: routeOf(path), reason: reason ?? reasons[status], who, address, request },
    "refused",
  );
}

/** Ahead of all pages. The API says its reasons itself (app/api/dispatch). */
export const logRefusals: RequestHandler = (request, response, next) => {
  if (request.path.startsWith("/api/")) return next();
  const { method, path } = request;
  const inContext = AsyncResource.bind(() =>
    logRefusal(response.statusCode, { method, path, reason: response.locals["refusal"] as string | undefined }),
  );
  response.once("finish", inContext);
  next();
};
