/** The HTTP answers of formats that have none of their own: RFC 9457 problem details. */
import type { Decoded, HttpAnswer } from "./device.ts";

const titles: Readonly<Record<number, string>> = {
  400: "The message was refused",
  401: "The credential is missing or unknown",
  403: "Not allowed",
  404: "Nothing here",
  405: "This method is not allowed here",
  413: "The message is too large",
  415: "The content encoding is not supported",
  422: "The message was refused",
  429: "Too many requests",
  503: "Not available now, try again later",
};

/** A problem+json answer: `detail` is one sentence for the person who reads the sender's log. */
export function problem(status: number, detail: string, more: Record<string, unknown> = {}): HttpAnswer {
  const body = { type: "about:blank", title: titles[status] ?? "The message was refused", status, detail, ...more };
  return { status, headers: { "content-type": "application/problem+json" }, body: JSON.stringify(body) };
}

/**
 * What an HTTP sender gets when its decoder has no answer of its own: 204, or 400 with the error when nothing could be
 * taken. A batch that was taken in part counts as taken, since a sender that repeats it would never get on; what was
 * refused is on the tenant's record.
 */
export function defaultAnswer({ response, error, readings, refusals }: Decoded): HttpAnswer {
  if (response) return response;
  if (error === undefined || readings.length > 0) return { status: 204, body: "" };
  return problem(400, error, refusals ? { refused: refusals.slice(0, 20) } : {});
}
