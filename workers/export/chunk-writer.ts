import { Writable } from "node:stream";

export const chunkBytes = 1_000_000;

/** Gathers what is written into chunks of one size (the last is what is left) and hands them on, one after the other. */
export function chunkWriter(store: (number: number, bytes: Uint8Array) => Promise<void>): Writable & { bytes: number } {
  let waiting: Buffer[] = [];
  let length = 0;
  let number = 0;

  async function flush(isLast: boolean): Promise<void> {
    if (length < chunkBytes && !(isLast && length)) return;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; all.length - at >= chunkBytes || (isLast && at < all.length); at += chunkBytes) {
      await store(number++, all.subarray(at, at + chunkBytes));
    }
    waiting = at < all.length ? [all.subarray(at)] : [];
    length = Math.max(0, all.length - at);
  }

  const done = (work: Promise<void>, callback: (error?: Error) => void) =>
    void work.then(
      () => callback(),
      (error: Error) => callback(error),
    );
  const writer = new Writable({
    write(bytes: Buffer, _encoding, callback) {
      waiting.push(bytes);
      length += bytes.length;
      counted.bytes += bytes.length;
      done(flush(false), callback);
    },
    final: (callback) => done(flush(true), callback),
  });
  const counted = Object.assign(writer, { bytes: 0 });
  return counted;
}
