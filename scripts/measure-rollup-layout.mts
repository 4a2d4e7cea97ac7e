/**
 * Which layout keeps 15-minute buckets best: rows, or days of 96 slots in arrays? Prints what reading a year of one channel
 * and changing the newest bucket of every channel cost in each. Run: npx tsx scripts/measure-rollup-layout.mts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { openEmbeddedPostgres } from "../cli/engines/embedded-postgres.ts";

const channels = 200;
const rounds = 50;
const dataDir = mkdtempSync(join(tmpdir(), "energy-layout-"));
const engine = await openEmbeddedPostgres({ dataDir, log: () => {} });
const client = new pg.Client({ connectionString: engine.ownerUrl });
await client.connect();

await client.query(`
  create table rows_ (channel_id int4, start timestamptz, energy float8, reverse float8, estimated float8, covered float8, mean float8,
    min float8, max float8, count int4, last float8, primary key (channel_id, start)) with (fillfactor = 80);
  create table days_ (channel_id int4, day date, energy float8[], covered float8[], mean float8[], min float8[], max float8[],
    count int4[], last float8[], primary key (channel_id, day));`);
// In the order of arrival, as a year of the live stream leaves it.
await client.query(`insert into rows_ select c, t, random(), 0, 0, 900, random(), random(), random(), 90, random()
  from generate_series('2025-01-01Z'::timestamptz, '2025-12-31 23:45Z', '15 minutes') t, generate_series(1, ${channels}) c`);
await client.query(`insert into days_ select channel_id, (start at time zone 'UTC')::date, array_agg(energy order by start),
  array_agg(covered order by start), array_agg(mean order by start), array_agg(min order by start), array_agg(max order by start),
  array_agg(count order by start), array_agg(last order by start) from rows_ group by 1, 2 order by 2, 1`);
await client.query("vacuum analyze");
await client.query("checkpoint");

async function median(times: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await work(i);
    taken.push(performance.now() - begun);
  }
  return taken.sort((a, b) => a - b)[times >> 1]!;
}

async function wal(work: () => Promise<void>): Promise<{ ms: number; bytes: number }> {
  const { rows } = await client.query("select pg_current_wal_insert_lsn() as lsn");
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  const { rows: after } = await client.query(
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::float8 as bytes",
    [rows[0].lsn],
  );
  return { ms, bytes: after[0].bytes };
}

const size = async (table: string) =>
  Number((await client.query(`select pg_total_relation_size('${table}') as n`)).rows[0].n) / 1e6;
const report = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));

const energyOf = (i: number) =>
  client.query("select start, energy, covered from rows_ where channel_id = $1 order by start", [i + 1]);
// As the product reads long ranges: summed by day where it is stored.
const packedEnergyOf = (i: number) =>
  client.query(
    "select day, (select sum(x) from unnest(energy) x), (select sum(x) from unnest(covered) x) from days_ where channel_id = $1 order by day",
    [i + 1],
  );
const packedSlotsOf = (i: number) =>
  client.query("select day, energy, covered from days_ where channel_id = $1 order by day", [i + 1]);
report("rows: a year of one channel by quarter-hours", await median(21, energyOf), "ms");
report("days: a year of one channel by quarter-hours", await median(21, packedSlotsOf), "ms");
report("days: a year of one channel by days, summed in place", await median(21, packedEnergyOf), "ms");
const rows = await wal(async () => {
  for (let i = 0; i < rounds; i++)
    await client.query(
      "update rows_ r set energy = random(), covered = random(), mean = random(), last = random() from generate_series(1, $1) c where r.channel_id = c and r.start = '2025-12-31 23:45Z'",
      [channels],
    );
});
const days = await wal(async () => {
  for (let i = 0; i < rounds; i++)
    await client.query(
      "update days_ r set energy[96] = random(), covered[96] = random(), mean[96] = random(), last[96] = random() from generate_series(1, $1) c where r.channel_id = c and r.day = '2025-12-31'",
      [channels],
    );
});
report("rows: changing one bucket", (rows.ms * 1000) / (rounds * channels), "us");
report("days: changing one bucket", (days.ms * 1000) / (rounds * channels), "us");
report("rows: WAL of changing one bucket", rows.bytes / (rounds * channels), "bytes");
report("days: WAL of changing one bucket", days.bytes / (rounds * channels), "bytes");
report("rows: size", await size("rows_"), "MB");
report("days: size", await size("days_"), "MB");
await client.end();
await engine.stop();
rmSync(dataDir, { recursive: true, force: true });
