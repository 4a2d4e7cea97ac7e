import { z } from "zod";
import type { Scope } from "../../domain/access/credential.ts";

/** What a handler gets: the organization of the key, and everything of the request that the operation's schemas let through. */
export interface Call<P, Q, B> {
  organizationId: string;
  params: P;
  query: Q;
  body: B;
}

/**
 * One operation of the API: the same schemas validate the request, describe it in the OpenAPI document, and are what the
 * tests hold the answers to.
 */
export interface Operation<P extends z.ZodType = z.ZodType, Q extends z.ZodType = z.ZodType, B extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below /api/v1: "/devices/{id}". */
  path: string;
  id: string;
  summary: string;
  scope: Scope;
  params?: P;
  query?: Q;
  body?: B;
  /** 200, 201 or 204 (no body). */
  status: 200 | 201 | 204;
  response?: R;
  handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<R> | void>;
}

/** Keeps the types of an operation's schemas together. */
export function operation<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(made: Operation<P, Q, B, R>): Operation {
  return made as unknown as Operation;
}

export const longestList = 500;

/** `limit` and `cursor` of every list. */
export const paging = z.object({
  limit: z.coerce.number().int().min(1).max(longestList).default(50).describe("How many items at most"),
  cursor: z.string().max(200).optional().describe("nextCursor of the page before"),
});

export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** A page of something that is whole in memory: the cursor says how many came before. */
export function page<T>(all: readonly T[], { limit, cursor }: { limit: number; cursor?: string | undefined }): { items: T[]; nextCursor: string | null } {
  const from = decodeCursor(cursor);
  const items = all.slice(from, from + limit);
  return { items, nextCursor: from + limit < all.length ? encodeCursor(from + limit) : null };
}

export const encodeCursor = (value: number): string => Buffer.from(String(value)).toString("base64url");

export function decodeCursor(cursor: string | undefined): number {
  const value = cursor === undefined ? 0 : Number(Buffer.from(cursor, "base64url").toString());
  return Number.isFinite(value) && value >= 0 ? value : 0;
}

export const time = z.iso.datetime({ offset: true }).describe("ISO 8601 with zone, such as 2026-03-29T00:00:00Z");
export const iso = (ms: number): string => new Date(ms).toISOString();
