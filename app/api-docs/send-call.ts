/** A call as the page's form has it. */
export interface CallGiven {
  method: string;
  /** With `{…}` for what varies. */
  path: string;
  parameters: readonly { name: string; in: string }[];
  /** By "in.name"; empty ones are left out. */
  values: Readonly<Record<string, string>>;
  /** null: there is none. */
  body: { type: string; text: string } | null;
  apiKey: string;
}

export interface CallAnswer {
  status: number;
  statusText: string;
  ms: number;
  headers: [string, string][];
  body: string;
}

const root = "/api/v1";
const longestShown = 100_000;

/** The path with its parameters in it. */
export function addressOf({ path, parameters, values }: Pick<CallGiven, "path" | "parameters" | "values">): string {
  const given = (place: string) =>
    parameters.flatMap(({ name, in: where }) => {
      const value = values[`${where}.${name}`] ?? "";
      return where === place && value !== "" ? [[name, value] as const] : [];
    });
  let filled = path;
  for (const [name, value] of given("path")) filled = filled.replace(`{${name}}`, encodeURIComponent(value));
  const query = new URLSearchParams(given("query").map((pair) => [...pair])).toString();
  return `${root}${filled}${query && `?${query}`}`;
}

/** Sends it, from the browser. @throws TypeError when the server does not answer. */
export async function sendCall(call: CallGiven): Promise<CallAnswer> {
  const { method, parameters, values, body, apiKey } = call;
  const headers = new Headers({ accept: "application/json, text/event-stream, application/zip" });
  if (apiKey) headers.set("authorization", `Bearer ${apiKey}`);
  if (body) headers.set("content-type", body.type);
  for (const { name, in: place } of parameters) {
    const value = values[`${place}.${name}`];
    if (place === "header" && value) headers.set(name, value);
  }
  const began = performance.now();
  // No cookies: what is tried here is what the key can do, not what the reader can.
  const response = await fetch(addressOf(call), {
    ...{ method, headers, credentials: "omit", cache: "no-store" },
    ...(body && { body: body.text }),
  });
  const text = await textOf(response);
  return {
    status: response.status,
    statusText: response.statusText,
    ms: Math.round(performance.now() - began),
    headers: shownHeaders.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    }),
    body: pretty(text),
  };
}

/** Of a stream what comes in so long: it has no end. */
const streamShownMs = 10_000;

/** What can be shown of an answer: of a stream its beginning, of a file its size. */
export async function textOf(response: Response, streamMs = streamShownMs): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/zip")) return `${(await response.blob()).size} bytes of ${type}`;
  if (!type.startsWith("text/event-stream")) return response.text();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const timer = setTimeout(() => void reader.cancel(), streamMs);
  let text = "";
  for (let read = await reader.read(); !read.done && text.length < longestShown; read = await reader.read())
    text += read.value;
  clearTimeout(timer);
  await reader.cancel();
  return `${text}… and so on: the first ${streamMs / 1000} s are shown`;
}

const shownHeaders = ["location", "etag", "retry-after", "idempotent-replayed", "www-authenticate", "allow"];

function pretty(text: string): string {
  const cut = (long: string) => (long.length > longestShown ? `${long.slice(0, longestShown)}\n… and more` : long);
  try {
    return cut(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return cut(text);
  }
}
