import { createHash } from "node:crypto";
import type { Body } from "./written-list.server.ts";

/** Conditional GET (RFC 9110, 13): who has the same answer already is told so and gets no body. */

/** Weak, since the bytes on the wire depend on the compression. */
export const entityTag = (body: Body): string =>
  `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;

const opaque = (tag: string) => tag.trim().replace(/^W\//, "");

/** Whether the sender has the answer with this tag. */
export function isKnown(headers: Headers, tag: string): boolean {
  const given = headers.get("if-none-match");
  return given !== null && (given.trim() === "*" || given.split(",").some((one) => opaque(one) === opaque(tag)));
}

/** A document as 200, or 304 without a body. `sent`: the request's headers; `headers`: of either answer. */
export function conditional(sent: Headers, body: Body, headers: Record<string, string>): Response {
  const etag = entityTag(body);
  if (isKnown(sent, etag)) return new Response(null, { status: 304, headers: { ...headers, etag } });
  return new Response(body, { headers: { ...headers, etag, "content-type": "application/json" } });
}
