import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { channelsOf, type ChannelRow } from "./channels.ts";
import { correctionsInForce, insertCorrection } from "./corrections.ts";
import { forgetInIngest, getDevice } from "./devices.ts";
import { enqueue } from "./jobs.ts";
import { notify } from "./live.ts";
import { extentOf, firstReadingAfter } from "./readings.ts";
import { rollAnew } from "./roll-anew.ts";
import { counterpartOf } from "../domain/device/counterpart.ts";

/** What becomes of a channel when its device is merged: it continues one of the other device, or moves there as it is. */
export interface ChannelPair {
  from: ChannelRow;
  into: ChannelRow | null;
  /** The other device has a channel of this name that does not measure the same: the two cannot be merged. */
  isClash: boolean;
}

export type MergeFault = "not-found" | "same" | "gateway" | "not-alike" | "frozen";

/** What the old register showed at the end and the new one at the beginning, in the channel's unit; null: not read. */
export interface Registers {
  finalValue: number | null;
  firstValue: number | null;
}

export interface MergeWay {
  /** New hardware in the other's place, whose registers begin anew: the jump between the two is not energy. */
  isAnotherMeter: boolean;
  userId: string | null;
  /** By the channel that goes on. */
  registers?: ReadonlyMap<number, Registers>;
}

export type Merged = { ok: true } | { ok: false; fault: MergeFault };

/** How the channels of `sourceId` would go into those of `targetId`. null: one of the two is not there. */
export async function previewMerge(
  organizationId: string,
  sourceId: string,
  targetId: string,
): Promise<ChannelPair[] | null> {
  if (!isUuid(sourceId) || !isUuid(targetId)) return null;
  const [source, target] = [await getDevice(organizationId, sourceId), await getDevice(organizationId, targetId)];
  if (!source || !target) return null;
  return asOrganization(organizationId, (sql) => pairsOf(sql, sourceId, targetId));
}

async function pairsOf(sql: Sql, sourceId: string, targetId: string): Promise<ChannelPair[]> {
  const targets = await channelsOf(sql, { deviceId: targetId });
  const keys = await keysOf(sql, targetId);
  const taken = new Set<number>();
  return (await channelsOf(sql, { deviceId: sourceId })).map((from) => {
    const into = counterpartOf(
      from,
      targets.filter(({ id }) => !taken.has(id)),
    );
    if (into) taken.add(into.id);
    // A key that stands for another channel there would take the readings for that one's.
    return { from, into, isClash: keys.has(from.key) && keys.get(from.key) !== into?.id };
  });
}

/**
 * Makes two devices one: `targetId` stays, with its history; what `sourceId` has comes to it, and what still arrives under the
 * source's name or credential goes there.
 */
export async function mergeDevices(
  organizationId: string,
  sourceId: string,
  targetId: string,
  way: MergeWay,
): Promise<Merged> {
  if (sourceId === targetId) return { ok: false, fault: "same" };
  const [source, target] = [await getDevice(organizationId, sourceId), await getDevice(organizationId, targetId)];
  if (!source || !target) return { ok: false, fault: "not-found" };
  if (source.kind === "gateway") return { ok: false, fault: "gateway" };
  return asOrganization(organizationId, async (sql) => {
    // The ingest makes no channel of either meanwhile (`intake-channels.ts`).
    await sql.query("select from energy.devices where id in ($1, $2) order by id for no key update", [
      sourceId,
      targetId,
    ]);
    const pairs = await pairsOf(sql, sourceId, targetId);
    if (pairs.some(({ isClash }) => isClash)) return { ok: false, fault: "not-alike" };
    if (pairs.some(({ from, into }) => into && isFrozen(from, into))) return { ok: false, fault: "frozen" };
    for (const { from, into } of pairs) {
      if (into) await redirect(sql, organizationId, from, into, way);
      else await sql.query("update energy.channels set device_id = $2 where id = $1", [from.id, targetId]);
    }
    await moveAliases(sql, sourceId, targetId);
    await forgetInIngest(sql, sourceId);
    await sql.query("update energy.devices set merged_into = $2 where id = $1 or merged_into = $1", [
      sourceId,
      targetId,
    ]);
    // To merge into a device of the inbox is to accept it.
    await sql.query("update energy.devices set accepted_at = coalesce(accepted_at, now()) where id = $1", [targetId]);
    await forgetInIngest(sql, targetId);
    if (source.siteId !== target.siteId) await rollAnew(sql, { siteId: target.siteId, deviceId: targetId });
    await enqueue(sql, "settle-device", { organizationId, deviceId: targetId }, { key: `settle-device:${targetId}` });
    await notify(sql, { devices: [sourceId, targetId] });
    return { ok: true };
  });
}

