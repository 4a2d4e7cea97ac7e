/**
 * The graceful stop of a process: what was started last is stopped first, each thing once and within its time.
 * 100 ms after SIGTERM with [database, ingest, web] registered in that order: web is stopping, then ingest, then the
 * database; exit code 0 when all of them stopped, 1 when one failed or ran out of time.
 */
type Stop = () => Promise<unknown> | unknown;
type Log = (sentence: string, error?: unknown) => void;
type Step = { name: string; stop: Stop; timeoutMs: number };

export type ShutdownOptions = { log?: Log; exit?: (code: number) => void };

/** Long enough to commit what is buffered and to let requests end; below what process managers grant (30 s). */
const STEP_TIMEOUT_MS = 8_000;

/** A stop of its own, for tests; the process's own is `onShutdown`, `stopOnSignals` and `shutdown` below. */
export function createShutdown({ log = () => {}, exit = (code) => process.exit(code) }: ShutdownOptions = {}) {
  const steps: Step[] = [];
  let running: Promise<void> | undefined;

  /**
   * Registers something to stop; the returned function takes it off again. Register before starting what takes time
   * to start, so that a signal in between still stops it: a step added during the stop is run as well.
   */
  function onShutdown(name: string, stop: Stop, timeoutMs = STEP_TIMEOUT_MS): () => void {
    const step = { name, stop, timeoutMs };
    steps.push(step);
    return () => {
      const at = steps.indexOf(step);
      if (at >= 0) steps.splice(at, 1);
    };
  }

  /** Stops everything and ends the process. Calling it again waits for the stop that is under way. */
  function shutdown(reason: string, exitCode = 0): Promise<void> {
    running ??= stopAll(reason, exitCode);
    return running;
  }

  async function stopAll(reason: string, exitCode: number): Promise<void> {
    if (steps.length > 0) log(`stopping: ${reason}`);
    let failed = false;
    for (let step = steps.pop(); step; step = steps.pop()) {
      const problem = await runStep(step);
      if (problem !== undefined) log(`${step.name} did not stop cleanly`, problem);
      failed ||= problem !== undefined;
    }
    exit(exitCode === 0 && failed ? 1 : exitCode);
  }

  /** From here on the process says what it stops through `log`. */
  function logTo(to: Log): void {
    log = to;
  }

  return { onShutdown, shutdown, logTo };
}

/** What went wrong while the step stopped; undefined when nothing did. */
async function runStep({ name, stop, timeoutMs }: Step): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`${name} was still running after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve(stop()).then(() => undefined), tooLong]);
  } catch (error) {
    return error ?? new Error(`${name} failed`);
  } finally {
    clearTimeout(timer);
  }
}

// On globalThis, because the built web app is a bundle with a copy of this module: one process, one stop.
const holder = globalThis as { [key: symbol]: ReturnType<typeof createShutdown> | undefined };
const ofProcess = (holder[Symbol.for("energy.shutdown")] ??= createShutdown());

/** Registers something that the process must stop before it ends. Last registered is first stopped. */
export const onShutdown = ofProcess.onShutdown;

/** Stops everything that was registered, in reverse order, and ends the process. */
export const shutdown = ofProcess.shutdown;

/** npm and a terminal both pass Ctrl-C on: a second SIGINT this soon after the first is the same wish. */
const ECHO_MS = 1_000;

/** SIGTERM and SIGINT stop the process gracefully; pressing Ctrl-C once more ends it at once. */
export function stopOnSignals(log: Log): void {
  ofProcess.logTo(log);
  let askedAt: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      void ofProcess.shutdown(signal);
    } else if (signal === "SIGINT" && performance.now() - askedAt > ECHO_MS) {
      process.exit(130);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
