import { once } from "node:events";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { packDay } from "../../db/rollup-days.ts";
import { bucketMs, bucketS, type Bucket } from "../../domain/rollup/bucket.ts";

/** What `energy bench query` measures on: sites of ten registers each, as a year of life leaves them on the disk. */
export interface Loaded {
  /** Numbers of the channels; the first ten are the first site's. */
  channels: number[];
  sites: string[];
  /** The raw day and the end of the roll-ups, epoch milliseconds. */
  dayMs: number;
  rollupFromMs: number;
}

const channelsPerSite = 10;
const intervalMs = 10_000;
const dayLengthMs = 86_400_000;
const rollupDays = 396;
/** Microseconds from 1970 to 2000, where Postgres begins to count. */
const postgresEpochMicros = 946_684_800_000_000n;

/** Loads by COPY in the order of arrival: every channel's reading of ten seconds, then of the next; every channel's day, then the next. */
export async function loadHistory(
  owner: pg.Client,
  organizationId: string,
  channelCount: number,
  tell: (line: string) => void,
): Promise<Loaded> {
  const began = performance.now();
  const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`;
  const loaded = await loadRollups(owner, organizationId, channelCount);
  const { channels, dayMs } = loaded;
  tell(`${rollupDays} days of quarter-hours of ${channels.length} channels loaded after ${seconds()}`);
  await owner.query("select telemetry.ensure_partitions(to_timestamp($1 / 1000.0), now())", [dayMs - dayLengthMs]);
  await copy(
    owner,
    "copy telemetry.readings (channel_id, time, value) from stdin (format binary)",
    readingRows(channels, dayMs),
  );
  tell(`${(channels.length * dayLengthMs) / intervalMs} readings loaded after ${seconds()}`);
  // In life, autovacuum has been there within minutes.
  await owner.query("vacuum analyze telemetry.readings");
  await owner.query("checkpoint");
  tell(`vacuumed after ${seconds()}`);
  return loaded;
}

/** The quarter-hours alone. */
export async function loadRollups(owner: pg.Client, organizationId: string, channelCount: number): Promise<Loaded> {
  const dayMs = Math.floor(Date.now() / dayLengthMs) * dayLengthMs - dayLengthMs;
  const { sites, channels } = await makeChannels(owner, organizationId, channelCount);
  await copy(
    owner,
    "copy telemetry.rollup_days (channel_id, day, energy_kwh, count, last) from stdin (format binary)",
    rollupRows(channels, dayMs),
  );
  await owner.query("vacuum analyze telemetry.rollup_days, energy.channels");
  return { channels, sites, dayMs, rollupFromMs: dayMs + dayLengthMs - rollupDays * dayLengthMs };
}

async function makeChannels(owner: pg.Client, organizationId: string, count: number) {
  const { rows } = await owner.query<{ site: string; channels: number[] }>(
    `with places as (
       insert into energy.sites (organization_id, name, timezone, currency, price_per_kwh)
       select $1, 'Site ' || n, 'Europe/Berlin', 'EUR', 0.32 from generate_series(1, $2::int) n returning id
     ), meters as (
       insert into energy.devices (organization_id, site_id, name, kind)
       select $1, places.id, 'Board', 'device' from places returning id, site_id
     ), made as (
       insert into energy.channels (organization_id, device_id, key, metric, medium, quantity, kind, unit, direction, role, is_primary)
       select $1, meters.id, 'energy.import.ch' || n, 'energy.import.ch' || n, 'electricity', 'energy', 'counter', 'kWh', 'consumption',
         'consumer', true
       from meters, generate_series(1, ${channelsPerSite}) n returning id, device_id
     )
     select m.site_id as site, array_agg(made.id order by made.id) as channels from made join meters m on m.id = made.device_id
     group by 1 order by min(made.id)`,
    [organizationId, Math.ceil(count / channelsPerSite)],
  );
  return { sites: rows.map(({ site }) => site), channels: rows.flatMap(({ channels }) => channels) };
}

async function copy(owner: pg.Client, statement: string, chunks: Iterable<Buffer>): Promise<void> {
  const into = owner.query(copyFrom(statement));
  into.write(Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1"));
  for (const chunk of chunks) if (!into.write(chunk)) await once(into, "drain");
  into.end(Buffer.from([0xff, 0xff]));
  await once(into, "finish");
}

/**
 * A third each: registers with three decimals that are read with a jitter of milliseconds, powers with one decimal, and powers of
 * which each is anything up to 3 kW.
 */
function* readingRows(channels: readonly number[], dayMs: number): Generator<Buffer> {
  const wholes = channels.map((_, i) => (i % 3 === 0 ? 48_211_376 + i : 2_310));
  const rowBytes = 2 + 4 + 4 + 4 + 8 + 4 + 8;
  for (let offset = 0; offset < dayLengthMs; offset += intervalMs) {
    const chunk = Buffer.alloc(channels.length * rowBytes);
    let at = 0;
    for (const [i, channel] of channels.entries()) {
      const jitterMs = i % 3 === 0 ? Math.floor(Math.random() * 60) : 0;
      const micros = BigInt(dayMs + offset + jitterMs) * 1000n - postgresEpochMicros;
      at = chunk.writeInt16BE(3, at);
      at = chunk.writeInt32BE(channel, chunk.writeInt32BE(4, at));
      at = chunk.writeBigInt64BE(micros, chunk.writeInt32BE(8, at));
      at = chunk.writeDoubleBE(nextValue(wholes, i), chunk.writeInt32BE(8, at));
    }
    yield chunk;
  }
}

function nextValue(wholes: number[], i: number): number {
  if (i % 3 === 0) return (wholes[i]! += Math.floor(Math.random() * 6)) / 1000;
  if (i % 3 === 1) return (wholes[i]! += Math.floor(Math.random() * 9) - 4) / 10;
  return Math.floor(Math.random() * 30_000) / 10;
}

function* rollupRows(channels: readonly number[], dayMs: number): Generator<Buffer> {
  const day2000 = dayMs / dayLengthMs - 10_957;
  for (let day = day2000 - rollupDays + 1; day <= day2000; day++) {
    // The same twenty shapes for all channels of a day: making them is not what is measured.
    const bodies = Array.from({ length: 20 }, (_, i) => dayColumns(i, day));
    for (let from = 0; from < channels.length; from += 100) {
      yield Buffer.concat(
        channels.slice(from, from + 100).flatMap((channel, i) => {
          const head = Buffer.alloc(2 + 8 + 8);
          let at = head.writeInt16BE(5, 0);
          at = head.writeInt32BE(channel, head.writeInt32BE(4, at));
          head.writeInt32BE(day, head.writeInt32BE(4, at));
          return [head, bodies[i % bodies.length]!];
        }),
      );
    }
  }
}

/** A day that is covered throughout: energy, count and last, each behind its length. */
function dayColumns(shape: number, dayNumber: number): Buffer {
  let register = 40_000 + shape * 100 + dayNumber * 10;
  const buckets: Bucket[] = Array.from({ length: 96 }, (_, slot) => {
    const energyKwh = Math.floor(Math.random() * 400) / 1000;
    register += energyKwh;
    const energies = { energyKwh, reverseKwh: 0, estimatedKwh: 0, estimatedReverseKwh: 0 };
    return {
      ...{ startMs: slot * bucketMs, ...energies, coveredS: bucketS },
      ...{ mean: null, min: null, max: null, count: 90, last: register },
    };
  });
  const day = packDay(0, buckets);
  return Buffer.concat(
    [day.energyKwh!, day.count!, day.last!].flatMap((column) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(column.length);
      return [length, column];
    }),
  );
}
