import { enqueue } from "../db/jobs.ts";
import { notify } from "../db/live.ts";
import { systemPool } from "../db/as-system.ts";
import type { Log } from "../platform/log.ts";

/**
 * What follows a commit: browsers hear which channels have a new value (at once, then at most ten times a second), and
 * the roll-up is woken (one keyed job, at most twice a second, never inside the readings' transaction). If a wake-up is lost,
 * the sweep of every minute finds the marks.
 */
const notifyEveryMs = 100;
const rollUpEveryMs = 500;

export class Wake {
  #changed = new Set<number>();
  #marked = false;
  #notifying = throttle(() => this.#notify(), notifyEveryMs);
  #waking = throttle(() => this.#rollUp(), rollUpEveryMs);
  #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  #stopped = false;

  /** Nobody is told any more: the sweep of the next worker finds what is marked. */
  stop(): void {
    this.#stopped = true;
  }

  committed(channels: readonly number[], marked: boolean): void {
    for (const id of channels) this.#changed.add(id);
    this.#notifying();
    this.#marked ||= marked;
    if (this.#marked) this.#waking();
  }

  async #notify(): Promise<void> {
    const channels = [...this.#changed];
    this.#changed.clear();
    if (channels.length) await this.#try("tell the browsers", () => notify(systemPool(), { latest: channels }));
  }

  async #rollUp(): Promise<void> {
    if (!this.#marked) return;
    this.#marked = false;
    await this.#try("wake the roll-up", () => enqueue(systemPool(), "roll-up", {}, { key: "roll-up" }));
  }

  async #try(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    try {
      await work();
    } catch (error) {
      this.#log.warn({ reason: (error as Error).message }, `could not ${what}`);
    }
  }
}

/** Runs `work` at once, and then at most once in `everyMs`, the last call never lost; never twice at the same time. */
function throttle(work: () => Promise<void>, everyMs: number): () => void {
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  const run = () => {
    again = false;
    const started = Date.now();
    void work().finally(() => {
      timer = setTimeout(
        () => {
          timer = null;
          if (again) start();
        },
        Math.max(0, everyMs - (Date.now() - started)),
      );
    });
  };
  const start = () => {
    timer = setTimeout(() => {}, 0);
    run();
  };
  return () => {
    if (timer) again = true;
    else start();
  };
}
