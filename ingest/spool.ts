import { mkdirSync } from "node:fs";
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

export class Spool {
  readonly #folder: string;
  readonly #name = `${hostname()}-${process.pid}-${Date.now().toString(36)}`;
  readonly #log: Log;
  #lines: string[] = [];
  #waiting: (() => void)[] = [];
  #bytes = 0;
  #files = 0;
  #open: { handle: FileHandle; path: string } | null = null;
  #flushing: Promise<void> | null = null;
  #isBroken = false;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Resolves when the message is on the disk. false: there is no room, or the disk refuses. */
  async append({ credentialId, message }: Spooled): Promise<boolean> {
    const payload = Buffer.from(message.payload).toString("base64");
    const line = `${JSON.stringify({ credentialId, message: { ...message, payload } })}\n`;
    if (this.#isBroken || this.#bytes + line.length > mostSpoolBytes) return false;
    this.#bytes += line.length;
    this.#lines.push(line);
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#flushing ??= this.#flushSoon();
    });
    return !this.#isBroken;
  }

  /** The files of this and of earlier processes that are no more, oldest first; what is written from now on goes to a new one. */
  async seal(): Promise<string[]> {
    await this.#flushing;
    await this.#open?.handle.close();
    this.#open = null;
    this.#isBroken = false;
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
      try {
        await this.#write(lines.join(""));
      } catch (error) {
        this.#isBroken = true;
        const { message, code } = error as NodeJS.ErrnoException;
        const why = code === "ENOSPC" ? "the disk is full" : message;
        this.#log.error({ reason: message }, `messages sent at QoS 0 are being lost: ${why} (${this.#folder})`);
      }
      for (const resolve of waiting) resolve();
    }
    this.#flushing = null;
  }

  async #write(text: string): Promise<void> {
    if (!this.#open) {
      const path = join(this.#folder, `${this.#name}-${this.#files++}.ndjson`);
      this.#open = { path, handle: await open(path, "a", 0o600) };
    }
    await this.#open.handle.write(text);
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
