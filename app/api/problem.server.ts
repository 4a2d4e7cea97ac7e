/** RFC 9457: what an API client is told when something is wrong. */
export interface FieldError {
  path: string;
  message: string;
}

const titles: Record<number, string> = {
  400: "The request is not valid",
  401: "The API key is missing, unknown or expired",
  403: "The API key does not allow this",
  404: "Not found",
  405: "This method is not allowed here",
  409: "The request conflicts with what is there",
  413: "The body is too large",
  500: "Something went wrong here",
};

export class ApiProblem extends Error {
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, { errors, headers = {} }: { errors?: FieldError[]; headers?: Record<string, string> } = {}) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }

  toResponse(): Response {
    const body = { type: "about:blank", title: titles[this.status] ?? "Error", status: this.status, detail: this.message, ...(this.errors && { errors: this.errors }) };
    return new Response(JSON.stringify(body), { status: this.status, headers: { "content-type": "application/problem+json", ...this.headers } });
  }
}

export const notFound = (what: string) => new ApiProblem(404, `There is no such ${what}.`);
