import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { rotateCredential } from "../../db/credentials.ts";
import { keptMessages } from "../../db/journal.ts";
import { ensureMonth, storeBatch } from "../../db/store-readings.ts";
import { makeBatch } from "../../ingest/batch.ts";
import { Patience } from "../../ingest/patience.ts";
import { Buffer as GroupCommit, NotStorable } from "../../ingest/buffer.ts";
import { Identify } from "../../ingest/identify.ts";
import { Journal } from "../../ingest/journal.ts";
import { connectMqtt, publish, settles, until } from "../support/clients.ts";
import {
  holdReadings,
  messagesOf,
  rejectsOf,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;
let device: TestDevice;
let channel: number;

const startMs = 1_770_000_000_000;
const silent = pino({ level: "silent" });

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
beforeEach(async () => {
  device = await t.newDevice(tenant);
  const client = await connectMqtt(t.mqttPort, device);
  await publish(client, "energy/m", { time: startMs / 1000, power: 1 });
  await client.endAsync();
  const { rows } = await t.owner.query("select id from energy.channels where device_id = $1", [device.id]);
  channel = rows[0].id;
});
afterAll(() => t.stop());

const batchOf = (rows: [time: number, value: number | string][], id = channel) =>
  makeBatch([
    { channels: rows.map(() => id), times: rows.map(([time]) => time), values: rows.map(([, value]) => value) },
  ]);

const latest = async () => {
  const { rows } = await t.owner.query(
    `select extract(epoch from time)::float8 * 1000 - $2 as ms, value, text from telemetry.latest where channel_id = $1`,
    [channel, startMs],
  );
  return rows[0];
};

describe("storeBatch", () => {
  it("keeps microseconds apart, and every double as it is", async () => {
    const values = [0.1, -0, 5e-324, 1.7976931348623157e308, -1e-7, 9007199254740993, 1 / 3];
    await storeBatch(batchOf(values.map((value, i) => [startMs + 1_000 + i / 1_000, value])));
    const stored = (await storedOf(t, device)).slice(1);
    expect(stored.map((r) => r.value)).toEqual(values.map((value) => value + 0));
    expect(stored.map((r) => Math.round((r.timeMs - startMs - 1_000) * 1_000))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("latest is by the reading's time, not by its arrival", async () => {
    await storeBatch(batchOf([[startMs + 60_000, 5]]));
    await storeBatch(batchOf([[startMs + 30_000, 4]]));
    expect(await latest()).toEqual({ ms: 60_000, value: 5, text: null });
    await storeBatch(batchOf([[startMs + 90_000, "off"]]));
    expect(await latest()).toEqual({ ms: 90_000, value: null, text: "off" });
  });

  it("marks what changed in the readings' own transaction", async () => {
    await t.owner.query("delete from telemetry.dirty");
    const bad = { ...batchOf([[startMs + 1, 1]]), stateChannels: [channel], stateTimes: [startMs], stateTexts: ["\0"] };
    await expect(storeBatch(bad)).rejects.toMatchObject({ code: "22021" });
    const marks = () => t.owner.query("select 1 from telemetry.dirty where channel_id = $1", [channel]);
    expect((await marks()).rowCount).toBe(0);
    expect(await storedOf(t, device)).toHaveLength(1);
    await storeBatch(
      batchOf([
        [startMs + 1, 1],
        [startMs + 86_400_000, 2],
      ]),
    );
    expect((await marks()).rowCount).toBe(2);
  });

  it("takes instants to the microsecond, before and after what Postgres counts from", async () => {
    const times = [0.001, 946_684_799_999.999, 946_684_800_000, startMs - 0.001];
    for (const time of times) await ensureMonth(time);
    await storeBatch(batchOf(times.map((time) => [time, 1])));
    const { rows } = await t.owner.query<{ us: string }>(
      "select (extract(epoch from time) * 1000000)::int8::text as us from telemetry.readings where channel_id = $1 and value = 1 order by time",
      [channel],
    );
    const expected = times.map((time) => String(Math.round(time * 1_000)));
    expect(rows.map(({ us }) => us)).toEqual([...expected, String(startMs * 1_000)]);
  });

  it("what was taken to be new, and another process had stored, is overwritten as if it had been known", async () => {
    const [first, second] = [batchOf([[startMs + 1, 1]]), batchOf([[startMs + 1, 2]])];
    expect([first.mayRepeat, second.mayRepeat]).toEqual([false, false]);
    await storeBatch(first);
    await storeBatch(second);
    await storeBatch(batchOf([[startMs + 1, 3]]));
    expect((await storedOf(t, device)).slice(1).map(({ value }) => value)).toEqual([3]);
    expect(await latest()).toMatchObject({ ms: 1, value: 3 });
  });

  it("two writers of the same rows end with all of them", async () => {
    const rows = Array.from({ length: 500 }, (_, i): [number, number] => [startMs + i, i]);
    await Promise.all(Array.from({ length: 8 }, () => storeBatch(batchOf(rows))));
    expect(await storedOf(t, device)).toHaveLength(500);
  });
});

describe("group commit", () => {
  const patience = new Patience(silent);
  const groupCommit = () =>
    new GroupCommit({ writers: 1, batchRows: 4_000, maxWaitingRows: 5, onCommit: () => {}, patience, log: silent });
  const row = (time: number, value: number | string) => ({ channels: [channel], times: [time], values: [value] });

  it("a message that the database refuses takes none of its neighbours with it", async () => {
    const buffer = groupCommit();
    const poison = [3, 11, 12].map((i) => i);
    const answers = Array.from({ length: 20 }, (_, i) =>
      buffer.add(row(startMs + i, poison.includes(i) ? "\0" : i), 0),
    );
    const settled = await Promise.allSettled(answers);
    expect(settled.flatMap(({ status }, i) => (status === "rejected" ? [i] : []))).toEqual(poison);
    expect((settled[3] as PromiseRejectedResult).reason).toBeInstanceOf(NotStorable);
    expect(await storedOf(t, device)).toHaveLength(17);
    expect(buffer.waitingRows).toBe(0);
  });

  it("says when it is full, and when it is down", async () => {
    const buffer = groupCommit();
    const held = await holdReadings(t);
    const answers = Array.from({ length: 5 }, (_, i) => buffer.add(row(startMs + i, i), 0));
    expect([buffer.isFull, patience.isDown]).toEqual([true, false]);
    await held.release();
    await Promise.all(answers);
    await until(() => expect(buffer.isFull).toBe(false));
    await t.link.cut();
    const answer = buffer.add(row(startMs + 9, 9), 0);
    await until(() => expect(patience.isDown).toBe(true));
    expect(await settles(answer, 200)).toBe(false);
    await t.link.restore();
    await answer;
    expect(patience.isDown).toBe(false);
  });

  it("makes the partition of any month from 1970", async () => {
    const old = Date.UTC(1970, 0, 1, 12);
    await groupCommit().add({ channels: [channel, channel], times: [old, Date.UTC(1999, 11, 31)], values: [1, 2] }, 0);
    expect((await storedOf(t, device)).map((r) => r.timeMs)).toEqual([old, Date.UTC(1999, 11, 31), startMs]);
  });

  it("stops after what waits is written, and takes nothing more", async () => {
    const buffer = groupCommit();
    const answers = Array.from({ length: 50 }, (_, i) => buffer.add(row(startMs + i, i), 0));
    await Promise.all([buffer.stop(), ...answers]);
    await expect(buffer.add(row(startMs, 1), 0)).rejects.toThrow(/stopping/);
  });
});

describe("identify", () => {
  it("does not remember an answer that a change overtook", async () => {
    const identify = new Identify();
    const shown = { username: device.username, secret: device.password };
    // The question is on its way while the credential is rotated and the news arrives.
    await t.owner.query("begin; lock table energy.credentials in access exclusive mode");
    const asked = identify.identify(shown);
    await until(async () => {
      const { rows } = await t.owner.query(
        "select count(*)::int as waiting from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      expect(rows[0].waiting).toBeGreaterThan(0);
    });
    identify.forget([]);
    await t.owner.query("update energy.credentials set revoked_at = now() where device_id = $1", [device.id]);
    await t.owner.query("commit");
    expect(await asked).toMatchObject({ ok: false, reason: "revoked-credential" });
  });

  it("remembers until it is told, a refusal as well", async () => {
    const identify = new Identify();
    const shown = { username: device.username, secret: device.password };
    const fresh = newCredential();
    expect(await identify.identify({ secret: fresh.shown.token })).toMatchObject({ reason: "unknown-credential" });
    const known = await identify.identify(shown);
    if (!known.ok) throw new Error(known.reason);
    await rotateCredential(tenant.organizationId, device.id, fresh.kept);
    identify.forget([known.identity.credentialId]);
    expect(await identify.identify(shown)).toMatchObject({
      ok: false,
      reason: "revoked-credential",
      deviceId: device.id,
    });
    expect(await identify.identify({ secret: fresh.shown.token })).toMatchObject({ ok: true });
  });
});

describe("the journal", () => {
  const heard = (receivedAtMs: number, payload = "{}") => ({
    ...{ deviceId: device.id, transport: "mqtt" as const, address: "a".repeat(400), receivedAtMs },
    payload: Buffer.from(payload),
  });
  const understood = { format: null, readings: [], refusals: [] };
  const drop = { reason: "malformed" as const, detail: "d".repeat(600) };

  it("keeps the last few messages, shortened", async () => {
    // The device's own first message is written down a moment after it was acknowledged.
    await until(async () => expect(await messagesOf(device)).toHaveLength(1));
    const afterwardsMs = Date.now() + 60_000;
    for (let i = 0; i < keptMessages + 3; i++) {
      const journal = new Journal(silent);
      journal.sample(heard(afterwardsMs + i * 1_000, "x".repeat(10_000)), understood);
      await journal.stop();
    }
    const messages = await messagesOf(device);
    expect(messages).toHaveLength(keptMessages);
    expect(messages.map((m) => (m.receivedMs - afterwardsMs) / 1_000)).toEqual([10, 9, 8, 7, 6, 5, 4, 3]);
    expect(messages[0]!.payload).toMatch(/^x{4000}… \(10000 bytes\)$/);
    expect(messages[0]!.address).toHaveLength(300);
  });

  it("samples a device every 10 seconds, its refusals every second, and counts them all", async () => {
    const journal = new Journal(silent);
    const nowMs = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    expect(journal.wantsSample(device.id, nowMs)).toBe(true);
    journal.sample(heard(nowMs), understood);
    expect([9_999, 10_000].map((ms) => journal.wantsSample(device.id, nowMs + ms))).toEqual([false, true]);
    expect([999, 1_000].map((ms) => journal.refuse(heard(nowMs + ms), [drop]))).toEqual([false, true]);
    for (let i = 0; i < 500; i++) journal.refuse(heard(nowMs + 2_000), [drop, drop]);
    await journal.stop();
    const reject = (await rejectsOf(device)).get("malformed")!;
    expect(reject.count).toBe(1_002);
    expect(reject.detail).toHaveLength(500);
  });

  it("forgets, and does not grow, while the database is gone", async () => {
    const journal = new Journal(silent);
    await t.link.cut();
    for (let i = 0; i < 5_000; i++) journal.refuse({ ...heard(startMs), deviceId: `device ${i}` }, [drop]);
    await journal.stop();
    await t.link.restore();
    await until(async () => void (await storeBatch(batchOf([[startMs + 5, 5]]))));
  });
});
