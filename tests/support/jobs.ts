import type pg from "pg";
import type { JobName, JobPayload } from "../../db/jobs.ts";
import { log } from "../../platform/log.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import mergeChannel from "../../workers/tasks/merge-channel.ts";
import settleDevice from "../../workers/tasks/settle-device.ts";

const context = { log, signal: new AbortController().signal };

/** Does what waits in the queue of merging, whatever its time, and then rolls up until nothing is marked. */
export async function runMerges(owner: pg.Client): Promise<void> {
  for (const { task, payload } of await takeJobs(owner)) {
    if (task === "merge-channel") await mergeChannel(payload as JobPayload<"merge-channel">, context);
    if (task === "settle-device") await settleDevice(payload as JobPayload<"settle-device">, context);
  }
  while ((await rollUpOnce()) > 0);
}

interface Waiting {
  task: JobName;
  payload: unknown;
}

/** The jobs that wait, oldest first; they are gone from the queue. */
export async function takeJobs(owner: pg.Client): Promise<Waiting[]> {
  const { rows } = await owner.query<Waiting>(
    `with gone as (delete from graphile_worker._private_jobs returning id, task_id, payload)
     select t.identifier as task, gone.payload from gone join graphile_worker._private_tasks t on t.id = gone.task_id order by gone.id`,
  );
  return rows;
}
