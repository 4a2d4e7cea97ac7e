import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDevice } from "../../db/devices.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { rebuildChannel } from "../../workers/roll-up/rebuild.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addChannel, makeTenant } from "../support/tenants.ts";

/** `energy rebuild` of registers with some weeks of quarter-hours, while one of them goes on being read and rolled up. */
const registers = 12;
const [minute, day] = [60_000, 86_400_000];
const startMs = Math.floor(Date.now() / day - 25) * day;

let database: TestDatabase;
let owner: pg.Client;
let channels: number[];

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query("select telemetry.ensure_partitions($1, $2)", [new Date(startMs), new Date()]);
  const { organizationId, siteId } = await makeTenant("rebuilding");
  const device = await createDevice(organizationId, { siteId, name: "m", kind: "device" }, newCredential().kept);
  channels = [];
  for (let i = 0; i < registers; i++) {
    const readings = Array.from({ length: 20 * 96 }, (_, k): [number, number] => [
      startMs + k * 15 * minute,
      // A reset in the middle, a glitch now and then.
      k % 500 === 499 ? 0 : Number(((k < 900 ? 1_000 : 0) + k * 0.11 + i).toFixed(2)),
    ]);
    const given = { organizationId, deviceId: device!.id, metric: `energy.${i}`, kind: "counter", unit: "kWh" };
    channels.push(await addChannel(owner, { ...given, quantity: "energy", direction: "import", readings }));
  }
  await rollUpAll();
});

afterAll(async () => {
  await closeDatabase();
  await owner.end();
  await database.drop();
});

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

/** All that the roll-up made of some channels, to the bit. */
async function stored(of: readonly number[]): Promise<string[]> {
  const texts: string[] = [];
  for (const table of ["rollup_buckets", "rollup_days", "meter_events", "estimated_gaps", "cadence"]) {
    const { rows } = await owner.query<{ text: string }>(
      `select t::text as text from telemetry.${table} t where channel_id = any ($1) order by 1`,
      [of],
    );
    texts.push(...rows.map(({ text }) => `${table} ${text}`));
  }
  return texts;
}

const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");

function startRebuild(...options: string[]): ChildProcess {
  const env = {
    ...process.env,
    ...{ DATABASE_URL: database.appUrl, MIGRATE_DATABASE_URL: database.ownerUrl, LOG_LEVEL: "warn" },
  };
  return spawn(process.execPath, [energy, "rebuild", ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
}

it("a rebuild that is killed leaves nothing half done; run again it ends with the same bits, and the live stream goes on", async () => {
  const still = channels.slice(0, -1);
  const live = channels.at(-1)!;
  const before = await stored(still);
  // What a rebuild has to mend, on both sides of where it is killed.
  for (const channel of [still[0]!, still.at(-1)!])
    await owner.query(
      `update telemetry.rollup_days set count = telemetry.int4_bytes(array_fill(7, array[96])),
         covered_s = telemetry.float8_bytes(array_fill(1::float8, array[96])) where channel_id = $1`,
      [channel],
    );
  expect(await stored(still)).not.toEqual(before);

  let isRebuilding = true;
  let arrived = 0;
  const stream = (async () => {
    for (let k = 0; isRebuilding; k++) {
      const at = new Date(startMs + 20 * day + k * minute);
      await owner.query("insert into telemetry.readings values ($1, $2, $3)", [live, at, 5_000 + k * 0.01]);
      await owner.query("insert into telemetry.dirty values ($1, $2, $2)", [live, at]);
      await rollUpOnce();
      arrived++;
    }
  })();

  const killed = startRebuild();
  const [progress] = (await once(killed.stderr!, "data")) as [Buffer];
  expect(progress.toString()).toMatch(new RegExp(`^channel ${still[0]} done, 1 of ${registers}, [\\d.]+ s\n`));
  const exit = once(killed, "exit");
  killed.kill("SIGKILL");
  await exit;
  const arrivedBefore = arrived;

  const again = startRebuild("--json");
  const lines: Buffer[] = [];
  again.stdout!.on("data", (chunk: Buffer) => lines.push(chunk));
  again.stderr!.resume();
  expect(await once(again, "exit")).toEqual([0, null]);
  expect(JSON.parse(Buffer.concat(lines).toString())).toEqual({ channels: registers });
  isRebuilding = false;
  await stream;
  expect(arrived).toBeGreaterThan(arrivedBefore);
  expect(await stored(still)).toEqual(before);

  await rollUpAll();
  const incremental = await stored([live]);
  await rebuildChannel(live);
  expect(await stored([live])).toEqual(incremental);
}, 120_000);
