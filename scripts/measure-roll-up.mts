/**
 * How many readings of registers the roll-up takes in a second: a live round (five minutes of 1,000 registers at 10 s), and a
 * history of a day. Prints a JSON line for each. Run: npx tsx scripts/measure-roll-up.mts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrateEngine } from "../cli/database.ts";
import { openEmbeddedPostgres } from "../cli/engines/embedded-postgres.ts";
import { createOrganization } from "../cli/org.ts";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { rollUpOnce } from "../workers/roll-up/roll-up.ts";

const registers = 1_000;
const everyS = 10;
const dataDir = mkdtempSync(join(tmpdir(), "energy-roll-up-"));
const embedded = await openEmbeddedPostgres({ dataDir, log: () => {} });
const engine = { ...embedded, stop: () => embedded.stop() };
await migrateEngine(engine);
openDatabase(engine.appUrl);
const owner = new pg.Client({ connectionString: engine.ownerUrl });
await owner.connect();
const person = {
  name: "R",
  email: "r@example.org",
  password: "correct horse battery",
  timezone: "UTC",
  currency: "EUR",
};
const { organizationId, siteId } = await createOrganization(person);
const { rows: devices } = await owner.query(
  "insert into energy.devices (organization_id, site_id, name) values ($1, $2, 'r') returning id",
  [organizationId, siteId],
);
await owner.query(
  `insert into energy.channels (organization_id, device_id, key, metric, medium, quantity, kind, unit, direction)
   select $1, $2, 'energy.import.' || n, 'energy.import.' || n, 'electricity', 'energy', 'counter', 'kWh', 'import'
   from generate_series(1, ${registers}) n`,
  [organizationId, devices[0].id],
);

async function arrive(from: Date, seconds: number): Promise<number> {
  const to = new Date(from.getTime() + seconds * 1000 - 1);
  await owner.query("select telemetry.ensure_partitions($1, $2)", [from, to]);
  const { rowCount } = await owner.query(
    `insert into telemetry.readings select c.id, t, round((extract(epoch from t) - 1.7e9)::numeric / 3600, 3)::float8
     from generate_series($1::timestamptz, $2::timestamptz, '${everyS} seconds') t, energy.channels c`,
    [from, to],
  );
  await owner.query("insert into telemetry.dirty select id, $1, $2 from energy.channels", [from, to]);
  return rowCount ?? 0;
}

async function measure(name: string, readings: number): Promise<void> {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  while ((await rollUpOnce()) > 0);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    name,
    value: Math.round(readings / seconds),
    unit: "readings/s",
    readings,
    seconds,
    cpuSeconds: (user + system) / 1e6,
  };
  console.log(JSON.stringify(figures));
}

const midnight = new Date(Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000);
await measure("history of 6 hours", await arrive(midnight, 6 * 3_600));
await owner.query("analyze");
let at = new Date(midnight.getTime() + 6 * 3_600_000);
for (let round = 1; round <= 3; round++) {
  await measure(`live round ${round}, five minutes`, await arrive(at, 300));
  at = new Date(at.getTime() + 300_000);
}
await owner.end();
await closeDatabase();
await engine.stop();
rmSync(dataDir, { recursive: true, force: true });
