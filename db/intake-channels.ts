import { defineChannel } from "../domain/device/vocabulary.ts";
import { deviceChannelOf } from "../domain/site/power-now.ts";
import { choosePrimaries, guessDeviceRoles, type DeviceChannel } from "../domain/site/primary.ts";
import type { Direction, Kind, Medium, Quantity, Role } from "../domain/channel.ts";
import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { insertChannel, type NewChannel } from "./insert-channel.ts";
import { notify } from "./live.ts";

/** A channel as the ingest knows it: where its readings go. */
export interface IntakeChannel {
  /** Where its readings go: itself, or the channel that it was merged into, as value x factor + offset. */
  id: number;
  factor: number;
  offset: number;
  /** Limits of what is stored; null: none. */
  min: number | null;
  max: number | null;
  key: string;
  /** Newest time stored, epoch milliseconds; null: none yet. */
  latestMs: number | null;
}

/** @param madeForId a device that was merged into it, under whose name these messages come: its own units come first. */
export async function channelsOfDevice(deviceId: string, madeForId = deviceId): Promise<IntakeChannel[]> {
  const { rows } = await systemPool().query<IntakeChannel>(
    `select t.id, c.key, c.merge_factor as factor, c.merge_offset as "offset",
       case when t.scale > 0 then (t.min_value - t.shift) / t.scale else (t.max_value - t.shift) / t.scale end as min,
       case when t.scale > 0 then (t.max_value - t.shift) / t.scale else (t.min_value - t.shift) / t.scale end as max,
       extract(epoch from l.time)::float8 * 1000 as "latestMs"
     from energy.channels c
     join energy.channels t on t.id = coalesce(c.merged_into, c.id)
     left join telemetry.latest l on l.channel_id = t.id where c.device_id = $1 or c.device_id = $2 and c.merged_into is not null
     order by c.device_id = $2 desc`,
    [deviceId, madeForId],
  );
  return rows;
}

/**
 * Makes the channels that are new (another process may have made some already), guesses what they are, and settles anew
 * which of the device's channels count; what a person chose stays. Answers the device's channels afterwards.
 */
export async function createChannels(
  device: { organizationId: string; deviceId: string },
  channels: readonly NewChannel[],
): Promise<IntakeChannel[]> {
  const deviceId = await asSystem(async (sql) => {
    const deviceId = await standingDevice(sql, device.deviceId);
    // One at a time per device: two processes that settle primaries at once would each miss the other's channels.
    await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [deviceId]);
    for (const channel of channels) await insertChannel(sql, { ...device, deviceId }, channel);
    await settlePlaces(sql, deviceId);
    await notify(sql, { devices: [deviceId] });
    return deviceId;
  });
  return channelsOfDevice(deviceId, device.deviceId);
}

/** The device, or the one that it was merged into since the ingest last looked; it is not merged before the transaction ends. */
async function standingDevice(sql: Sql, deviceId: string): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    "select coalesce(merged_into, id) as id from energy.devices where id = $1 for share",
    [deviceId],
  );
  return rows[0]?.id ?? deviceId;
}

interface PlaceRow {
  id: number;
  key: string;
  metric: string;
  tags: Record<string, string>;
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  direction: Direction | null;
  role: Role;
  isPrimary: boolean;
  chosen: boolean;
  latest: number | null;
}

/**
 * Roles and primary flags of a device's channels, guessed from all of them together; chosen ones are left alone.
 * `organizationId`: of whoever asked for it; a device of others is left as it is.
 */
export async function settlePlaces(sql: Sql, deviceId: string, organizationId: string | null = null): Promise<void> {
  const { rows } = await sql.query<PlaceRow>(
    `select c.id, c.key, c.metric, c.tags, c.medium, c.quantity, c.kind, c.unit, c.direction, c.role, c.is_primary as "isPrimary", c.chosen,
       l.value * c.scale + c.shift as latest
     from energy.channels c left join telemetry.latest l on l.channel_id = c.id
     where c.device_id = $1 and c.merged_into is null and ($2::uuid is null or c.organization_id = $2) order by c.id`,
    [deviceId, organizationId],
  );
  const channels: DeviceChannel[] = rows.map((row) => ({
    ...deviceChannelOf(row),
    role: guessOf(row),
    latest: row.latest,
  }));
  const guessed = guessDeviceRoles(channels);
  for (const channel of channels) {
    const row = rows.find((r) => r.key === channel.key)!;
    channel.role = row.chosen ? row.role : (roleOfChosenTotal(rows, row) ?? guessed.get(channel.key) ?? channel.role);
  }
  const places = choosePrimaries(channels);
  const changed = rows
    .filter((row) => !row.chosen)
    .flatMap((row) => {
      const role = channels.find((c) => c.key === row.key)!.role;
      const primary = places.get(row.key)!.isPrimary && !isTakenByChoice(rows, row, role);
      return role === row.role && primary === row.isPrimary ? [] : [{ id: row.id, role, primary }];
    });
  if (!changed.length) return;
  await sql.query(
    `update energy.channels c set role = x.role, is_primary = x.is_primary
     from unnest($1::int4[], $2::text[], $3::bool[]) as x(id, role, is_primary) where c.id = x.id`,
    [changed.map((c) => c.id), changed.map((c) => c.role), changed.map((c) => c.primary)],
  );
}

/** Guesses start from the metric's own words each time, so that an earlier guess is never taken for knowledge. */
function guessOf({ metric, kind, unit, tags }: PlaceRow): Role {
  return defineChannel(metric, { kind, unit, tags }).role;
}

/** What a person said of a meter's total holds for its phases and registers too, however late they are first heard. */
function roleOfChosenTotal(
  rows: readonly PlaceRow[],
  { medium, direction, quantity, metric }: PlaceRow,
): Role | undefined {
  const total = rows.find(
    (other) =>
      other.chosen &&
      other.medium === medium &&
      other.direction === direction &&
      other.quantity === quantity &&
      metric.startsWith(`${other.metric}.`),
  );
  return total?.role;
}

// A person's primary of the same flow wins over the guess.
function isTakenByChoice(rows: readonly PlaceRow[], row: PlaceRow, role: Role): boolean {
  return rows.some((other) => other.chosen && other.isPrimary && other.role === role && other.medium === row.medium);
}
