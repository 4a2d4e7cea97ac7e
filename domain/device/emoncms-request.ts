/** What emoncms is asked, and with which parameters: query and form merged, the form wins. */
import type { Message } from "./device.ts";
import { textOf } from "./payload.ts";

export interface EmoncmsRoute {
  action: "post" | "bulk" | "get";
  /** /input/post/<node>, /input/get/<node>/<name>; undefined where the path ends before. */
  node?: string;
  name?: string;
}

const routes = /^\/input\/(post|bulk|get)(?:\.json)?(?:\/([^/]*))?(?:\/([^/]*))?\/?$/;

/** The route of a path, with or without its ".json"; undefined: not one of the input API. */
export function routeOf(path: string | undefined): EmoncmsRoute | undefined {
  const match = routes.exec(path?.replace(/\.json$/, "") ?? "");
  if (!match) return undefined;
  const [, action, node, name] = match;
  return {
    action: action as EmoncmsRoute["action"],
    ...(node ? { node: decoded(node) } : {}),
    ...(name ? { name: decoded(name) } : {}),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // "%E0%A4%A" is no text: taken as it stands.
    return segment;
  }
}

export type Parameters = ReadonlyMap<string, string>;

/** Of a parameter that is given twice the last counts, as in PHP. */
export function parametersOf(message: Message): Parameters {
  const parameters = new Map(new URLSearchParams(message.query ?? ""));
  if (message.receipt !== undefined) takePlain(textOf(message.payload), parameters);
  else if (isForm(message)) for (const [key, value] of formOf(message.payload)) parameters.set(key, value);
  return parameters;
}

export const formOf = (payload: Uint8Array) => new URLSearchParams(textOf(payload));

/** The text inside an encrypted body is not URL-encoded: a plus is a plus. What has not exactly one "=" is left out. */
function takePlain(text: string, parameters: Map<string, string>): void {
  for (const chunk of text.split("&")) {
    const [key, value, ...more] = chunk.split("=");
    if (value !== undefined && more.length === 0) parameters.set(key!, value);
  }
}

/** Small senders leave the content type out. */
function isForm({ headers, method }: Message): boolean {
  const type = headers?.["content-type"] ?? "";
  return (
    method !== "GET" &&
    method !== "HEAD" &&
    (type.trim() === "" || /^\s*(application\/x-www-form-urlencoded|text\/plain)/i.test(type))
  );
}
