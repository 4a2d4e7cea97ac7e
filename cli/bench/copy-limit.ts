import { once } from "node:events";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";

/**
 * The limit of whatever writes or reads rows: COPY of the readings that are stored, in their order of arrival, into a table with the
 * same columns and key. @returns rows a second. @param timed runs the copying and says how many seconds it took.
 */
export async function copyLimit(
  owner: pg.Client,
  timed: (copying: () => Promise<void>) => Promise<number> = wallSeconds,
): Promise<number> {
  await owner.query(
    "create table telemetry.copied (channel_id int4 not null, time timestamptz not null, value float8 not null, primary key (channel_id, time))",
  );
  const chunks: Buffer[] = [];
  const out = owner.query(
    copyTo("copy (select channel_id, time, value from telemetry.readings) to stdout (format binary)"),
  );
  for await (const chunk of out) chunks.push(chunk as Buffer);
  const rows = await countReadings(owner);
  const seconds = await timed(async () => {
    const into = owner.query(copyFrom("copy telemetry.copied from stdin (format binary)"));
    for (const chunk of chunks) if (!into.write(chunk)) await once(into, "drain");
    into.end();
    await once(into, "finish");
  });
  await owner.query("drop table telemetry.copied");
  return rows / seconds;
}

export async function countReadings(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ n: string }>("select count(*) as n from telemetry.readings");
  return Number(rows[0]!.n);
}

async function wallSeconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
