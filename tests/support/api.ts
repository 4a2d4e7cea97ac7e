import { dispatch } from "../../app/api/dispatch.server.ts";

/** An answer of the API. `body`: the parsed JSON, or null. */
export interface Answer {
  status: number;
  headers: Headers;
  // What an endpoint answers is what a test looks into.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** Calls the API as a program with this key does; null: without one. A string as body is sent as it is. */
export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export function apiWith(key: string | null): Call {
  return async (method, path, body, headers = {}) => {
    const gone = new AbortController();
    const request = new Request(`http://energy.test/api/v1${path}`, {
      method,
      signal: gone.signal,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await dispatch(request);
    const type = response.headers.get("content-type") ?? "";
    const text = type.startsWith("text/event-stream") ? await begun(response, gone) : await response.text();
    const isJson = /json/.test(type);
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text || null };
  };
}

/** A stream up to where it listens; then the caller goes away. */
async function begun(response: Response, gone: AbortController): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; ;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += value;
    if (text.includes("event: ready")) gone.abort();
  }
}
