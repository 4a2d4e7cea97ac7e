import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { takeCorrectionsAlong } from "./corrections.ts";
import { lockReadingDays, readingDaysAfter, saveReadingDays } from "./pack-readings.ts";
import { overlayReadings } from "./reading-days.ts";
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
  await awaitStores();
  const copied = (await copyReadings(channelId, merge, covered)) + (await copyReadingDays(channelId, merge, covered));
  await copyStates(channelId, merge.into, covered);
  await copyLatest(channelId, merge);
  await deleteReadings(channelId);
  await asSystem(async (sql) => {
    await deleteRest(sql, [channelId]);
    await takeCorrectionsAlong(sql, channelId, merge.into);
    await sql.query("select energy.mark_channel_dirty($1)", [merge.into]);
    await keepAlias(channelId, merge, sql);
  });
  return copied;
}

/** A batch takes milliseconds; while this waits, others wait behind it. */
const waitMs = 500;
const mostTries = 60;

/**
 * Resolves when no batch is on its way any more that had looked before the merge was committed; every later one sees it and
 * goes to the channel that stays (`store-readings.ts`). A statement's locks come before its snapshot, so a lock that excludes
 * theirs, once had, is enough. @throws when a batch holds it up for half a minute; the job is tried again.
 */
async function awaitStores(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await asSystem(async (sql) => {
        await sql.query(`set local lock_timeout = ${waitMs}; lock table energy.channels in exclusive mode`);
      });
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotAvailable || attempt === mostTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

const lockNotAvailable = "55P03";

/** 48,211,376 Wh are 48,211.376 kWh: dividing keeps the decimals that multiplying by 0.001 would blur. */
function fraction(factor: number): { multiply: number; divide: number } {
  const whole = Math.round(1 / factor);
  const isWhole = whole > 1 && Math.abs(1 / factor - whole) < 1e-9 * whole;
  return isWhole ? { multiply: 1, divide: whole } : { multiply: factor, divide: 1 };
}

/** The rows. */
async function copyReadings(
  channelId: number,
  { into, factor, offset }: { into: number; factor: number; offset: number },
  covered: { fromMs: number; toMs: number } | null,
): Promise<number> {
  const { multiply, divide } = fraction(factor);
  let copied = 0;
  for (let after = "-infinity"; ;) {
    const { rows } = await systemPool().query<{ last: string | null; n: number }>(
      `with piece as (
         select time, value from telemetry.readings where channel_id = $1 and time > $2::timestamptz order by time limit $3
       ), copied as (
         insert into telemetry.readings (channel_id, time, value)
         select $4::int, time, value * $5::float8 / $9::float8 + $6::float8 from piece
         where $7::float8 is null or time < to_timestamp($7::float8 / 1000.0) or time > to_timestamp($8::float8 / 1000.0)
         on conflict do nothing returning 1
       )
       select (select max(time)::text from piece) as last, (select count(*) from copied)::int as n`,
      [channelId, after, perCopy, into, multiply, offset, covered?.fromMs ?? null, covered?.toMs ?? null, divide],
    );
    const { last, n } = rows[0]!;
    copied += n;
    if (last === null) return copied;
    after = last;
  }
}

const daysAtOnce = 50;

/** The packed days; what the other channel has packed itself stays. */
async function copyReadingDays(
  channelId: number,
  { into, factor, offset }: { into: number; factor: number; offset: number },
  covered: { fromMs: number; toMs: number } | null,
): Promise<number> {
  const { multiply, divide } = fraction(factor);
  const isCovered = (micros: number) =>
    covered !== null && micros >= Math.round(covered.fromMs * 1000) && micros <= Math.round(covered.toMs * 1000);
  let copied = 0;
  for (let after = -Infinity; ;) {
    const days = await asSystem(async (sql) => {
      await lockReadingDays(sql);
      const found = await readingDaysAfter(sql, channelId, after, daysAtOnce);
      const taken = found.flatMap(({ dayMs, micros, values }) => {
        const kept = [...micros.keys()].filter((i) => !isCovered(micros[i]!));
        if (!kept.length) return [];
        const value = (i: number) => (values[i]! * multiply) / divide + offset;
        return [{ channelId: into, dayMs, micros: kept.map((i) => micros[i]!), values: kept.map(value) }];
      });
      await saveReadingDays(sql, taken, (packed, given) => overlayReadings(given, packed));
      copied += taken.reduce((sum, { micros }) => sum + micros.length, 0);
      return found;
    });
    if (!days.length) return copied;
    after = days.at(-1)!.dayMs;
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

async function copyLatest(
  channelId: number,
  { into, factor, offset }: { into: number; factor: number; offset: number },
): Promise<void> {
  await systemPool().query(
    `insert into telemetry.latest as l (channel_id, time, value, text, received_at)
     select $2, time, value * $3::float8 + $4::float8, text, received_at from telemetry.latest where channel_id = $1
     on conflict (channel_id) do update set value = case when excluded.time > l.time then excluded.value else l.value end,
       text = case when excluded.time > l.time then excluded.text else l.text end,
       time = greatest(excluded.time, l.time), received_at = greatest(excluded.received_at, l.received_at)`,
    [channelId, into, factor, offset],
  );
}

// The row stays, for what was on its way when the channels were merged, and as the other key of its channel: on a device that was
// merged into the other one it moves there. With the same key it stays where it is, for messages under its device's name.
async function keepAlias(
  channelId: number,
  { into, isSameKey }: { into: number; isSameKey: boolean },
  sql: Sql,
): Promise<void> {
  if (isSameKey) return;
  await sql.query(
    `update energy.channels c set device_id = t.device_id from energy.channels t, energy.devices d
     where c.id = $1 and t.id = $2 and d.id = c.device_id and d.merged_into = t.device_id
       and not exists (select from energy.channels x where x.device_id = t.device_id and x.key = c.key)`,
    [channelId, into],
  );
}
