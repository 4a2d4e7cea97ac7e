import { asUser } from "./as-user.ts";
import { isUuid } from "./client.ts";
import { jobs } from "./jobs.ts";

/**
 * What the people who run the platform see and do at /admin: numbers of tenants, never what is in them. Each function of the
 * database asks itself whether the person is one of them. @throws where they are not.
 */
export async function isPlatformAdmin(userId: string): Promise<boolean> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ is: boolean }>("select auth.is_platform_admin() as is");
    return rows[0]!.is;
  });
}

function ask<Row extends object>(userId: string, text: string, values: unknown[] = []): Promise<Row[]> {
  return asUser(userId, async (sql) => (await sql.query<Row>(text, values)).rows);
}

export interface ListedOrganization {
  id: string;
  name: string;
  createdAt: Date;
  plan: string;
  devices: number;
  channels: number;
  members: number;
  /** Today, and refused today because the plan has no room; in the last 7 days. */
  readings: number;
  refused: number;
  readingsWeek: number;
  /** The largest share of a limit that is used; null: no limits. */
  fullest: number | null;
  /** Until when an owner lets support look in; null: not. */
  supportUntil: Date | null;
}

/** Newest first. `search`: a part of the name, or the id. */
export const listOrganizations = (
  userId: string,
  { search, limit, offset }: { search: string; limit: number; offset: number },
): Promise<ListedOrganization[]> =>
  ask(
    userId,
    `select id, name, created_at as "createdAt", plan, devices, channels, members, readings, refused, readings_week as "readingsWeek",
       fullest, support_until as "supportUntil" from energy.admin_organizations($1, $2, $3)`,
    [search, limit, offset],
  );

/** Limits; null: none. */
export interface PlanLimits {
  devices: number | null;
  channels: number | null;
  members: number | null;
  readingsPerDay: number | null;
  retentionDays: number | null;
}

export interface Plan extends PlanLimits {
  name: string;
  title: string;
  /** How many have it. */
  organizations: number;
}

export const listPlans = (userId: string): Promise<Plan[]> =>
  ask(
    userId,
    `select name, title, devices, channels, members, readings_per_day as "readingsPerDay", retention_days as "retentionDays",
       organizations from energy.admin_plans()`,
  );

/** A new plan, or new limits of one that is there. */
export async function savePlan(userId: string, plan: Omit<Plan, "organizations">): Promise<void> {
  const { name, title, devices, channels, members, readingsPerDay, retentionDays } = plan;
  await ask(userId, "select energy.admin_save_plan($1, $2, $3, $4, $5, $6, $7)", [
    ...[name, title, devices, channels, members, readingsPerDay, retentionDays],
  ]);
}

/** false: there is no such organization or plan. */
export async function setPlan(userId: string, organizationId: string, plan: string): Promise<boolean> {
  if (!isUuid(organizationId)) return false;
  const [row] = await ask<{ done: boolean }>(userId, "select energy.admin_set_plan($1, $2) as done", [
    organizationId,
    plan,
  ]);
  return row!.done;
}

/** A web, an ingest or a worker. `facts`: what it last said of itself. */
export interface RunningProcess {
  kind: "ingest" | "web" | "worker";
  host: string;
  pid: number;
  startedAt: Date;
  /** Since its last word, seconds. */
  silentS: number;
  facts: Partial<Record<"messages" | "readings" | "refused" | "connections" | "waitingRows" | "spoolBytes", number>> &
    Partial<Record<"requests" | "failures" | "streams", number>> & {
      isDown?: boolean;
    };
}

export const listProcesses = (userId: string): Promise<RunningProcess[]> =>
  ask(
    userId,
    `select kind, host, pid, started_at as "startedAt", silent_s as "silentS", facts from energy.admin_processes()`,
  );

export interface QueuedTask {
  task: string;
  waiting: number;
  running: number;
  /** Those that failed at least once; they are among the waiting, unless they were given up. */
  failed: number;
  /** How long the one that waits longest is due, seconds; null: none is. */
  oldestS: number | null;
}

export const queueByTask = (userId: string): Promise<QueuedTask[]> =>
  ask(userId, `select task, waiting, running, failed, oldest_s as "oldestS" from energy.admin_queue()`);

export interface FailedJob {
  id: number;
  task: string;
  attempts: number;
  maxAttempts: number;
  lastError: string;
  runAt: Date;
  createdAt: Date;
}

const mostShown = 100;

export const failedJobs = (userId: string): Promise<FailedJob[]> =>
  ask(
    userId,
    `select id, task, attempts, max_attempts as "maxAttempts", last_error as "lastError", run_at as "runAt", created_at as "createdAt"
     from energy.admin_failed_jobs($1)`,
    [mostShown],
  );

/** At once, and with all its attempts again. false: it is gone, or is running. */
export async function retryJob(userId: string, id: number): Promise<boolean> {
  const [row] = await ask<{ done: boolean }>(userId, "select energy.admin_retry_job($1) as done", [id]);
  return row!.done;
}

export interface TroubledMail {
  id: string;
  template: string;
  /** Only what tells where delivery fails: "a…@example.org". */
  recipient: string;
  attempts: number;
  lastError: string;
  /** null: it waits, and is tried again. */
  outcome: "sent" | "outbox" | "refused" | null;
  /** What it says is still there: it can be sent again. */
  isKept: boolean;
  createdAt: string;
}

export interface MailHealth {
  waiting: number;
  /** In the last week. */
  refused: number;
  /** In the last day. */
  sentDay: number;
  troubled: TroubledMail[];
}

export async function mailHealth(userId: string): Promise<MailHealth> {
  const [row] = await ask<MailHealth>(
    userId,
    `select waiting, refused, sent_day as "sentDay", troubled from energy.admin_mails($1)`,
    [mostShown],
  );
  return row!;
}

/** Tries a mail that waits at once, and one that was refused anew. false: it was sent, is being sent, or is not kept. */
export async function retryMail(userId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const [row] = await ask<{ done: boolean }>(userId, "select energy.admin_retry_mail($1, $2) as done", [
    id,
    jobs["send-mail"].attempts,
  ]);
  return row!.done;
}

export interface DatabaseHealth {
  bytes: number;
  /** Of the last week's readings, and of the packed days before. */
  readingsBytes: number;
  daysBytes: number;
  connections: number;
  /** null: it is not partitioned yet. */
  oldestPartition: string | null;
  partitions: number;
  engine: string;
  version: string;
  /** How long a question and its answer take from here, milliseconds. */
  latencyMs: number;
}

export async function databaseHealth(userId: string): Promise<DatabaseHealth> {
  return asUser(userId, async (sql) => {
    const before = performance.now();
    await sql.query("select 1");
    const latencyMs = performance.now() - before;
    const { rows } = await sql.query<Omit<DatabaseHealth, "latencyMs">>(
      `select bytes, readings_bytes as "readingsBytes", days_bytes as "daysBytes", connections, oldest_partition as "oldestPartition",
         partitions, engine, version from energy.admin_database()`,
    );
    return { ...rows[0]!, latencyMs };
  });
}
