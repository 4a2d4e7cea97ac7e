import { createHash } from "node:crypto";
import pg from "pg";
import { createOrganization, type CreatedOrganization } from "../../cli/org.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { createTestDatabase } from "./database.ts";

/** A database of one's own, open for the product, with a superuser's connection beside it. */
export interface OpenDatabase {
  owner: pg.Client;
  close(): Promise<void>;
}

export async function openTestDatabase(): Promise<OpenDatabase> {
  const database = await createTestDatabase();
  openDatabase(database.appUrl);
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  return {
    owner,
    async close() {
      await closeDatabase();
      await owner.end();
      await database.drop();
    },
  };
}

/** An organization as `energy org create` makes it. */
export function makeTenant(name: string, timezone = "UTC"): Promise<CreatedOrganization> {
  const email = `${name}@example.org`;
  return createOrganization({ name, email, password: "correct horse battery", timezone, currency: "EUR" });
}

export interface ChannelGiven {
  organizationId: string;
  deviceId: string;
  metric: string;
  kind?: string;
  quantity?: string;
  unit?: string | null;
  direction?: string | null;
  role?: string;
  isPrimary?: boolean;
  medium?: string;
  /** Epoch milliseconds and value, as stored. */
  readings?: [number, number][];
  /** Seconds between readings, where it is given. */
  expectedIntervalS?: number;
}

/** A channel as the ingest leaves it: with its readings, its newest value and a mark for the roll-up. */
export async function addChannel(owner: pg.Client, given: ChannelGiven): Promise<number> {
  const { organizationId, deviceId, metric, readings = [] } = given;
  const { rows } = await owner.query<{ id: number }>(
    `insert into energy.channels (organization_id, device_id, key, metric, medium, quantity, kind, unit, direction, role, is_primary, expected_interval_s)
     values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
    [
      organizationId,
      deviceId,
      metric,
      given.medium ?? "electricity",
      given.quantity ?? "power",
      given.kind ?? "gauge",
      given.unit === undefined ? "W" : given.unit,
      given.direction ?? null,
      given.role ?? "consumer",
      given.isPrimary ?? false,
      given.expectedIntervalS ?? null,
    ],
  );
  const id = rows[0]!.id;
  if (readings.length) await addReadings(owner, id, readings);
  return id;
}

async function addReadings(owner: pg.Client, channelId: number, readings: readonly [number, number][]): Promise<void> {
  const times = readings.map(([timeMs]) => timeMs);
  await owner.query("select telemetry.ensure_partitions(to_timestamp($1 / 1000.0), to_timestamp($2 / 1000.0))", [
    Math.min(...times),
    Math.max(...times),
  ]);
  await owner.query(
    `with given as (select to_timestamp(t / 1000.0) as time, v as value from unnest($2::float8[], $3::float8[]) as x(t, v)),
       stored as (insert into telemetry.readings select $1, time, value from given),
       marked as (insert into telemetry.dirty select $1, min(time), max(time) from given)
     insert into telemetry.latest (channel_id, time, value, received_at)
     select $1, time, value, now() from given order by time desc limit 1`,
    [channelId, times, readings.map(([, value]) => value)],
  );
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
