import { z } from "zod";
import type { Sql } from "./client.ts";

/**
 * The catalogue of jobs: name (= file in workers/tasks), payload, and how it is queued. Handlers live with the workers,
 * so that enqueuing a job never loads one. Jobs must be idempotent: each may run more than once.
 */
export const jobs = {
  /**
   * Recomputes the buckets that telemetry.dirty names. Serial by a lock of the database (lockRollups), so that an older
   * snapshot never overwrites a newer one. Not by a named queue: a worker that is killed would keep that locked for hours.
   */
  "roll-up": { payload: z.object({}), queue: null, attempts: 25 },
  /** Makes partitions ahead, packs old buckets, drops expired sessions. */
  upkeep: { payload: z.object({}), queue: null, attempts: 5 },
  /** Tells owners of organizations that use most of what their plan has. */
  "warn-of-quotas": { payload: z.object({}), queue: null, attempts: 5 },
  /** Has what channels that report on change hold at present rolled up. */
  "hold-values": { payload: z.object({}), queue: null, attempts: 1 },
  /** Removes raw readings that organizations chose not to keep. */
  "remove-readings": { payload: z.object({}), queue: null, attempts: 5 },
  /** Removes a deleted device with all its data. */
  "delete-device": {
    payload: z.object({ organizationId: z.uuid(), deviceId: z.uuid() }),
    queue: null,
    attempts: 25,
  },
  /** Removes what is left of a deleted channel: its readings and roll-ups. */
  "delete-channel": {
    payload: z.object({ organizationId: z.uuid(), channelId: z.number().int() }),
    queue: null,
    attempts: 25,
  },
  /** Brings the readings of a channel into the one that it was merged into; those of that one stay where both have some. */
  "merge-channel": {
    payload: z.object({
      organizationId: z.uuid(),
      channelId: z.number().int(),
      /** The stretch that the other one covers itself, epoch milliseconds; null: it has nothing. */
      covered: z.object({ fromMs: z.number(), toMs: z.number() }).nullable(),
    }),
    queue: null,
    attempts: 25,
  },
  /** Settles anew which of a device's channels count, after channels came to it from another. */
  "settle-device": {
    payload: z.object({ organizationId: z.uuid(), deviceId: z.uuid() }),
    queue: null,
    attempts: 25,
  },
  /** Writes the mail with the link for a new password, if anybody has the address. */
  "write-reset-mail": { payload: z.object({ email: z.string() }), queue: null, attempts: 5 },
  /** Sends a mail that db/mail put in. Tried for most of a day. */
  "send-mail": {
    payload: z.object({ mailId: z.uuid(), organizationId: z.uuid().optional() }),
    queue: null,
    attempts: 12,
  },
  /** Sends one message to a webhook. When it is tried again is domain/webhook/retry's to say; these tries are for our own faults. */
  // Its queue is the organization's (db/webhooks.ts).
  "deliver-webhook": {
    payload: z.object({ organizationId: z.uuid(), deliveryId: z.uuid() }),
    queue: null,
    attempts: 25,
  },
  /** Notes which devices fell silent or are heard again, where a webhook is told of it. */
  "watch-silence": { payload: z.object({}), queue: null, attempts: 1 },
  /** Writes everything of an organization into a file. A failed one is shown, and started again by a person. */
  "export-organization": {
    payload: z.object({ organizationId: z.uuid(), exportId: z.uuid() }),
    queue: null,
    attempts: 5,
  },
  /** Removes an organization for good, once its time of grace is over. */
  "delete-organization": {
    payload: z.object({ organizationId: z.uuid() }),
    queue: null,
    attempts: 25,
  },
} as const;

export type JobName = keyof typeof jobs;
export type JobPayload<N extends JobName> = z.infer<(typeof jobs)[N]["payload"]>;

/**
 * Puts a job in, on the caller's transaction: no row without its job, no job without its row. With `key`, a job that waits
 * already is replaced, not doubled. In an organization's context the payload's organizationId is always that organization.
 */
export async function enqueue<N extends JobName>(
  sql: Sql,
  name: N,
  payload: Partial<JobPayload<N>>,
  options: { key?: string; runAt?: Date } = {},
): Promise<void> {
  const { queue, attempts } = jobs[name];
  await sql.query("select energy.enqueue($1, $2, $3, $4, $5, $6)", [
    name,
    JSON.stringify(payload),
    options.key ?? null,
    queue,
    options.runAt ?? null,
    attempts,
  ]);
}
