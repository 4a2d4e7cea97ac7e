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

const itemsAtOnce = 500;

/** A page of tens of thousands of items as JSON, some hundred made and written at once: holding all of them takes twice as long. */
export function writtenList<T>(count: number, itemAt: (i: number) => T, nextCursor: string | null): Written<List<T>> {
  const pieces: Buffer[] = [Buffer.from('{"items":[')];
  for (let from = 0; from < count; from += itemsAtOnce) {
    const items = Array.from({ length: Math.min(itemsAtOnce, count - from) }, (_, i) => itemAt(from + i));
    pieces.push(Buffer.from((from ? "," : "") + JSON.stringify(items).slice(1, -1)));
  }
  pieces.push(Buffer.from(`],"nextCursor":${JSON.stringify(nextCursor)}}`));
  return new Written(Buffer.concat(pieces));
}
