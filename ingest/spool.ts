import { mkdirSync, readdirSync, statSync } from "node:fs";
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Message } from "../domain/device/device.ts";
import type { Log } from "../platform/log.ts";

/**
 * A bounded place on disk for what nobody will send again: messages at QoS 0 that arrive while the database is away. Written
 * together every few milliseconds and fsynced; read back, in order, when the database is there.
 * A line is one message; one that a crash cut short is the last of its file and is skipped.
 */
export interface Spooled {
  credentialId: string;
  message: Message;
}

/** All files of one folder together. About an hour of a thousand devices that send every ten seconds. */
export const mostSpoolBytes = 256_000_000;
const flushEveryMs = 20;
const retryEveryMs = 5_000;

export class Spool {
  readonly #folder: string;
  readonly #name = `${hostname()}-${process.pid}-${Date.now().toString(36)}`;
  readonly #log: Log;
  readonly #mostBytes: number;
  #lines: string[] = [];
  #waiting: ((isKept: boolean) => void)[] = [];
  #bytes = 0;
  #files = 0;
  #open: { handle: FileHandle; path: string } | null = null;
  #flushing: Promise<void> | null = null;
  #brokenUntilMs = 0;

  constructor(folder: string, log: Log, mostBytes = mostSpoolBytes) {
    this.#folder = folder;
    this.#log = log;
    this.#mostBytes = mostBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // What earlier processes left takes the same room.
    for (const name of readdirSync(folder)) this.#bytes += statSync(join(folder, name)).size;
  }

  /** What its files take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when the message is on the disk. false: there is no room, or the disk refuses. */
  async append({ credentialId, message }: Spooled): Promise<boolean> {
    const payload = Buffer.from(message.payload).toString("base64");
    const line = `${JSON.stringify({ credentialId, message: { ...message, payload } })}\n`;
    if (Date.now() < this.#brokenUntilMs || this.#bytes + line.length > this.#mostBytes) return false;
    this.#bytes += line.length;
    this.#lines.push(line);
    return new Promise<boolean>((resolve) => {
      this.#waiting.push(resolve);
      this.#flushing ??= this.#flushSoon();
    });
  }

  /** The files of this and of earlier processes that are no more, oldest first; what is written from now on goes to a new one. */
  async seal(): Promise<string[]> {
    await this.#flushing;
    await this.#open?.handle.close();
    this.#open = null;
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".ndjson"));
    const mine: { path: string; ms: number }[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      if (isOfLivingProcess(name)) continue;
      mine.push({ path, ms: (await stat(path)).mtimeMs });
    }
    return mine.sort((a, b) => a.ms - b.ms).map(({ path }) => path);
  }

  /** The messages of a sealed file. */
  async read(path: string): Promise<Spooled[]> {
    const found: Spooled[] = [];
    for (const line of (await readFile(path, "utf8")).split("\n")) {
      const spooled = parse(line);
      if (spooled) found.push(spooled);
    }
    return found;
  }

  /** A sealed file is done with. */
  async remove(path: string): Promise<void> {
    const { size } = await stat(path);
    await rm(path);
    this.#bytes = Math.max(0, this.#bytes - size);
  }

  /** A sealed file that cannot be read is set aside for a person to look at. */
  async setAside(path: string): Promise<void> {
    await rename(path, `${path}.unreadable`);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#open?.handle.close();
    this.#open = null;
  }

  async #flushSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, flushEveryMs));
    while (this.#lines.length) {
      const lines = this.#lines.splice(0);
      const waiting = this.#waiting.splice(0);
      const isKept = await this.#write(lines.join("")).then(
        () => true,
        (error: NodeJS.ErrnoException) => this.#failed(error, lines),
      );
      for (const resolve of waiting) resolve(isKept);
    }
    this.#flushing = null;
  }

  /** The file ends with what may be half a line: the next attempt, after a while, begins another one. */
  #failed({ message, code }: NodeJS.ErrnoException, lines: readonly string[]): false {
    this.#brokenUntilMs = Date.now() + retryEveryMs;
    for (const line of lines) this.#bytes -= line.length;
    void this.#open?.handle.close().catch(() => {});
    this.#open = null;
    const why = code === "ENOSPC" ? "the disk is full" : message;
    this.#log.error({ reason: message }, `messages sent at QoS 0 are being lost: ${why} (${this.#folder})`);
    return false;
  }

  async #write(text: string): Promise<void> {
    if (!this.#open) {
      const path = join(this.#folder, `${this.#name}-${this.#files++}.ndjson`);
      this.#open = { path, handle: await open(path, "a", 0o600) };
    }
    // All of it or an error: a single write may end early on a disk that is nearly full.
    await this.#open.handle.appendFile(text);
    await this.#open.handle.datasync();
  }
}

function parse(line: string): Spooled | null {
  try {
    const { credentialId, message } = JSON.parse(line) as {
      credentialId: string;
      message: Message & { payload: string };
    };
    return { credentialId, message: { ...message, payload: Buffer.from(message.payload as string, "base64") } };
  } catch {
    return null;
  }
}

/** Another process on this machine that shares the folder still writes to its own files. */
function isOfLivingProcess(name: string): boolean {
  const [, host, pid] = /^(.*)-(\d+)-[0-9a-z]+-\d+\.ndjson$/.exec(name) ?? [];
  if (host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
