import type pg from "pg";
import type { JobName, JobPayload } from "../../db/jobs.ts";
import { log } from "../../platform/log.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import sendMail from "../../workers/tasks/send-mail.ts";
import writeResetMail from "../../workers/tasks/write-reset-mail.ts";
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

/** Does what waits in the queue of mail, and what that puts in. */
export async function runMails(owner: pg.Client): Promise<void> {
  for (let waiting = await takeJobs(owner); waiting.length; waiting = await takeJobs(owner)) {
    for (const { task, payload } of waiting) {
      if (task === "write-reset-mail") await writeResetMail(payload as JobPayload<"write-reset-mail">, context);
      if (task === "send-mail") await sendMail(payload as JobPayload<"send-mail">, context);
    }
  }
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
