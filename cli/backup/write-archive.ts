import { createHash } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { BackupError } from "../../db/backup-manifest.ts";

/** Measured on readings: as fast as 3; 6 takes twice the time for 6 % less. */
const compression = 4;
/** tar wants an entry's size before its data, so a table is cut into pieces that fit in memory. */
const pieceBytes = 4 * 1024 * 1024;

export interface WrittenPieces {
  bytes: number;
  sha256: string;
}

/** A gzipped tar that is written as it grows. */
export interface ArchiveWriter {
  json(name: string, value: unknown): Promise<void>;
  /** `NAME/000001` and so on, whose data in a row are what was given. */
  pieces(name: string, data: Readable, onBytes?: (bytes: number) => void): Promise<WrittenPieces>;
  /** Resolves when `out` has everything. */
  end(): Promise<void>;
}

/** Writes to `out`, which it ends. Each promise rejects with what is wrong with `out` (no room left), or when `signal` aborts. */
export function writeArchive(out: Writable, signal: AbortSignal): ArchiveWriter {
  const archive = pack();
  const written = pipeline(archive, createGzip({ level: compression }), out, { signal }).catch((error: Error) => {
    throw signal.aborted ? signal.reason : new BackupError(`The backup cannot be written (${error.message}).`);
  });
  written.catch(() => {});

  async function entry(name: string, body: Buffer): Promise<void> {
    const packed = new Promise<void>((resolve, reject) =>
      archive.entry({ name }, body, (error) => (error ? reject(error) : resolve())),
    );
    try {
      await Promise.race([written, packed]);
    } catch {
      // Whichever failed first: `written` knows the reason.
      packed.catch(() => {});
      await written;
    }
  }

  return {
    json: (name, value) => entry(name, Buffer.from(`${JSON.stringify(value, null, 1)}\n`)),
    async pieces(name, data, onBytes = () => {}) {
      const hash = createHash("sha256");
      let bytes = 0;
      let count = 0;
      for await (const piece of piecesOf(data)) {
        hash.update(piece);
        bytes += piece.length;
        await entry(`${name}/${String(++count).padStart(6, "0")}`, piece);
        onBytes(bytes);
      }
      return { bytes, sha256: hash.digest("hex") };
    },
    async end() {
      archive.finalize();
      await written;
    },
  };
}

/** At least one, be it empty: a table without rows is in the archive all the same. */
async function* piecesOf(data: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  let count = 0;
  for await (const chunk of data) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < pieceBytes) continue;
    yield Buffer.concat(waiting);
    count++;
    [waiting, length] = [[], 0];
  }
  if (length || !count) yield Buffer.concat(waiting);
}
