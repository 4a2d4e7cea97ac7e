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

/** Whether this is how readings are sent, not asked for. */
export function isUpload({ transport, path }: Message): boolean {
  const action = transport === "http" ? routeOf(path)?.action : undefined;
  return action === "post" || action === "bulk";
}

/** The content type in lower case, without its parameters. */
export function contentTypeOf({ headers }: Message): string {
  return (headers?.["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Whether the body is encrypted: then `Authorization: userid:hmac` says who sends, and proves it. */
export function isEncrypted(message: Message): boolean {
  return isUpload(message) && /^aes128cbc(gz)?$/.test(contentTypeOf(message));
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
function isForm(message: Message): boolean {
  return ["", "application/x-www-form-urlencoded", "text/plain"].includes(contentTypeOf(message));
}
