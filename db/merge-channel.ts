import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { deleteReadings, deleteRest } from "./upkeep.ts";

const perCopy = 50_000;

/**
 * Copies what a merged channel has into the one that it was merged into, outside the stretch that this one covers itself, then
 * removes it. Can be interrupted at any point and run again. @returns how many readings came along.
 */
export async function mergeChannelData(
  organizationId: string,
  channelId: number,
  covered: { fromMs: number; toMs: number } | null,
): Promise<number> {
  const { rows } = await systemPool().query<{ into: number; factor: number; offset: number; isSameKey: boolean }>(
    `select t.id as into, c.merge_factor as factor, c.merge_offset as "offset", c.key = t.key as "isSameKey"
     from energy.channels c join energy.channels t on t.id = c.merged_into where c.id = $1 and c.organization_id = $2`,
    [channelId, organizationId],
  );
  const merge = rows[0];
  if (!merge) return 0;
  const copied = await copyReadings(channelId, merge, covered);
  await copyStates(channelId, merge.into, covered);
  await deleteReadings(channelId);
  await asSystem(async (sql) => {
    await deleteRest(sql, [channelId]);
    await sql.query("select energy.mark_channel_dirty($1)", [merge.into]);
    await keepAlias(channelId, merge, sql);
  });
  return copied;
}

async function copyReadings(
  channelId: number,
  { into, factor, offset }: { into: number; factor: number; offset: number },
  covered: { fromMs: number; toMs: number } | null,
): Promise<number> {
  let copied = 0;
  for (let after = "-infinity"; ;) {
    const { rows } = await systemPool().query<{ last: string | null; n: number }>(
      `with some as (
         select time, value from telemetry.readings where channel_id = $1 and time > $2::timestamptz order by time limit $3
       ), copied as (
         insert into telemetry.readings (channel_id, time, value)
         select $4::int, time, value * $5::float8 + $6::float8 from some
         where $7::float8 is null or time < to_timestamp($7::float8 / 1000.0) or time > to_timestamp($8::float8 / 1000.0)
         on conflict do nothing returning 1
       ), newest as (
         insert into telemetry.latest as l (channel_id, time, value, received_at)
         select $4::int, time, value * $5::float8 + $6::float8, now() from some order by time desc limit 1
         on conflict (channel_id) do update set value = excluded.value, time = excluded.time where excluded.time > l.time
       )
       select (select max(time)::text from some) as last, (select count(*) from copied)::int as n`,
      [channelId, after, perCopy, into, factor, offset, covered?.fromMs ?? null, covered?.toMs ?? null],
    );
    const { last, n } = rows[0]!;
    copied += n;
    if (last === null) return copied;
    after = last;
  }
}

async function copyStates(
  channelId: number,
  into: number,
  covered: { fromMs: number; toMs: number } | null,
): Promise<void> {
  await systemPool().query(
    `insert into telemetry.states (channel_id, time, value)
     select $2, time, value from telemetry.states where channel_id = $1
       and ($3::float8 is null or time < to_timestamp($3::float8 / 1000.0) or time > to_timestamp($4::float8 / 1000.0))
     on conflict do nothing`,
    [channelId, into, covered?.fromMs ?? null, covered?.toMs ?? null],
  );
}

// The row stays as the other key of its channel; on a device that was merged into the other one, it moves there, and it goes
// when its key is the same.
async function keepAlias(
  channelId: number,
  { into, isSameKey }: { into: number; isSameKey: boolean },
  sql: Sql,
): Promise<void> {
  const where = `c.id = $1 and t.id = $2 and d.id = c.device_id and d.merged_into = t.device_id`;
  if (isSameKey) {
    await sql.query(`delete from energy.channels c using energy.channels t, energy.devices d where ${where}`, [
      channelId,
      into,
    ]);
    return;
  }
  await sql.query(
    `update energy.channels c set device_id = t.device_id from energy.channels t, energy.devices d where ${where}
       and not exists (select from energy.channels x where x.device_id = t.device_id and x.key = c.key)`,
    [channelId, into],
  );
}
