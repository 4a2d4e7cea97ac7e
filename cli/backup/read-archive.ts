import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { BackupError, contents, format, manifest, product, tableName } from "../../db/backup-manifest.ts";
import type { Contents, Manifest } from "../../db/backup-manifest.ts";

/** An entry of a tar, as its reader gives it. */
interface Entry extends AsyncIterable<unknown> {
  header: Header;
  resume(): unknown;
}

export interface ReadOptions {
  signal: AbortSignal;
  /** Where the data of `tables/NAME` or `spool/NAME` go, if anywhere. */
  open?: (name: string) => Writable;
  onBytes?: (bytes: number) => void;
}

/**
 * Reads an archive from end to end and checks all of it: every table that the manifest names is there, complete, with the
 * digest that the archive's end says.
 * @throws BackupError saying what is wrong with the file
 */
export async function readArchive(
  file: string,
  { signal, open, onBytes = () => {} }: ReadOptions,
): Promise<{ manifest: Manifest; contents: Contents }> {
  const archive = extract();
  const source = createReadStream(file);
  source.on("data", (chunk) => onBytes(chunk.length));
  const piped = pipeline(source, createGunzip(), archive, { signal });
  piped.catch(() => {});
  try {
    const read = await readEntries(archive, open);
    await piped;
    return read;
  } catch (error) {
    source.destroy();
    if (error instanceof Refusal) throw error.cause;
    // What broke the pipe is the reason why its reader failed; a pipe that we ended has none of its own.
    const reason = await piped.then(
      () => null,
      (broken: NodeJS.ErrnoException) => broken,
    );
    const isOurs = !reason || reason.code === "ERR_STREAM_PREMATURE_CLOSE";
    throw signal.aborted ? signal.reason : wording(file, isOurs ? (error as Error) : reason);
  }
}

async function readEntries(
  archive: AsyncIterable<Entry>,
  open: ReadOptions["open"],
): Promise<{ manifest: Manifest; contents: Contents }> {
  let read: Manifest | undefined;
  let end: Contents | undefined;
  const parts = new Map<string, Digest>();
  let current: Digest | undefined;
  for await (const entry of archive) {
    const { name } = entry.header;
    const [, part] = /^((?:tables|spool)\/[\w.-]+)\/\d+$/.exec(name) ?? [];
    if (name === "manifest.json") read = readManifest(await textOf(entry));
    else if (!read) throw notOurs;
    else if (name === "contents.json") {
      await current?.end();
      end = contents.parse(JSON.parse(await textOf(entry)));
    } else if (part) {
      if (current?.name !== part) {
        await current?.end();
        current = new Digest(part, open);
        parts.set(part, current);
      }
      for await (const chunk of entry) await current.take(chunk as Buffer);
    } else entry.resume();
  }
  if (!read) throw notOurs;
  if (!end) throw new Error("its end is missing");
  compare(read, end, parts);
  return { manifest: read, contents: end };
}

/** Where the data go did not take them, which is not the file's fault. */
class Refusal extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

/** What passes of a table or file. */
class Digest {
  bytes = 0;
  sha256 = "";
  readonly #hash: Hash = createHash("sha256");
  readonly #to: Writable | undefined;
  /** Rejects when the writer fails: it calls nothing back then. */
  readonly #failure: Promise<never>;

  constructor(
    readonly name: string,
    open: ReadOptions["open"],
  ) {
    this.#to = open?.(name);
    this.#failure = new Promise((_, reject) => this.#to?.on("error", (cause) => reject(new Refusal(cause))));
    this.#failure.catch(() => {});
  }

  async take(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    const to = this.#to;
    if (to && !to.write(chunk))
      await Promise.race([this.#failure, new Promise((resolve) => to.once("drain", resolve))]);
  }

  async end(): Promise<void> {
    this.sha256 = this.#hash.digest("hex");
    const to = this.#to;
    if (to) await Promise.race([this.#failure, new Promise<void>((resolve) => to.end(resolve))]);
  }
}

function readManifest(text: string): Manifest {
  const given: unknown = JSON.parse(text);
  const {
    product: of,
    format: made,
    version,
  } = (given ?? {}) as { product?: unknown; format?: unknown; version?: unknown };
  if (of !== product) throw notOurs;
  if (typeof made === "number" && made > format) {
    throw new BackupError(
      `The backup has a newer format than this version reads: it was made by ${String(version)}. Install that version, or a newer one, and restore with it.`,
    );
  }
  return manifest.parse(given);
}

function compare(given: Manifest, end: Contents, parts: Map<string, Digest>): void {
  const said = new Map<string, { bytes: number; sha256: string }>([
    ...end.tables.map((table) => [`tables/${table.name}`, table] as const),
    ...end.spool.map((file) => [`spool/${file.name}`, file] as const),
  ]);
  const named = given.tables.map((table) => `tables/${tableName(table)}`);
  for (const name of new Set([...named, ...parts.keys(), ...said.keys()])) {
    const [read, wanted] = [parts.get(name), said.get(name)];
    if (!read || !wanted) throw new Error(`${name} is missing`);
    if (read.bytes !== wanted.bytes || read.sha256 !== wanted.sha256) {
      throw new Error(`the data of ${name} are not what was written`);
    }
  }
}

async function textOf(entry: Entry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const notOurs = new Error("not ours");

function wording(file: string, error: Error): Error {
  const { code } = error as { code?: string };
  if (error instanceof BackupError) return error;
  if (code === "ENOENT") return new BackupError(`There is no file ${file}.`);
  if (code?.startsWith("E") && code !== "ERR_STREAM_PREMATURE_CLOSE") {
    return new BackupError(`${file} cannot be read (${error.message}).`);
  }
  // Gunzip is the first to see that a file was cut; a tar that ends too early inside whole gzip is no tar.
  if (error === notOurs || ["incorrect header check", "Unexpected end of data"].includes(error.message)) {
    return new BackupError(`${file} is not a backup of Energy Tracking.`);
  }
  if (code === "Z_BUF_ERROR") {
    return new BackupError(`${file} ends too early: it was not written or not copied to its end. Use another copy.`);
  }
  return new BackupError(`${file} is damaged (${error.message.split("\n")[0]}): use another copy.`);
}
