import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelImport, createImport, getImport, mostUnderWay } from "../../db/imports.ts";
import { guessHistory } from "../../domain/history/detect.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { connectMqtt, pause, publish, push, until } from "../support/clients.ts";
import { ended, handOver } from "../support/imports.ts";
import { startTestIngest, storedOf, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

const quarterMs = 900_000;
const bytes = (text: string) => new TextEncoder().encode(text);

function optionsFor(fileName: string, head: Uint8Array): HistoryOptions {
  const guess = guessHistory({ fileName, head, timezone: "Europe/Berlin" });
  if (!guess.ok) throw new Error(guess.error);
  return guess.options;
}

async function importFile(device: TestDevice, fileName: string, file: Uint8Array, options?: HistoryOptions) {
  const id = await handOver(device, { fileName, bytes: file, options: options ?? optionsFor(fileName, file) });
  return ended(device.organizationId, id);
}

/** A register of quarter-hours in local time, from the beginning of a year in Berlin. */
function year(count: number): { text: string; first: number; instants: number[] } {
  const first = Date.UTC(2024, 11, 31, 23);
  const instants = Array.from({ length: count }, (_, i) => first + i * quarterMs);
  const clock = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Europe/Berlin",
    dateStyle: "short",
    timeStyle: "medium",
  });
  const rows = instants.map((ms, i) => `${clock.format(ms)},${(1000 + i * 0.25).toFixed(2)}`);
  return { text: `Zeit,Bezug (kWh)\n${rows.join("\n")}\n`, first, instants };
}

async function energyOf(device: TestDevice): Promise<number> {
  while ((await rollUpOnce()) > 0);
  const { rows } = await t.owner.query<{ kwh: number | null }>(
    `select sum(kwh)::float8 as kwh from (
       select channel_id, energy_kwh as kwh from telemetry.rollup_buckets
       union all select channel_id, unnest(telemetry.float8s(energy_kwh)) from telemetry.rollup_days) b
     join energy.channels c on c.id = b.channel_id where c.device_id = $1`,
    [device.id],
  );
  return rows[0]!.kwh ?? 0;
}

it("a year of quarter-hours, twice: the same readings, the same counts, and its energy rolled up once it is done", async () => {
  const device = await t.newDevice(tenant);
  const { text, instants } = year(35_040);
  const first = await importFile(device, "bezug.csv", bytes(text));
  expect(first).toMatchObject({ state: "done", stored: 35_040, refused: 0, ambiguous: 8, error: null });
  expect([first.firstMs, first.lastMs]).toEqual([instants[0], instants.at(-1)]);
  const stored = await storedOf(t, device);
  expect(stored.map(({ timeMs }) => timeMs)).toEqual(instants);
  const again = await importFile(device, "bezug.csv.gz", gzipSync(text), optionsFor("bezug.csv", bytes(text)));
  expect(again).toMatchObject({ state: "done", stored: 35_040, refused: 0 });
  expect(await storedOf(t, device)).toEqual(stored);
  expect(await energyOf(device)).toBeCloseTo(35_039 * 0.25, 6);
  expect((await t.owner.query("select from energy.import_chunks")).rowCount).toBe(0);
}, 120_000);

it("years of a register before newer readings are one recomputation, not one for each batch", async () => {
  const device = await t.newDevice(tenant);
  const login = { username: device.username, password: device.password };
  const live = await connectMqtt(t.mqttPort, login);
  await publish(live, "energy/x", { "energy.import": 99_999 });
  await live.endAsync();
  while ((await rollUpOnce()) > 0);
  const { text } = year(5_000);
  let folds = 0;
  let isDone = false;
  const rolling = (async () => {
    for (; !isDone; await pause(50)) folds += await rollUpOnce();
  })();
  const done = await importFile(device, "energy.import.csv", bytes(text.replace("Bezug (kWh)", "energy.import")));
  const during = folds;
  isDone = true;
  await rolling;
  expect(done.state).toBe("done");
  expect(during).toBeLessThanOrEqual(1);
  expect(await energyOf(device)).toBeCloseTo(99_999 - 1000, 6);
}, 120_000);

