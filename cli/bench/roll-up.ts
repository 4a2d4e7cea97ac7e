import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { migrateEngine } from "../database.ts";
import { openEmbeddedPostgres } from "../engines/embedded-postgres.ts";
import { createOrganization } from "../org.ts";
import { copyLimit } from "./copy-limit.ts";
import { backendSeconds } from "./cpu-time.ts";
import { print } from "./figure.ts";

interface Options {
  registers: number;
  hours: number;
}

const everyS = 10;
const roundS = 300;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const aim = 50_000;

/**
 * Marked readings of registers by `rollUpOnce` in this process, on a database of its own. The figures are per second of CPU time, of
 * this process and of its Postgres backends together: what one core does, also on a machine that is busy with other things. The
 * limit: COPY of the same rows into a table alike, by the same measure.
 */
export async function benchRollUp({ registers, hours }: Options): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "energy-bench-"));
  const embedded = await openEmbeddedPostgres({ dataDir, log: () => {} });
  const engine = { ...embedded, stop: () => embedded.stop() };
  await migrateEngine(engine);
  openDatabase(engine.appUrl);
  const owner = new pg.Client({ connectionString: engine.ownerUrl });
  try {
    await owner.connect();
    await addRegisters(owner, registers);
    const midnight = Math.floor(Date.now() / dayMs - 1) * dayMs;
    const history = await rollUp(owner, midnight - (hours + 1) * hourMs, hours * 3_600);
    await owner.query("vacuum analyze");
    const limit = await copyLimit(owner, (copying) => cpuSecondsOf(owner, copying));
    report("roll-up.history", history, limit);
    const perHour = hourMs / (roundS * 1000);
    const rounds: Taken[] = [];
    // An hour before midnight comes first: a worker is seldom new at midnight.
    for (let round = -perHour; round < 2 * perHour; round++)
      rounds.push(await rollUp(owner, midnight + round * roundS * 1000, roundS));
    // The first one of all, in which the program is warmed up; that of a day, which begins an hour after it; that of an hour.
    const special = { first: 0, first_of_day: perHour, first_of_hour: 2 * perHour };
    for (const [name, round] of Object.entries(special)) report(`roll-up.live.${name}`, rounds[round]!, limit);
    const isUsual = (_: Taken, round: number) => !Object.values(special).includes(round);
    const usual = rounds.filter(isUsual).sort((a, b) => cost(a) - cost(b));
    report("roll-up.live", usual[usual.length >> 1]!, limit, { rounds: usual.length });
    report("roll-up.live.slowest", usual.at(-1)!, limit);
    report("roll-up.live.one_each", await rollUp(owner, midnight + 2 * hourMs, everyS), limit);
  } finally {
    await owner.end();
    await closeDatabase();
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function addRegisters(owner: pg.Client, count: number): Promise<void> {
  const { organizationId, siteId } = await createOrganization({
    name: "Bench",
    email: "bench@example.org",
    password: "correct horse battery staple",
    timezone: "UTC",
    currency: "EUR",
  });
  await owner.query(
    `with device as (insert into energy.devices (organization_id, site_id, name) values ($1, $2, 'registers') returning id)
     insert into energy.channels (organization_id, device_id, key, metric, medium, quantity, kind, unit, direction)
     select $1, device.id, 'energy.import.' || n, 'energy.import.' || n, 'electricity', 'energy', 'counter', 'kWh', 'import'
     from device, generate_series(1, $3) n`,
    [organizationId, siteId, count],
  );
}

interface Taken {
  readings: number;
  seconds: number;
  nodeSeconds: number;
  postgresSeconds: number;
}

const cost = ({ readings, nodeSeconds, postgresSeconds }: Taken) => (nodeSeconds + postgresSeconds) / readings;

/** Readings of all registers arrive, interleaved as in life, and are rolled up. */
async function rollUp(owner: pg.Client, fromMs: number, seconds: number): Promise<Taken> {
  const [from, to] = [new Date(fromMs), new Date(fromMs + seconds * 1000 - 1)];
  await owner.query("select telemetry.ensure_partitions($1, $2)", [from, to]);
  const { rowCount } = await owner.query(
    `insert into telemetry.readings
     select c.id, t, round(10000 + c.id + (extract(epoch from t) - 1.7e9)::numeric / 3600, 3)::float8
     from generate_series($1::timestamptz, $2::timestamptz, make_interval(secs => $3)) t, energy.channels c`,
    [from, to, everyS],
  );
  await owner.query("insert into telemetry.dirty select id, $1, $2 from energy.channels", [from, to]);
  const [begun, cpu, postgres] = [performance.now(), process.cpuUsage(), await backendSeconds(owner)];
  while ((await rollUpOnce()) > 0);
  const { user, system } = process.cpuUsage(cpu);
  return {
    readings: rowCount ?? 0,
    seconds: (performance.now() - begun) / 1000,
    nodeSeconds: (user + system) / 1e6,
    postgresSeconds: (await backendSeconds(owner)) - postgres,
  };
}

function report(name: string, taken: Taken, limit: number, details: Record<string, unknown> = {}): void {
  const value = 1 / cost(taken);
  const unit = "readings/s of CPU time (Node and Postgres)";
  print({ name, value, unit, limit, ratio: value / limit, aim, ...taken, ...details });
}

async function cpuSecondsOf(owner: pg.Client, work: () => Promise<void>): Promise<number> {
  const [cpu, postgres] = [process.cpuUsage(), await backendSeconds(owner)];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6 + (await backendSeconds(owner)) - postgres;
}
