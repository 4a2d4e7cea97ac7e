import { fixed, JsonWriter } from "./json-writer.server.ts";

/** What is sent: JSON as a text, or written as bytes already. */
export type Body = string | Uint8Array<ArrayBuffer>;

/** An answer that is JSON already, of the shape T. */
export class Written<T> {
  declare readonly shape: T;
  readonly json: Uint8Array<ArrayBuffer>;
  constructor(json: Uint8Array<ArrayBuffer>) {
    this.json = json;
  }
}

interface List<T> {
  items: T[];
  nextCursor: string | null;
}

const items = fixed('{"items":[');
const comma = fixed(",");
const next = fixed('],"nextCursor":');
const end = fixed("}");

/** Kept, because a list is written without a pause. */
const writer = new JsonWriter();

/** A page of tens of thousands of items of the shape T, each written by `write`. */
export function writtenList<T>(
  count: number,
  write: (json: JsonWriter, i: number) => void,
  nextCursor: string | null,
): Written<List<T>> {
  writer.begin();
  writer.part(items);
  for (let i = 0; i < count; i++) {
    if (i > 0) writer.part(comma);
    write(writer, i);
  }
  writer.part(next);
  writer.value(nextCursor);
  writer.part(end);
  return new Written(writer.written());
}
