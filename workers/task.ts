import type { JobName, JobPayload } from "../db/jobs.ts";
import type { Log } from "../platform/log.ts";

/** What a task is given beside its payload. */
export interface TaskContext {
  log: Log;
  /** Set when the worker stops: long tasks end at the next safe point and are queued again. */
  signal: AbortSignal;
}

export type Task<N extends JobName> = (payload: JobPayload<N>, context: TaskContext) => Promise<void>;
