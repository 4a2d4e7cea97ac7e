import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { HistoryFault } from "../../domain/history/history.ts";

/** A packed file may hold a thousand times its size in zeros: more than this is not read. */
const mostUnpackedBytes = 20_000_000_000;

/** The bytes of a file, unpacked where they are gzip. @throws HistoryFault where it is broken. */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  const all = withFirst(first.value, pieces);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* all;
  const gunzip = createGunzip();
  // What breaks the pipeline is thrown where its end is read.
  pipeline(Readable.from(all), gunzip).catch(() => {});
  let length = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > mostUnpackedBytes) throw new HistoryFault("The file unpacks to more than 20 GB: cut it into parts.");
      yield piece;
    }
  } catch (error) {
    if (!/^Z_/.test((error as { code?: string }).code ?? "")) throw error;
    throw new HistoryFault(`The file cannot be unpacked (${(error as Error).message}): is it whole?`);
  }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/**
 * The same bytes in pieces of one length, whatever they came in: an import that goes on after an interruption counts on
 * meeting the same pieces again.
 */
export async function* inPieces(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(length);
  let filled = 0;
  for await (const some of bytes) {
    for (let at = 0; at < some.length;) {
      const part = some.subarray(at, at + length - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < length) continue;
      yield piece;
      piece = new Uint8Array(length);
      filled = 0;
    }
  }
  if (filled) yield piece.subarray(0, filled);
}

export interface ArchivedFile {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** The files of a tar archive, in its order. The bytes of one are read, or skipped, before the next one comes. */
export async function* filesOf(archive: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivedFile> {
  const tar = extract();
  pipeline(Readable.from(archive), tar).catch((error: Error) => tar.destroy(error));
  for await (const entry of tar) {
    if (entry.header.type === "file") {
      yield { name: entry.header.name, bytes: entry as unknown as AsyncIterable<Uint8Array> };
    }
    entry.resume();
  }
}
