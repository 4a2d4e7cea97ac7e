import type { Permission } from "../../domain/access/permissions.ts";
import type { Caller } from "./authenticate.server.ts";
import type { Written } from "./written-list.server.ts";
import { z } from "./zod.server.ts";

/** A stream of events, or a file: what a program reads as it comes. */
export interface Streaming {
  /** The request's own; has gone already where only the headers are asked for. */
  signal: AbortSignal;
  /** Bytes that were sent and not taken yet. */
  unsentBytes: () => number;
  /** Whether the key (or token) would still be let in. */
  isStillAllowed: () => Promise<boolean>;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A request that was let in and found valid. */
export interface Call<P, Q, B> {
  /** The key's own: the only organization that the handler ever sees. */
  organizationId: string;
  caller: Caller;
  params: P;
  query: Q;
  body: B;
  streaming: Streaming;
}

/** One line of the API's table: what validates a request also describes it in the OpenAPI document. */
export interface Operation {
  /** operationId: the name that generated clients give it. */
  id: string;
  method: Method;
  /** Below /api/v1, with `{id}` for what varies. */
  path: string;
  tag: "Organization" | "Sites" | "Devices" | "Channels" | "Meters" | "Imports" | "Costs" | "Access";
  summary: string;
  description?: string;
  /** What a member must be allowed to do the same on a page; a key needs its scope (domain/access/scopes). null: any key may. */
  permission: Permission | null;
  params: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodType | null;
  /** The body is bytes as they are (at most `largestBody`), and the handler gets them so. */
  takesBytes?: boolean;
  status: 200 | 201 | 204;
  response: z.ZodType | null;
  /** The answer is no JSON but this: the handler makes the whole response. */
  mediaType?: "text/event-stream" | "application/zip";
  /** Statuses beyond those that the rest of the line implies. */
  problems: readonly number[];
  /** Where what was made can be found, below /api/v1. */
  location?: (made: { id: string | number }) => string;
  handle: (call: Call<unknown, unknown, unknown>) => Promise<unknown>;
}

interface Given<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, R extends z.ZodType> extends Omit<
  Operation,
  "params" | "query" | "body" | "response" | "status" | "problems" | "handle"
> {
  params?: P;
  query?: Q;
  body?: B;
  status?: Operation["status"];
  response?: R;
  problems?: readonly number[];
  handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<R> | Written<z.input<R>> | Response>;
}

const none = z.strictObject({});

/** Ties the handler's types to the schemas of its line. No response: 204. */
export function operation<
  P extends z.ZodObject = typeof none,
  Q extends z.ZodObject = typeof none,
  B extends z.ZodType = z.ZodVoid,
  R extends z.ZodType = z.ZodVoid,
>(given: Given<P, Q, B, R>): Operation {
  const { params = none, query = none, body = null, response = null, problems = [] } = given;
  const status = given.status ?? (response || given.mediaType ? 200 : 204);
  const handle = given.handle as unknown as Operation["handle"];
  return { ...given, params, query, body, response, status, problems, handle };
}