/** Every key that a device's messages may have, with the channel that it stands for. */
async function keysOf(sql: Sql, deviceId: string): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ key: string; id: number }>(
    "select key, coalesce(merged_into, id) as id from energy.channels where device_id = $1",
    [deviceId],
  );
  return new Map(rows.map(({ key, id }) => [key, id]));
}

/** What the source's channels were called before them: the target's messages may call them so from now on. */
async function moveAliases(sql: Sql, sourceId: string, targetId: string): Promise<void> {
  await sql.query(
    `update energy.channels c set device_id = $2 where c.device_id = $1 and c.merged_into is not null
       and not exists (select from energy.channels x where x.device_id = $2 and x.key = c.key)`,
    [sourceId, targetId],
  );
}

/** A channel goes on with the readings of another one, of the same or another device: new hardware behind it. */
export async function continueChannel(
  organizationId: string,
  { channelId, withChannelId }: { channelId: number; withChannelId: number },
  way: MergeWay,
): Promise<Merged> {
  if (channelId === withChannelId) return { ok: false, fault: "same" };
  return asOrganization(organizationId, async (sql) => {
    const all = await channelsOf(sql, {});
    const into = all.find(({ id }) => id === channelId);
    const from = all.find(({ id }) => id === withChannelId);
    if (!into || !from) return { ok: false, fault: "not-found" };
    if (!canContinue(into, from)) return { ok: false, fault: "not-alike" };
    if (isFrozen(from, into)) return { ok: false, fault: "frozen" };
    await redirect(sql, organizationId, from, into, way);
    await forgetInIngest(sql, from.deviceId);
    await forgetInIngest(sql, into.deviceId);
    return { ok: true };
  });
}

/** What is merged is computed anew from raw readings, of which some are gone. */
const isFrozen = (...channels: ChannelRow[]): boolean => channels.some(({ frozenBeforeMs }) => frozenBeforeMs !== null);

/** Whether a channel may go on with another one's readings: both say the same of the same. */
export const canContinue = (into: ChannelRow, from: ChannelRow): boolean =>
  from.quantity === into.quantity && from.kind === into.kind && from.unit === into.unit && from.medium === into.medium;

/** What still arrives under `fromId` goes to `into`, and its readings follow by a job. @returns what `into` covered itself. */
export async function redirectChannel(
  sql: Sql,
  organizationId: string,
  { fromId, intoId, factor, offset }: { fromId: number; intoId: number; factor: number; offset: number },
): Promise<Covered | null> {
  await sql.query(
    `update energy.channels set merged_into = $2, merge_factor = merge_factor * $3::float8,
       merge_offset = merge_offset * $3::float8 + $4::float8, is_primary = false
     where id = $1 or merged_into = $1`,
    [fromId, intoId, factor, offset],
  );
  const covered = await coveredBy(sql, intoId);
  await enqueue(sql, "merge-channel", { organizationId, channelId: fromId, covered });
  return covered;
}

async function redirect(
  sql: Sql,
  organizationId: string,
  from: ChannelRow,
  into: ChannelRow,
  { isAnotherMeter, userId, registers }: MergeWay,
): Promise<void> {
  const conversion = { factor: from.scale / into.scale, offset: (from.shift - into.shift) / into.scale };
  const covered = await redirectChannel(sql, organizationId, { fromId: from.id, intoId: into.id, ...conversion });
  if (isAnotherMeter && into.kind === "counter" && covered)
    await noteReplacement(sql, from.id, into.id, { ...covered, userId, ...registers?.get(into.id) });
}

export interface Covered {
  fromMs: number;
  toMs: number;
}

async function coveredBy(sql: Sql, channelId: number): Promise<Covered | null> {
  const { firstMs: fromMs, lastMs: toMs } = await extentOf(sql, [channelId]);
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}

/** The new register counts from its first reading after the old one's last. */
async function noteReplacement(
  sql: Sql,
  fromId: number,
  intoId: number,
  { toMs, userId, finalValue = null, firstValue = null }: Covered & { userId: string | null } & Partial<Registers>,
): Promise<void> {
  const atMs = (await firstReadingAfter(sql, fromId, toMs)) ?? Date.now();
  const isNoted = (await correctionsInForce(sql, [intoId]))(intoId).some(
    (correction) => correction.what === "replace" && correction.atMs === atMs,
  );
  if (isNoted) return;
  const correction = { what: "replace" as const, atMs, finalValue, firstValue };
  await insertCorrection(sql, intoId, { correction, reason: "", userId });
}
