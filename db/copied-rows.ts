import { once } from "node:events";
import pg from "pg";
import type { Sql } from "./client.ts";

/**
 * The rows of a statement by COPY, in Postgres' binary format: neither side makes numbers and bytes into text, which would take most
 * of the time. COPY takes no parameters, so only numbers may be put into the statement.
 */
export async function copiedRows(sql: Sql, select: string): Promise<CopiedRows> {
  const copy = new Copy(select);
  // Before it is sent: an answer may end it in the same turn.
  const ended = once(copy, "end");
  sql.query(copy);
  await ended;
  return new CopiedRows(copy.bytes);
}

/** A statement among others of a connection (pg-copy-streams takes the connection for itself), whose answer is put together here. */
export class Copy extends pg.Query {
  /** What is copied. */
  readonly select: string;
  #bytes = Buffer.allocUnsafe(65_536);
  #length = 0;

  constructor(select: string) {
    super(`copy (${select}) to stdout (format binary)`);
    this.select = select;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Called by the driver; a chunk is good until the next one. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }
}

const signatureBytes = 11;
/** Where Postgres begins to count days: 2000-01-01, in epoch milliseconds. */
const originMs = 946_684_800_000;
const dayMs = 86_400_000;

/** Fields are read in their order, row by row. */
export class CopiedRows {
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const flags = signatureBytes + 4;
    this.#at = flags + 4 + this.#view.getInt32(flags);
  }

  /** Goes to the next row; false: there is none. */
  next(): boolean {
    const fields = this.#view.getInt16(this.#at);
    this.#at += 2;
    return fields >= 0;
  }

  /** Passes a null; a field that is something stays to be read. */
  isNull(): boolean {
    if (this.#view.getInt32(this.#at) >= 0) return false;
    this.#at += 4;
    return true;
  }

  int4(): number | null {
    if (this.isNull()) return null;
    this.#at += 8;
    return this.#view.getInt32(this.#at - 4);
  }

  /** Its beginning in UTC, epoch milliseconds. */
  date(): number | null {
    const days = this.int4();
    return days === null ? null : originMs + days * dayMs;
  }

  /** Puts a `bytea` of doubles into their places from `at` on. What falls outside is left out. */
  float8s(into: Float64Array, at: number): void {
    const view = this.#view;
    const end = this.#at + 4 + view.getInt32(this.#at);
    let from = this.#at + 4;
    for (let i = at; from < end; i++, from += 8) if (i >= 0 && i < into.length) into[i] = view.getFloat64(from);
    this.#at = end;
  }

  /** A `timestamptz[]` without nulls, as whole microseconds since 1970. */
  microsArray(): number[] {
    return this.#array((view, at) => view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4) + originMs * 1_000);
  }

  /** A `float8[]` without nulls. */
  float8Array(): number[] {
    return this.#array((view, at) => view.getFloat64(at));
  }

  /** An array of elements of 8 bytes, each behind its length. */
  #array(element: (view: DataView, at: number) => number): number[] {
    const view = this.#view;
    const end = this.#at + 4 + view.getInt32(this.#at);
    const elements: number[] = [];
    for (let at = this.#at + 4 + arrayHeaderBytes; at < end; at += 12) elements.push(element(view, at + 4));
    this.#at = end;
    return elements;
  }
}

/** Of an array with elements: dimensions, whether there are nulls, the type, and the one dimension's length and first index. */
const arrayHeaderBytes = 20;
