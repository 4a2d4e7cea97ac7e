import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler, Response } from "express";
import helmet from "helmet";
import type { Environment } from "../platform/env.ts";
import { isFromElsewhere } from "./auth/same-origin.server.ts";

/** What the web server asks of browsers, and what it takes from them, whatever the page. */

const isHttps = (env: Environment) => env.PUBLIC_URL?.startsWith("https://") ?? false;

/** The scripts and styles of a page are those of the build, or carry the nonce of the answer. */
export function securityHeaders(env: Environment, development: boolean): RequestHandler {
  const nonce = (_request: IncomingMessage, response: ServerResponse) =>
    `'nonce-${(response as Response).locals["cspNonce"]}'`;
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: true,
      directives: {
        "script-src": ["'self'", nonce],
        // Vite puts styles into the page itself while one develops.
        "style-src": development ? ["'self'", "'unsafe-inline'"] : ["'self'", nonce],
        // What has a size or place by its value is a picture (app/charts/share-bar); scripts may still set one property of an element.
        "style-src-attr": ["'none'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": development ? ["'self'", "ws:"] : ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "upgrade-insecure-requests": isHttps(env) ? [] : null,
      },
    },
    strictTransportSecurity: isHttps(env) && { maxAge: 365 * 24 * 3600, includeSubDomains: true },
    referrerPolicy: { policy: "same-origin" },
  });
  return (request, response, next) => {
    response.set("Permissions-Policy", unused.map((name) => `${name}=()`).join(", "));
    protect(request, response, next);
  };
}

/** What browsers can do and no page of ours asks for. */
const unused = [
  ...["accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"],
  ...["gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get"],
  ...["screen-wake-lock", "usb", "web-share", "xr-spatial-tracking"],
];

/** An address with the character 0 asks for nothing that there is: Postgres keeps it in no text. The API answers for itself. */
export const checkAddress: RequestHandler = (request, response, next) => {
  if (request.method === "TRACE") return void response.status(405).end();
  if (request.path.startsWith("/api/") || !request.url.includes("%00")) return next();
  response.status(400).type("text/plain").send("An address cannot have the character 0.");
};

/** The largest form; files come in pieces of a megabyte, and the API looks for itself. */
export const largestForm = 2_000_000;
const changesNothing = ["GET", "HEAD", "OPTIONS"];

/**
 * Ahead of every page: who sends a form, and how long it is. Pages read a form as a whole, so one that does not say its length
 * is not begun. The API has no cookies: its callers' own pages may send to it (app/api/cors).
 */
export const checkForms: RequestHandler = (request, response, next) => {
  if (changesNothing.includes(request.method) || request.path.startsWith("/api/")) return next();
  const refuse = (status: number, why: string) => {
    response.locals["refusal"] = why;
    response.status(status).set("Connection", "close").type("text/plain").send(why);
  };
  if (isFromElsewhere((name) => request.get(name))) return void refuse(403, "Another site sent this form");
  if (request.get("transfer-encoding") !== undefined)
    return void refuse(411, "A form says how long it is: send Content-Length.");
  if (Number(request.get("content-length") ?? 0) > largestForm)
    return void refuse(413, `A form has at most ${largestForm} bytes.`);
  next();
};

/**
 * Over https, cookies have names that only this very host can have set, over https: a neighbour below the same domain cannot plant
 * one. Inside, they keep their short names.
 */
export function hostCookies(env: Environment): RequestHandler {
  return (request, response, next) => {
    if (!request.secure && !isHttps(env)) return next();
    request.headers.cookie = (request.headers.cookie ?? "")
      .split(/;\s*/)
      .flatMap((pair) => /^__(?:Host|Secure)-(.*)$/s.exec(pair)?.[1] ?? [])
      .join("; ");
    const append = response.append.bind(response);
    response.append = (name, value) =>
      append(name, name.toLowerCase() === "set-cookie" ? [value ?? []].flat().map(guarded) : value);
    next();
  };
}

/** `__Host-` asks for the whole site as path; a cookie of a part of it is `__Secure-`. */
function guarded(line: string): string {
  const prefix = /;\s*path=\/\s*(;|$)/i.test(line) ? "__Host-" : "__Secure-";
  return `${prefix}${line}${/;\s*secure\s*(;|$)/i.test(line) ? "" : "; Secure"}`;
}
