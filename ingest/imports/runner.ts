import { randomUUID } from "node:crypto";
import { claimImport } from "../../db/import-runs.ts";
import type { Log } from "../../platform/log.ts";
import { openIntake, type Intake } from "../intake.ts";
import type { Wake } from "../wake.ts";
import { runImport } from "./run-import.ts";

/** An import whose process is gone is found within this time after its lease has ended. */
const lookEveryMs = 5_000;
/** While an import lasts, its marks become due together and not oftener than this. */
const marksEveryMs = 600_000;

/** The path of an import's readings: a writer of its own, so that the live stream never waits in its queue. */
export function importPath({ wake, log }: { wake: Wake; log: Log }): Intake {
  return openIntake({
    writers: 1,
    batchRows: 2_000,
    isHistory: true,
    onCommit: (batch) => wake.committed(batch.latestChannels, false),
    marksDueMs: () => (Math.floor(Date.now() / marksEveryMs) + 1) * marksEveryMs,
    log,
  });
}

/** Takes imports that wait, one at a time, and those that a killed process has left. */
export class ImportRunner {
  #holder = randomUUID();
  #path: Intake;
  #log: Log;
  #stopping = new AbortController();
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #isAsked = false;

  constructor(options: { wake: Wake; log: Log }) {
    this.#path = importPath(options);
    this.#log = options.log;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
    this.look();
  }

  /** Something may wait. */
  look(): void {
    this.#isAsked = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  /** Channels or devices changed: what is known of them is read anew. */
  forget(): void {
    this.#path.receive.speakers.forgetAll();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#path.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#isAsked && !signal.aborted) {
      this.#isAsked = false;
      try {
        const claimed = await claimImport(this.#holder);
        if (!claimed) continue;
        this.#isAsked = true;
        this.#log.info({ import: claimed.id, file: claimed.fileName, from: claimed.items }, "an import begins");
        await runImport(claimed, { holder: this.#holder, receive: this.#path.receive, signal });
        this.#path.receive.speakers.forget([claimed.identity.credentialId]);
      } catch (error) {
        this.#isAsked = false;
        if (!signal.aborted) this.#log.warn({ reason: (error as Error).message }, "an import was interrupted");
      }
    }
  }
}
