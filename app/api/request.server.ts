import { Problem, type FieldError } from "./problem.server.ts";
import type { z } from "./zod.server.ts";

/** Larger bodies are refused: nothing here needs them (readings have a way of their own). */
export const largestBody = 1_000_000;

/** Checks one part of a request. @throws Problem 400 that names each field. */
export function checked<T>(schema: z.ZodType<T>, given: unknown, part: "query" | "body"): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const errors: FieldError[] = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join("."), message: "there is no such field here" }))
      : [{ path: issue.path.join("."), message: issue.message }],
  );
  const { path, message } = errors[0]!;
  throw new Problem(400, `The ${part} is not valid: ${path ? `${path}: ` : ""}${message}.`, { errors });
}

/** The query as an object. A plus that was not escaped ("…T00:00:00+01:00") arrives as a space: it is put back. */
export function queryOf(url: URL): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(query, name)) throw new Problem(400, `The query has ${name} more than once.`);
    query[name] = value.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+) (\d\d:\d\d)$/, "$1+$2");
  }
  return query;
}

/** @throws Problem 406 when the sender cannot read what it would get. */
export function requireAcceptable(request: Request, given: string): void {
  const accept = request.headers.get("accept");
  const takes = given === "application/json" ? takesJson : (range: string) => takesOther(range, given);
  if (accept === null || accept.split(",").some(takes)) return;
  throw new Problem(406, `The answer is ${given}, which the header Accept (${accept.slice(0, 200)}) leaves out.`);
}

function takesOther(range: string, given: string): boolean {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  return !isRefused && ["*/*", `${given.split("/")[0]}/*`, given].includes(type);
}

function takesJson(range: string): boolean {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  return !isRefused && /^(\*\/\*|application\/(\*|([\w.-]+\+)?json))?$/.test(type);
}

/** The JSON of a request's body. @throws Problem 400, 413, 415. */
export async function jsonOf(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type");
  if (type !== null && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Problem(415, `The body is ${type}: send application/json.`);
  }
  if (request.headers.has("content-encoding")) throw new Problem(415, "Send the body without a content-encoding.");
  const text = await textOf(request);
  if (text === "") throw new Problem(400, "The body is empty: expected JSON.");
  let body: unknown;
  try {
    body = parseBounded(text);
  } catch (error) {
    throw new Problem(400, `The body is not JSON: ${(error as Error).message}.`);
  }
  if (isStorable(body)) return body;
  const field = isRecord(body) && Object.entries(body).find(([, value]) => !isStorable(value));
  const errors = [{ path: field ? field[0] : "", message: notStorable }];
  throw new Problem(400, "The body has a text that cannot be kept.", { errors });
}

const notStorable = "it has a text with a zero character or half of a surrogate pair";
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Nothing that is sent to us is nested nearly as deeply; what is meant to exhaust whoever walks through it is. */
export const deepestJson = 64;

/**
 * JSON.parse for texts of others. @throws SyntaxError also for lists and objects more than `deepestJson` deep, and for texts that
 * the database cannot keep.
 */
export function parseJson(text: string): unknown {
  const value = parseBounded(text);
  if (!isStorable(value)) throw new SyntaxError(notStorable);
  return value;
}

function parseBounded(text: string): unknown {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > deepestJson) throw new SyntaxError(`it is nested more than ${deepestJson} deep`);
  }
  return JSON.parse(text);
}

function isStorable(value: unknown): boolean {
  if (typeof value === "string") return !value.includes("\u0000") && !/\p{Cs}/u.test(value);
  if (!isRecord(value)) return true;
  return Object.entries(value).every(([name, one]) => isStorable(name) && isStorable(one));
}

/** The bytes of a request's body. @throws Problem 413 */
export async function bytesOf(request: Request): Promise<Uint8Array> {
  const tooLarge = new Problem(413, `The body is larger than ${largestBody} bytes.`);
  if (Number(request.headers.get("content-length")) > largestBody) throw tooLarge;
  const pieces: Uint8Array[] = [];
  let length = 0;
  // Not `for await`: leaving it early ends the connection, and the sender would never read why.
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    length += part.value.length;
    if (length > largestBody) throw tooLarge;
    pieces.push(part.value);
  }
  return Buffer.concat(pieces);
}

async function textOf(request: Request): Promise<string> {
  const bytes = await bytesOf(request);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, "The body is not UTF-8.");
  }
}
