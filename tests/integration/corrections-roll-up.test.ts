import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asSystem } from "../../db/as-system.ts";
import { addCorrection, undoCorrection } from "../../db/corrections.ts";
import { createDevice } from "../../db/devices.ts";
import { eventsReaching } from "../../db/meter-events.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { sealPassword } from "../../db/credentials.ts";
import type { EnergyChannel } from "../../domain/energy/channel-config.ts";
import { correct, type Correction } from "../../domain/energy/corrections.ts";
import { meter } from "../../domain/energy/meter.ts";
import type { Reading } from "../../domain/reading.ts";
import { bucketCeil, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { rebuildChannel } from "../../workers/roll-up/rebuild.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { registerHistory } from "../support/register-history.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** Corrections through the real database: made and undone in any order, the stored buckets are those of the corrected readings. */
let db: OpenDatabase;
let place: { organizationId: string; deviceId: string };

const noon = Date.UTC(2026, 9, 3, 12);
const minute = 60_000;

beforeAll(async () => {
  db = await openTestDatabase();
  const { organizationId, siteId } = await makeTenant("corrections", "Asia/Kathmandu");
  const kept = {
    username: "c",
    passwordHash: sha256("p"),
    tokenHash: sha256("t"),
    passwordSealed: sealPassword("c", "p"),
  };
  const device = await createDevice(organizationId, { siteId, name: "c", kind: "device" }, kept);
  place = { organizationId, deviceId: device!.id };
  await db.owner.query("select telemetry.ensure_partitions($1, $2)", [new Date(noon - 1e9), new Date(noon + 4e9)]);
});

afterAll(() => db.close());

const base = {
  stamp: "instant",
  reporting: "periodic",
  expectedIntervalS: 60,
  maxGapS: null,
  maxPowerW: 50_000,
  registerMax: null,
  restartsDaily: false,
} as const;
const kinds: Record<string, EnergyChannel> = {
  counter: { ...base, kind: "counter", quantity: "energy", unit: "kWh", direction: "import" },
  gauge: { ...base, kind: "gauge", quantity: "power", unit: "W", direction: "both" },
  delta: { ...base, kind: "delta", quantity: "energy", unit: "kWh", direction: "import", stamp: "end" },
  means: { ...base, kind: "gauge", quantity: "power", unit: "W", direction: "import", stamp: "start" },
};

let made = 0;
async function addOne({ kind, quantity, unit, direction, stamp }: EnergyChannel): Promise<number> {
  const metric = `m${++made}`;
  const id = await addChannel(db.owner, { ...place, metric, kind, quantity, unit: unit!, expectedIntervalS: 60 });
  await db.owner.query("update energy.channels set max_power_w = 50000, direction = $2, stamp = $3 where id = $1", [
    id,
    direction,
    stamp,
  ]);
  return id;
}

async function arrive(channel: number, readings: readonly Reading[]): Promise<void> {
  await db.owner.query(
    `with given as (select to_timestamp(t / 1000.0) as time, v as value from unnest($2::float8[], $3::float8[]) as x(t, v)),
       stored as (insert into telemetry.readings select $1, time, value from given
         on conflict (channel_id, time) do update set value = excluded.value)
     insert into telemetry.dirty select $1, min(time), max(time) from given`,
    [channel, readings.map((r) => r.timeMs), readings.map((r) => r.value)],
  );
  await rollUpAll();
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

const isSomething = (b: Bucket) => b.coveredS > 0 || b.count > 0 || b.energyKwh > 0;

async function stored(channel: number) {
  return asSystem(async (sql) => {
    const buckets = (await bucketsOfSystem(sql, [channel], 0, Date.now() + 1e10)).get(channel)!;
    const events = (await eventsReaching(sql, [{ channelId: channel, atMs: 0 }])).get(channel) ?? [];
    return { buckets: buckets.filter(isSomething), events };
  });
}

function whole(channel: EnergyChannel, sent: readonly Reading[], corrections: readonly Correction[]) {
  const { readings, judgements, replacements } = correct(sent, corrections);
  if (!readings.length) return { buckets: [], events: [] };
  const { buckets, events } = meter({
    channel: { ...channel, replacements },
    arrivals: readings,
    judgements,
    timezone: "Asia/Kathmandu",
    fromMs: bucketStart(readings[0]!.timeMs - 60 * minute),
    toMs: bucketCeil(readings.at(-1)!.timeMs + 60 * minute),
  });
  return { buckets: buckets.filter(isSomething), events };
}

/** A correction by places in a history, which it may also lie between or beyond. */
const anyCorrection = (history: readonly Reading[]): fc.Arbitrary<Correction> => {
  const at = fc.nat({ max: history.length - 1 }).map((i) => history[i]!.timeMs);
  const instant = fc.tuple(at, fc.constantFrom(0, 0, 0, 1, 30_000)).map(([ms, off]) => ms + off);
  const range = fc
    .tuple(instant, fc.constantFrom(1, 60_000, 600_000, 7_200_000))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));
  const value = fc.constantFrom(0, 1.5, 120.25, 5_000, 9_999);
  return fc.oneof(
    range.map((r) => ({ what: "exclude" as const, ...r })),
    range.map((r) => ({ what: "scale" as const, ...r, factor: 0.001 })),
    fc.tuple(instant, value).map(([atMs, v]) => ({ what: "reading" as const, atMs, value: v })),
    fc
      .tuple(at, fc.constantFrom("jitter", "glitch", "rollover", "reset", "replacement", "rise"))
      .map(([atMs, as]) => ({ what: "judge" as const, atMs, as: as as "reset" })),
    fc
      .tuple(instant, fc.option(value), fc.option(value))
      .map(([atMs, finalValue, firstValue]) => ({ what: "replace" as const, atMs, finalValue, firstValue })),
  );
};