describe("rows in any order, and rows that are wrong", () => {
  it("shuffled rows come to the same, and each refusal has its row and its reason", async () => {
    const device = await t.newDevice(tenant);
    const rows = Array.from({ length: 3_000 }, (_, i) => `${1_735_689_600 + i * 60},${i}`);
    for (let i = rows.length - 1; i > 0; i--) {
      const k = (i * 7919) % (i + 1);
      [rows[i], rows[k]] = [rows[k]!, rows[i]!];
    }
    rows.splice(10, 0, "yesterday,5");
    rows.splice(2_000, 0, "1735689600,many");
    rows.push("4102444801,1");
    const done = await importFile(device, "power.csv", bytes(`time,power\n${rows.join("\n")}`));
    expect(done).toMatchObject({ state: "done", stored: 3_000, refused: 3 });
    expect(done.refusals.map(({ row }) => row).sort((a, b) => a - b)).toEqual([12, 2_002, 3_004]);
    expect(done.refusals.map(({ reason }) => reason).join("\n")).toMatch(/yesterday[^]*many[^]*power at 2100-01-01/);
    expect((await storedOf(t, device)).map(({ value }) => value)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });

  it("amounts of intervals are kept out of a register's channel", async () => {
    const device = await t.newDevice(tenant);
    await importFile(device, "a.csv", bytes("time,energy.import\n2025-03-14T00:00:00Z,5\n2025-03-14T00:15:00Z,6\n"));
    const amounts = bytes("time,energy.import\n2025-03-15T00:00:00Z,0.5\n2025-03-15T00:15:00Z,0.1\n");
    const done = await importFile(device, "b.csv", amounts);
    expect(done).toMatchObject({ stored: 0, refused: 2 });
    expect(done.refusals[0]!.reason).toContain("is a counter, the file has a delta");
  });

  it.each([
    ["a column is missing", "time,power\n1735689600,1\n", /There is no column "gone"/],
    ["it is not gzip though it says so", "\u001f\u008b broken", /cannot be unpacked/],
  ])("a file fails with a sentence: %s", async (_what, text, error) => {
    const device = await t.newDevice(tenant);
    const file = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const options = optionsFor("x.csv", bytes("time,gone\n1735689600,1\n"));
    const done = await importFile(device, "x.csv", file, options);
    expect(done.state).toBe("failed");
    expect(done.error).toMatch(error);
  });
});

it("an emoncms backup: both engines, with the names of its dump", async () => {
  const device = await t.newDevice(tenant);
  const fina = new DataView(new ArrayBuffer(12));
  [100, NaN, 300.5].forEach((value, i) => fina.setFloat32(i * 4, value, true));
  const meta = new DataView(new ArrayBuffer(16));
  meta.setUint32(8, 10, true);
  meta.setUint32(12, 1_735_689_600, true);
  const series = new DataView(new ArrayBuffer(9));
  series.setUint8(0, 249);
  series.setUint32(1, 1_735_689_700, true);
  series.setFloat32(5, 12.5, true);
  const dump =
    "CREATE TABLE `feeds` (\n  `id` int(11) NOT NULL,\n  `name` text,\n  `tag` text,\n  `unit` varchar(10),\n  PRIMARY KEY (`id`)\n) ENGINE=MyISAM;\n" +
    "INSERT INTO `feeds` VALUES (1,'power','mains','W'),(2,'it\\'s gas','','m³');\n";
  const tar = pack();
  tar.entry({ name: "phpfina/1.dat" }, Buffer.from(fina.buffer));
  tar.entry({ name: "phptimeseries/feed_2.MYD" }, Buffer.from(series.buffer));
  tar.entry({ name: "phpfina/1.meta" }, Buffer.from(meta.buffer));
  tar.entry({ name: "emoncms.sql" }, dump);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  const done = await importFile(device, "backup.tar.gz", gzipSync(Buffer.concat(pieces)), { format: "emoncms-backup" });
  expect(done).toMatchObject({ state: "done", stored: 3, refused: 0 });
  expect((await storedOf(t, device)).map(({ key, timeMs, value }) => [key, timeMs, value])).toEqual([
    ["it's gas", 1_735_689_700_000, 12.5],
    ["mains.power", 1_735_689_600_000, 100],
    ["mains.power", 1_735_689_620_000, 300.5],
  ]);
});

it.each(["from a file", "pushed by the device"])(
  "Green Button %s: amounts lie in the intervals that begin at their times",
  async (way) => {
    const device = await t.newDevice(tenant);
    const fixture = path.join(
      import.meta.dirname,
      "../../domain/device/fixtures/green-button/two-flows-multiplier.json",
    );
    const { payload } = JSON.parse(readFileSync(fixture, "utf8")) as { payload: string };
    if (way === "from a file") {
      const done = await importFile(device, "export.xml", bytes(payload));
      expect(done).toMatchObject({ state: "done", stored: 3, refused: 0 });
    } else {
      const headers = { authorization: `Bearer ${device.token}`, "content-type": "application/atom+xml" };
      expect((await push(t.http, "/ingest/green-button", { body: payload, headers })).status).toBeLessThan(300);
    }
    while ((await rollUpOnce()) > 0);
    const { rows } = await t.owner.query<{ start: string; kwh: number }>(
      `select to_char(day + (i - 1) * interval '15 minutes', 'YYYY-MM-DD HH24:MI') as start, kwh
     from telemetry.rollup_days d join energy.channels c on c.id = d.channel_id, unnest(telemetry.float8s(d.energy_kwh)) with ordinality as u(kwh, i)
     where c.device_id = $1 and c.key = 'energy.import' and kwh > 0 order by 1`,
      [device.id],
    );
    expect(rows).toEqual([
      { start: "2025-03-14 04:00", kwh: 0.06625 },
      { start: "2025-03-14 04:15", kwh: 0.07 },
    ]);
  },
);

it("a cancelled import ends, keeps what it stored and lets go of its file; an organization has five under way at most", async () => {
  const own = await t.newTenant();
  const device = await t.newDevice(own);
  const rows = Array.from({ length: 200_000 }, (_, i) => `${1_735_689_600 + i},${i}`);
  const file = bytes(`time,power\n${rows.join("\n")}`);
  const id = await handOver(device, {
    fileName: "l.csv",
    bytes: file,
    options: optionsFor("l.csv", file.subarray(0, 9_000)),
  });
  await until(async () => (await getImport(own.organizationId, id))!.stored > 0, 20_000);
  expect(await cancelImport(own.organizationId, id)).toBe(true);
  expect(await cancelImport(own.organizationId, id)).toBe(false);
  await pause(600);
  const kept = (await storedOf(t, device)).length;
  expect(kept).toBeGreaterThan(0);
  await pause(600);
  expect((await storedOf(t, device)).length).toBe(kept);
  expect((await t.owner.query("select from energy.import_chunks where import_id = $1", [id])).rowCount).toBe(0);
  const given = { deviceId: device.id, fileName: "x", size: 1, options: null, createdBy: null };
  for (let i = 0; i < mostUnderWay; i++) expect(await createImport(own.organizationId, given)).toHaveProperty("id");
  expect(await createImport(own.organizationId, given)).toBe("too-many");
}, 60_000);

it("the live stream goes on beside an import (latencies are printed)", async () => {
  const own = await t.newTenant();
  const [live, filled] = [await t.newDevice(own), await t.newDevice(own)];
  const client = await connectMqtt(t.mqttPort, { username: live.username, password: live.password });
  const without = await latencies(client, 3_000);
  const rows = Array.from({ length: 500_000 }, (_, i) => `${1_735_689_600 + i},${i},${i / 10}`);
  const file = bytes(`time,power,energy.import\n${rows.join("\n")}`);
  const options = optionsFor("l.csv", file.subarray(0, 9_000));
  const startedMs = Date.now();
  const id = await handOver(filled, { fileName: "l.csv", bytes: file, options });
  await until(async () => (await getImport(own.organizationId, id))!.stored > 0, 20_000);
  const during = await latencies(client, 6_000);
  const at = (await getImport(own.organizationId, id))!;
  const rate = Math.round(at.stored / ((Date.now() - startedMs) / 1000));
  const show = (all: number[]) =>
    [0.5, 0.95, 0.99].map((p) => `p${p * 100} ${quantile(all, p).toFixed(1)} ms`).join(", ");
  expect(at.state).toBe("running");
  process.stdout.write(
    `live without an import: ${show(without)}\nlive with an import of ${rate} readings/s: ${show(during)}\n`,
  );
  expect(during.length).toBeGreaterThan(50);
  await cancelImport(own.organizationId, id);
  await client.endAsync();
}, 90_000);

const quantile = (all: number[], p: number) => all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) * p)]!;

