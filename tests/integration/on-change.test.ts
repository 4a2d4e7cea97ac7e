import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { foldStretch } from "../../app/corrections/fold-stretch.server.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { findCredentialByUsername, type Identity } from "../../db/identities.ts";
import { markHeld } from "../../db/offline.ts";
import { rollUpChannels } from "../../db/roll-up.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import { openIntake } from "../../ingest/intake.ts";
import { log } from "../../platform/log.ts";
import { rebuildChannel } from "../../workers/roll-up/rebuild.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Channels that report on change, whose device says when it goes offline: through the intake, whatever comes when. */
const [minute, hour] = [60_000, 3_600_000];
const start = Math.floor(Date.now() / hour) * hour - 30 * hour;

let db: OpenDatabase;
let organizationId: string;
let siteId: string;

beforeAll(async () => {
  db = await openTestDatabase();
  ({ organizationId, siteId } = await makeTenant("plugs"));
});

afterEach(() => void vi.useRealTimers());
afterAll(() => db.close());

interface Plug {
  identity: Identity;
  channel: number;
}

let made = 0;
/** A plug at 1,000 W from the start on; `gateway`: one that a gateway speaks for. */
async function addPlug(gateway = false): Promise<Plug> {
  const { kept } = newCredential();
  const name = `plug ${++made}`;
  await createDevice(organizationId, { siteId, name, kind: gateway ? "gateway" : "device" }, kept);
  const { identity } = (await findCredentialByUsername(kept.username))!;
  await send(identity, [power(0, 1_000, gateway ? "lamp" : "@token")]);
  const { rows } = await db.owner.query<{ id: number }>(
    `update energy.channels c set reporting = 'on-change' from energy.devices d
     where d.id = c.device_id and (d.id = $1 or d.gateway_id = $1) and c.metric = 'power' returning c.id`,
    [identity.deviceId],
  );
  return { identity, channel: rows[0]!.id };
}

const power = (minutes: number, value: number, device = "@token"): DecodedReading => ({
  ...{ device, metric: "power", kind: "gauge", unit: "W", value },
  timeMs: start + minutes * minute,
});
const online = (minutes: number, value: boolean): DecodedReading => ({
  ...{ device: "@token", metric: "online", kind: "state", unit: null, value },
  timeMs: start + minutes * minute,
});

async function send(identity: Identity, readings: DecodedReading[]): Promise<void> {
  const { drops } = await openIntake({ log }).receive.readings(identity, readings, Date.now());
  expect(drops).toEqual([]);
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

const stored = (channel: number) =>
  asSystem(async (sql) => (await bucketsOfSystem(sql, [channel], 0, Date.now() + hour)).get(channel)!);
const isHeldIn = ({ coveredS }: { coveredS: number }) => coveredS > 0;

/** kWh, and how many minutes are covered. */
async function totals(channel: number): Promise<[number, number]> {
  const buckets = await stored(channel);
  const sum = (pick: (b: (typeof buckets)[number]) => number) => buckets.reduce((total, b) => total + pick(b), 0);
  return [Number(sum((b) => b.energyKwh).toFixed(9)), Math.round(sum((b) => b.coveredS) / 60)];
}

async function expectSameAsRebuilt(channel: number): Promise<void> {
  const incremental = (await stored(channel)).filter(isHeldIn);
  await rebuildChannel(channel);
  expect((await stored(channel)).filter(isHeldIn)).toEqual(incremental);
}

describe("a value is held until the next reading, the device going offline or max_gap", () => {
  test.each<[string, DecodedReading[], [number, number]]>([
    ["nothing comes: six hours", [], [6, 360]],
    ["it says offline after 20 minutes", [online(20, false)], [1 / 3, 20]],
    ["online says nothing", [online(20, true)], [6, 360]],
    ["offline, and back without a value: not known", [online(20, false), online(30, true)], [1 / 3, 20]],
    ["offline, then a reading", [online(20, false), power(60, 500)], [1 / 3 + 3, 380]],
    ["a reading ends it before it goes offline", [power(10, 0), online(20, false)], [1 / 6, 20]],
    ["offline after max_gap changes nothing", [online(400, false)], [6, 360]],
  ])("%s", async (_, later, expected) => {
    const { identity, channel } = await addPlug();
    await rollUpAll();
    // Each by itself, with a pass between, and the late one last.
    for (const reading of later.toReversed()) {
      await send(identity, [reading]);
      await rollUpAll();
    }
    const [energy, minutes] = await totals(channel);
    expect([energy, minutes]).toEqual([Number(expected[0].toFixed(9)), expected[1]]);
    const shown = await asOrganization(organizationId, async (sql) => {
      const known = (await asSystem((system) => rollUpChannels(system, [channel]))).get(channel)!;
      return foldStretch(sql, known, { fromMs: start, toMs: start + 12 * hour });
    });
    expect(shown.buckets.filter(isHeldIn)).toEqual((await stored(channel)).filter(isHeldIn));
    await expectSameAsRebuilt(channel);
  });

  test("a gateway's own will stands for what it speaks for", async () => {
    const { identity, channel } = await addPlug(true);
    await send(identity, [online(20, false)]);
    await rollUpAll();
    expect(await totals(channel)).toEqual([Number((1 / 3).toFixed(9)), 20]);
    await expectSameAsRebuilt(channel);
  });

  test("what is held follows the clock, and nothing is missing when the next reading comes", async () => {
    const { identity, channel } = await addPlug();
    vi.useFakeTimers({ toFake: ["Date"], now: start + 5 * minute });
    await rollUpAll();
    expect(await totals(channel)).toEqual([0.25, 15]);
    vi.setSystemTime(start + 95 * minute);
    await db.owner.query("update telemetry.latest set time = now() where channel_id = $1", [channel]);
    await asSystem(markHeld);
    await db.owner.query("update telemetry.dirty set from_time = $1, to_time = $1", [new Date(start)]);
    await rollUpAll();
    expect(await totals(channel)).toEqual([1.75, 105]);
    vi.setSystemTime(start + 181 * minute);
    await send(identity, [power(180, 0)]);
    await rollUpAll();
    expect(await totals(channel)).toEqual([3, 195]);
    vi.useRealTimers();
  });
});