describe.each(Object.entries(kinds))("%s", (_name, channel) => {
  test(
    "corrections are made and undone between arrivals: always what the whole history gives, and in the end the same bits as before",
    { timeout: 240_000 },
    async () => {
      const lives = registerHistory(noon, 40).chain((history) =>
        fc.record({
          history: fc.constant(history),
          corrections: fc.array(anyCorrection(history), { minLength: 2, maxLength: 5 }),
          late: fc.nat({ max: history.length - 1 }),
        }),
      );
      for (const { history, corrections, late } of fc.sample(lives, { seed: 7, numRuns: 5 })) {
        const id = await addOne(channel);
        const lateOne = history.length > 1 ? history[late]! : null;
        let sent = history.filter((reading) => reading !== lateOne);
        await arrive(id, sent);
        const before = await stored(id);
        const inForce: { id: string; correction: Correction }[] = [];
        for (const [i, correction] of corrections.entries()) {
          const given = { correction, reason: "because", userId: null };
          inForce.push({ ...(await addCorrection(place.organizationId, id, given)), correction });
          await rollUpAll();
          expect(await stored(id)).toEqual(
            whole(
              channel,
              sent,
              inForce.map((c) => c.correction),
            ),
          );
          if (i === 1 && lateOne) {
            sent = history;
            await arrive(id, [lateOne]);
            expect(await stored(id)).toEqual(
              whole(
                channel,
                sent,
                inForce.map((c) => c.correction),
              ),
            );
          }
        }
        const incremental = await stored(id);
        await rebuildChannel(id);
        expect(await stored(id)).toEqual(incremental);
        for (let n = 0; inForce.length; n += 7) {
          const [undone] = inForce.splice(n % inForce.length, 1);
          await undoCorrection(place.organizationId, undone!.id, { reason: "", userId: null });
          await rollUpAll();
          expect(await stored(id)).toEqual(
            whole(
              channel,
              sent,
              inForce.map((c) => c.correction),
            ),
          );
        }
        if (!lateOne) expect(await stored(id)).toEqual(before);
      }
    },
  );
});

test("a row of what people corrected is never written again, whoever asks", async () => {
  const id = await addOne(kinds["counter"]!);
  const correction = { what: "reading" as const, atMs: noon, value: 1 };
  const { id: one } = await addCorrection(place.organizationId, id, { correction, reason: "", userId: null });
  for (const statement of ["update energy.corrections set reason = 'other'", "delete from energy.corrections"])
    await expect(asSystem((sql) => sql.query(statement))).rejects.toThrow(/permission denied/);
  expect(await undoCorrection(place.organizationId, one, { reason: "", userId: null })).toMatchObject({ id: one });
  expect(await undoCorrection(place.organizationId, one, { reason: "", userId: null })).toBe("undone-before");
  const other = await makeTenant("others", "UTC");
  expect(await undoCorrection(other.organizationId, one, { reason: "", userId: null })).toBe("not-found");
  await expect(addCorrection(other.organizationId, id, { correction, reason: "", userId: null })).rejects.toThrow(
    /no channel/,
  );
});
