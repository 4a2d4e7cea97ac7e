import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seriesPage } from "../../app/api/series.server.ts";
import { readAsOrganization } from "../../db/as-organization.ts";
import { makeConsumer } from "../../cli/demo/consumer-roles.ts";
import { importHistory, introduce, untoldOf } from "../../cli/demo/import-history.ts";
import { openOfflineIngest, type OfflineIngest } from "../../cli/demo/offline-ingest.ts";
import { createOrganization } from "../../cli/org.ts";
import { credentialed, makeFleet } from "../../cli/simulate/fleet.ts";
import type { SimulationFile } from "../../cli/simulate/credentials-file.ts";
import type { CredentialedDevice } from "../../cli/simulate/simulated-device.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { listChannels } from "../../db/channels.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { createDevice } from "../../db/devices.ts";
import { createHousehold, settingsFor } from "../../domain/household/household.ts";
import { log } from "../../platform/log.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** Three weeks of the demo household around the day on which summer time begins, and what became of it in the database. */
const seed = 7;
const sinceMs = Date.UTC(2025, 2, 14);
const nowMs = Date.UTC(2025, 3, 3, 10, 20, 33);
const timezone = "Europe/Berlin";

describe("the demo's history", () => {
  let database: TestDatabase;
  let owner: pg.Client;
  let ingest: OfflineIngest;
  let organizationId: string;
  let fleet: CredentialedDevice[];
  const file: SimulationFile = { seed, sinceMs, timezone, devices: [] };

  const importAll = (fromMs: Record<string, number>, toMs = nowMs) =>
    importHistory({ receive: ingest.receive, fleet, fromMs, nowMs: toMs, seed, onProgress: () => {} });
  const fromTheStart = () => Object.fromEntries(file.devices.map(({ key }) => [key, sinceMs]));

  beforeAll(async () => {
    database = await createTestDatabase();
    openDatabase(database.appUrl);
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const person = { name: "Demo", email: "d@example.org", password: "a few words in a row" };
    const made = await createOrganization({ ...person, timezone, currency: "EUR" });
    organizationId = made.organizationId;
    for (const { key, name } of makeFleet({ seed, sinceMs, devices: 5, timezone })) {
      const { shown, kept } = newCredential();
      const device = await createDevice(organizationId, { siteId: made.siteId, name, kind: "device" }, kept);
      file.devices.push({ key, name, id: device!.id, ...shown });
    }
    fleet = credentialed(file);
    ingest = openOfflineIngest(log);
    await introduce(fleet, nowMs);
    await makeConsumer(organizationId, file.devices.find(({ key }) => key === "wallbox")!.id);
    const { refused, stored } = await importAll(fromTheStart());
    expect(refused).toBe(0);
    expect(stored).toBeGreaterThan(200_000);
    await ingest.rollUp();
  }, 180_000);

  afterAll(async () => {
    await ingest?.stop();
    await owner?.end();
    await closeDatabase();
    await database?.drop();
  });

  const channelOf = async (device: string, metric: string) => {
    const { id } = file.devices.find(({ key }) => key === device)!;
    return (await listChannels(organizationId, { deviceId: id })).find((channel) => channel.metric === metric)!;
  };

  /** All that is stored, as one line: rows and a hash of the readings and of the buckets. */
  async function fingerprint(): Promise<unknown> {
    const { rows } = await owner.query(
      `select (select count(*) || ' ' || sum(hashtextextended(r::text, 1)::numeric) from telemetry.readings r) as readings,
         (select count(*) || ' ' || sum(hashtextextended(b::text, 1)::numeric) from telemetry.rollup_buckets b) as buckets,
         (select count(*) || ' ' || sum(hashtextextended(d::text, 1)::numeric) from telemetry.rollup_days d) as days,
         (select count(*) from telemetry.latest) as latest`,
    );
    return rows[0];
  }

  it("is 15 minutes apart, and 10 seconds apart in its last two days", async () => {
    const { id } = await channelOf("smart-meter", "energy.import");
    const { rows } = await owner.query<{ sparse: string; dense: string }>(
      `select count(*) filter (where time < $2) as sparse, count(*) filter (where time >= $2) as dense from telemetry.readings where channel_id = $1`,
      [id, new Date(nowMs - 2 * 86_400_000)],
    );
    expect(Number(rows[0]!.dense)).toBeGreaterThan(0.8 * 17_280);
    expect(Number(rows[0]!.dense)).toBeLessThanOrEqual(17_280);
    expect(Number(rows[0]!.sparse)).toBeGreaterThan(0.9 * 18.4 * 96);
    expect(Number(rows[0]!.sparse)).toBeLessThanOrEqual(18.5 * 96);
  });

  it("has the energy of the household, whatever was lost on the way", async () => {
    const house = createHousehold(settingsFor({ seed, sinceMs, timezone }));
    const flows = [
      ["smart-meter", "energy.import", "import"],
      ["smart-meter", "energy.export", "export"],
      ["inverter", "inverter.energy_total_kwh", "pv"],
      ["heat-pump", "energy.import", "heatPump"],
      ["wallbox", "energy.import", "car"],
    ] as const;
    for (const [device, metric, flow] of flows) {
      const channel = await channelOf(device, metric);
      const sinceThen = { fromMs: sinceMs, toMs: nowMs, step: "year", limit: 9 } as const;
      const { stepAt } = await readAsOrganization(organizationId, (sql) => seriesPage(sql, channel, sinceThen));
      expect(stepAt(0).energyKwh).toBeCloseTo(house.energy(flow, sinceMs, nowMs - 33_000 + 30_000), 1);
    }
  });

  it("has a day of 23 hours", async () => {
    const channel = await channelOf("smart-meter", "energy.import");
    const fromMs = Date.UTC(2025, 2, 29, 23);
    const window = { fromMs, toMs: fromMs + 23 * 3_600_000, step: "day", limit: 9 } as const;
    const { count, stepAt } = await readAsOrganization(organizationId, (sql) => seriesPage(sql, channel, window));
    expect(count).toBe(1);
    expect(stepAt(0).completeness).toBeCloseTo(1, 6);
    expect(stepAt(0).energyKwh).toBeGreaterThan(1);
  });

  it("counts each flow once", async () => {
    const primaries = (await listChannels(organizationId)).filter((channel) => channel.isPrimary);
    const flows = primaries.map(({ deviceName, metric, role }) => `${deviceName}: ${metric} ${role}`).sort();
    expect(flows).toEqual([
      "Heat pump: energy.import consumer",
      "Smart meter: energy.export grid_export",
      "Smart meter: energy.import grid_import",
      "Solar inverter: inverter.energy_total_kwh production",
      "Wallbox: energy.import consumer",
      "Washing machine: energy.import consumer",
    ]);
  });

  it("changes nothing when it is brought in again", async () => {
    const before = await fingerprint();
    await importAll(fromTheStart());
    await ingest.rollUp();
    expect(await fingerprint()).toEqual(before);
  }, 120_000);

  it("goes on where it ended", async () => {
    const untold = await untoldOf(organizationId, { ...file, untold: {} });
    for (const { key } of file.devices) expect(nowMs - untold[key]!).toBeLessThan(7 * 3_600_000);
    const laterMs = nowMs + 3 * 3_600_000;
    const { stored } = await importAll(untold, laterMs);
    expect(stored).toBeGreaterThan(0);
    await ingest.rollUp();
    const { latest } = await channelOf("smart-meter", "power");
    expect(laterMs - latest!.timeMs).toBeLessThan(7 * 3_600_000);
    expect((await untoldOf(organizationId, { ...file, untold: { inverter: 5 } })).inverter).toBe(5);
  });
});
