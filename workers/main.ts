import { EventEmitter } from "node:events";
import { Logger, parseCronItems, run, type Runner, type TaskList, type WorkerEvents } from "graphile-worker";
import { runAs } from "../db/actor.ts";
import { systemPool } from "../db/as-system.ts";
import { jobs, type JobName, type JobPayload } from "../db/jobs.ts";
import type { Log } from "../platform/log.ts";
import { counter, histogram } from "../platform/metrics.ts";
import { crontab } from "./crontab.ts";
import { Presence, type PresenceTimes } from "./presence.ts";
import type { Task, TaskContext } from "./task.ts";

/** File name = job name; loaded when the first such job comes. */
const handlers: { [N in JobName]: () => Promise<{ default: Task<N> }> } = {
  "roll-up": () => import("./tasks/roll-up.ts"),
  upkeep: () => import("./tasks/upkeep.ts"),
  "warn-of-quotas": () => import("./tasks/warn-of-quotas.ts"),
  "hold-values": () => import("./tasks/hold-values.ts"),
  "remove-readings": () => import("./tasks/remove-readings.ts"),
  "delete-device": () => import("./tasks/delete-device.ts"),
  "delete-channel": () => import("./tasks/delete-channel.ts"),
  "merge-channel": () => import("./tasks/merge-channel.ts"),
  "settle-device": () => import("./tasks/settle-device.ts"),
  "write-reset-mail": () => import("./tasks/write-reset-mail.ts"),
  "send-mail": () => import("./tasks/send-mail.ts"),
  "deliver-webhook": () => import("./tasks/deliver-webhook.ts"),
  "watch-silence": () => import("./tasks/watch-silence.ts"),
  "export-organization": () => import("./tasks/export-organization.ts"),
  "delete-organization": () => import("./tasks/delete-organization.ts"),
};

const jobsTotal = counter("jobs_total", "Jobs ended, by task and outcome", ["task", "outcome"]);
const jobSeconds = histogram("job_seconds", "How long jobs took", { labels: ["task"] });

export interface Workers {
  stop(): Promise<void>;
}

const restartAfterMs = 1_000;
/** For the jobs that a failing runner has in hand. */
const endWithinMs = 5_000;

/**
 * Starts the queue's runner on the open database. Payloads are parsed by the catalogue: old jobs may still be in the table.
 * The runner ends when it loses the database while it takes a job; it is started again until `stop`.
 */
export async function startWorkers(log: Log, times: PresenceTimes = {}): Promise<Workers> {
  const stopping = new AbortController();
  const presence = await Presence.begin(log, times);
  const startAgain = () => startRunner(log, stopping.signal, presence);
  let runner = await startAgain();
  let ended = endOf(runner);
  const running = keepRunning();

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      const reason = await ended;
      while (!stopping.signal.aborted) {
        log.warn({ from: "queue", reason }, "the queue's runner ended; starting it again");
        await new Promise((resolve) => setTimeout(resolve, restartAfterMs));
        const started = await startAgain().catch(() => null);
        if (!started) continue;
        runner = started;
        ended = endOf(runner);
        break;
      }
    }
  }

  const stopRunner = () => Promise.race([runner.stop().catch(() => {}), ended]);
  return {
    async stop() {
      stopping.abort();
      await stopRunner();
      await running;
      // One that was just being started again.
      await stopRunner();
      await presence.stop();
    },
  };
}

/**
 * Resolves with the reason when the runner has ended. When it could not write down that jobs had ended it stops itself; but
 * graphile-worker 0.17 miscounts when two such words fail at once (`batch` in its main.ts) and waits for ever, so we do not.
 */
async function endOf(runner: Runner): Promise<string> {
  const settled = runner.promise.then(
    () => "it ended",
    (error: Error) => error.message,
  );
  const failed = new Promise<string>((resolve) => {
    runner.events.once("pool:fatalError", ({ error }) =>
      setTimeout(resolve, endWithinMs, (error as Error).message).unref(),
    );
  });
  return Promise.race([settled, failed]);
}

function startRunner(log: Log, signal: AbortSignal, presence: Presence): Promise<Runner> {
  // Of its own: what an ended runner still says is not about this one.
  const events: WorkerEvents = new EventEmitter();
  events.on("pool:create", ({ workerPool }) => presence.isNamed(workerPool.id));
  const taskList: TaskList = {};
  for (const name of Object.keys(jobs) as JobName[]) {
    taskList[name] = (payload) => runAs({ kind: "job", name }, () => runTask(name, payload, { log, signal }));
  }
  return run({
    pgPool: systemPool(),
    events,
    taskList,
    parsedCronItems: parseCronItems(crontab),
    concurrency: 4,
    pollInterval: 1_000,
    noHandleSignals: true,
    // Without these two, the queue does not wait for the word that a job has ended: when the database is gone just then, the
    // rejection has nobody to catch it and ends the process. With them it is retried.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    logger: new Logger(() => (level, message) => {
      if (level === "error" || level === "warning") log.warn({ from: "queue" }, message);
      else log.trace({ from: "queue" }, message);
    }),
  });
}

async function runTask<N extends JobName>(name: N, payload: unknown, context: TaskContext): Promise<void> {
  const parsed = jobs[name].payload.parse(withoutCron(payload)) as JobPayload<N>;
  const end = jobSeconds.startTimer({ task: name });
  try {
    const { default: task } = await handlers[name]();
    await task(parsed, context);
    jobsTotal.inc({ task: name, outcome: "done" });
  } catch (error) {
    jobsTotal.inc({ task: name, outcome: "failed" });
    context.log.error(
      { task: name, reason: (error as Error).message, stack: (error as Error).stack },
      "a job failed and will be tried again",
    );
    throw error;
  } finally {
    end();
  }
}

/** Jobs from the crontab carry `_cron` beside their payload. */
function withoutCron(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null) return payload ?? {};
  const { _cron: _, ...rest } = payload as Record<string, unknown>;
  return rest;
}