/** From PUBLISH to PUBACK, which is after the commit; fifty a second. */
async function latencies(client: Awaited<ReturnType<typeof connectMqtt>>, forMs: number): Promise<number[]> {
  const all: number[] = [];
  const waiting: Promise<void>[] = [];
  for (const end = Date.now() + forMs; Date.now() < end; await pause(20)) {
    const startedMs = performance.now();
    const sent = publish(client, "energy/x", { power: Math.random() * 1000 });
    waiting.push(sent.then(() => void all.push(performance.now() - startedMs)));
  }
  await Promise.all(waiting);
  return all;
}

const series = path.join(import.meta.dirname, "../../../shared/data/dev/series");
if (!existsSync(series)) console.info("skipped: the measured series are not beside the project (../shared/data/dev)");

describe.skipIf(!existsSync(series))("the measured series", () => {
  it("a file of them is understood as it is", async () => {
    const name = readdirSync(series).find((file) => file.endsWith(".csv.gz"))!;
    const packed = readFileSync(path.join(series, name));
    const text = gunzipSync(packed);
    const device = await t.newDevice(await t.newTenant());
    const done = await importFile(device, name, packed, optionsFor(name, text.subarray(0, 500_000)));
    expect(done).toMatchObject({ state: "done", refused: 0 });
    expect(done.stored).toBe((await storedOf(t, device)).length);
    expect(done.stored).toBeGreaterThan(1_000);
  }, 170_000);
});
