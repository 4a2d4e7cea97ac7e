/** What is wrong with one field of a request. */
export interface FieldError {
  /** "name", "config.full_topic"; empty: the whole of it. */
  path: string;
  message: string;
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An answer that is not what was asked for, thrown from anywhere in the handling of a request. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** `detail`: one sentence for the person who reads it. */
  constructor(
    status: number,
    detail: string,
    { errors, headers = {} }: { errors?: readonly FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The same answer whether an id never existed or is another organization's. */
export const notFound = (
  what:
    | ("site" | "device" | "channel" | "correction" | "import" | "contract" | "version")
    | ("virtual meter" | "group" | "bill check" | "API key" | "member" | "invitation" | "link")
    | ("webhook" | "message" | "export"),
): Problem => new Problem(404, `There is no ${what} with this id.`);

/** A field of the query that is well formed and yet cannot be answered. @param message "expected a later day than from" */
export const wrongQuery = (path: string, message: string): Problem =>
  new Problem(400, `The query is not valid: ${path}: ${message}.`, { errors: [{ path, message }] });

/** RFC 9457. */
export function problemResponse({ status, message, errors, headers }: Problem): Response {
  const body = {
    type: "about:blank",
    title: titles[status] ?? "Error",
    status,
    detail: message,
    ...(errors && { errors }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}
