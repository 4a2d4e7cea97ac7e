import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";

/** Processes say that they live, so that the page of the platform's health, served by any web process, can tell how they do. */
export type ProcessKind = "ingest" | "web" | "worker";
export const beatEveryMs = 15_000;

export interface Beat {
  /** Of a worker: the number that it holds while it lives (ProcessNumbers), and its name in the queue. */
  number?: number | null;
  queueName?: string | null;
  /** How it does, as the page of the platform's health shows it. */
  facts?: Record<string, number | boolean>;
}

/** One process's row: written with each beat, gone when it ends well. */
export class ProcessRow {
  readonly #id = randomUUID();
  readonly #kind: ProcessKind;

  constructor(kind: ProcessKind) {
    this.#kind = kind;
  }

  async beat({ number = null, queueName = null, facts = {} }: Beat): Promise<void> {
    await systemPool().query(
      `insert into energy.processes (id, kind, host, pid, number, queue_name, facts) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (id) do update set number = excluded.number, queue_name = excluded.queue_name, facts = excluded.facts,
         beat_at = now()`,
      [this.#id, this.#kind, hostname(), process.pid, number, queueName, JSON.stringify(facts)],
    );
  }

  async end(): Promise<void> {
    await systemPool().query("delete from energy.processes where id = $1", [this.#id]);
  }
}

/** Locks of workers that never said their name (of an earlier version, or killed as they began) are kept so long. */
const unknownAfterS = 600;

/**
 * Gives back the jobs of workers that are no more: their number is free and they have been silent for `silentMs`. Without it the
 * queue would keep them locked for 4 hours. @param held the numbers that are held now. @returns how many workers were dead.
 */
export async function freeJobsOfTheDead(held: readonly number[], silentMs: number): Promise<number> {
  const { rows } = await systemPool().query<{ dead: string[] }>(
    `with workers as (
       select p.queue_name as name,
         p.beat_at > now() - $2 * interval '1 millisecond'
           -- Its number may be another's by now: the one that began last has it.
           or p.number = any ($1) and not exists (
             select from energy.processes q where q.number = p.number and q.started_at > p.started_at) as lives
       from energy.processes p where p.kind = 'worker')
     select coalesce(array_agg(distinct j.locked_by), '{}') as dead
     from graphile_worker._private_jobs j left join workers w on w.name = j.locked_by
     where j.locked_by is not null and case when w.name is null then j.locked_at < now() - $3 * interval '1 second' else not w.lives end`,
    [held, silentMs, unknownAfterS],
  );
  const { dead } = rows[0]!;
  if (dead.length) await systemPool().query("select graphile_worker.force_unlock_workers($1)", [dead]);
  return dead.length;
}

export async function forgetOldProcesses(sql: Sql): Promise<void> {
  await sql.query("delete from energy.processes where beat_at < now() - interval '2 days'");
}
