import type { Position } from "../../db/page.ts";
import { Problem } from "./problem.server.ts";
import { z } from "./zod.server.ts";

/** A cursor says where the next page begins; only we read it. */

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function decode<T>(cursor: string | undefined, schema: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    const message = "expected the nextCursor of an earlier page of this list";
    throw new Problem(400, `The cursor is wrong: ${message}.`, { errors: [{ path: "cursor", message }] });
  }
}

const position = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/), z.uuid()]);

/** After a row in the order of creation. */
export function afterRow(cursor: string | undefined): Position | null {
  const given = decode(cursor, position);
  return given && { createdAt: given[0], id: given[1] };
}
export const cursorOfRow = (next: Position | null): string | null => next && encode([next.createdAt, next.id]);

/** After a numbered row. */
export const afterNumber = (cursor: string | undefined): number | null => decode(cursor, z.number().int().min(0));
export const cursorOfNumber = (next: number | null): string | null => (next === null ? null : encode(next));

/** From an instant, epoch milliseconds with their fraction. */
export const fromInstant = (cursor: string | undefined): number | null =>
  decode(cursor, z.number().min(-62_167_219_200_000).max(253_402_300_800_000));
export const cursorOfInstant = cursorOfNumber;

/** A short list that is read whole: one page of it, after the item with the key that the cursor names. */
export function cut<T>(
  items: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  keyOf: (item: T) => string,
) {
  const after = decode(cursor, z.string());
  const start = after === null ? 0 : items.findIndex((item) => keyOf(item) === after) + 1;
  const page = items.slice(start, start + limit);
  const isLast = start + limit >= items.length;
  return { items: page, nextCursor: isLast ? null : encode(keyOf(page.at(-1)!)) };
}
