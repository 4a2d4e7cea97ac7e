import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { channelsOf, type ChannelRow } from "./channels.ts";
import { forgetInIngest, getDevice } from "./devices.ts";
import { enqueue } from "./jobs.ts";
import { notify } from "./live.ts";
import { counterpartOf } from "../domain/device/counterpart.ts";

/** What becomes of a channel when its device is merged: it continues one of the other device, or moves there as it is. */
export interface ChannelPair {
  from: ChannelRow;
  into: ChannelRow | null;
}

export type MergeFault = "not-found" | "same" | "gateway" | "not-alike";

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
  const taken = new Set<number>();
  return (await channelsOf(sql, { deviceId: sourceId })).map((from) => {
    const into = counterpartOf(
      from,
      targets.filter(({ id }) => !taken.has(id)),
    );
    if (into) taken.add(into.id);
    return { from, into };
  });
}

/**
 * Makes two devices one: `targetId` stays, with its history; what `sourceId` has comes to it, and what still arrives under the
 * source's name or credential goes there. `isAnotherMeter`: the source is new hardware in the target's place, whose registers
 * begin anew; the jump between the two is not energy.
 */
export async function mergeDevices(
  organizationId: string,
  sourceId: string,
  targetId: string,
  { isAnotherMeter, userId }: { isAnotherMeter: boolean; userId: string | null },
): Promise<{ ok: true } | { ok: false; fault: MergeFault }> {
  if (sourceId === targetId) return { ok: false, fault: "same" };
  const [source, target] = [await getDevice(organizationId, sourceId), await getDevice(organizationId, targetId)];
  if (!source || !target) return { ok: false, fault: "not-found" };
  if (source.kind === "gateway") return { ok: false, fault: "gateway" };
  return asOrganization(organizationId, async (sql) => {
    const pairs = await pairsOf(sql, sourceId, targetId);
    const keys = new Set((await channelsOf(sql, { deviceId: targetId })).map(({ key }) => key));
    if (pairs.some(({ from, into }) => keys.has(from.key) && into?.key !== from.key))
      return { ok: false, fault: "not-alike" };
    for (const { from, into } of pairs) {
      if (into) await redirect(sql, organizationId, from, into, { isAnotherMeter, userId });
      else await sql.query("update energy.channels set device_id = $2 where id = $1", [from.id, targetId]);
    }
    await forgetInIngest(sql, sourceId);
    await sql.query("update energy.devices set merged_into = $2 where id = $1 or merged_into = $1", [
      sourceId,
      targetId,
    ]);
    await forgetInIngest(sql, targetId);
    await enqueue(sql, "settle-device", { organizationId, deviceId: targetId }, { key: `settle-device:${targetId}` });
    await notify(sql, { devices: [sourceId, targetId] });
    return { ok: true };
  });
}

/** A channel goes on with the readings of another one, of the same or another device: new hardware behind it. */
export async function continueChannel(
  organizationId: string,
  { channelId, withChannelId }: { channelId: number; withChannelId: number },
  how: { isAnotherMeter: boolean; userId: string | null },
): Promise<{ ok: true } | { ok: false; fault: MergeFault }> {
  if (channelId === withChannelId) return { ok: false, fault: "same" };
  return asOrganization(organizationId, async (sql) => {
    const all = await channelsOf(sql, {});
    const into = all.find(({ id }) => id === channelId);
    const from = all.find(({ id }) => id === withChannelId);
    if (!into || !from) return { ok: false, fault: "not-found" };
    if (from.quantity !== into.quantity || from.kind !== into.kind || from.unit !== into.unit)
      return { ok: false, fault: "not-alike" };
    await redirect(sql, organizationId, from, into, how);
    await forgetInIngest(sql, from.deviceId);
    await forgetInIngest(sql, into.deviceId);
    return { ok: true };
  });
}

async function redirect(
  sql: Sql,
  organizationId: string,
  from: ChannelRow,
  into: ChannelRow,
  { isAnotherMeter, userId }: { isAnotherMeter: boolean; userId: string | null },
): Promise<void> {
  const factor = from.scale / into.scale;
  await sql.query(
    "update energy.channels set merged_into = $2, merge_factor = $3, merge_offset = $4, is_primary = false where id = $1 or merged_into = $1",
    [from.id, into.id, factor, (from.shift - into.shift) / into.scale],
  );
  const covered = await coveredBy(sql, into.id);
  if (isAnotherMeter && into.kind === "counter" && covered)
    await noteReplacement(sql, from.id, into.id, covered, userId);
  // What the ingest still had in hand for the old channel is stored within a minute, and comes along.
  const runAt = new Date(Date.now() + 5_000);
  await enqueue(sql, "merge-channel", { organizationId, channelId: from.id, covered }, { runAt });
}

interface Covered {
  fromMs: number;
  toMs: number;
}

async function coveredBy(sql: Sql, channelId: number): Promise<Covered | null> {
  const { rows } = await sql.query<{ fromMs: number | null; toMs: number | null }>(
    `select extract(epoch from min(time))::float8 * 1000 as "fromMs", extract(epoch from max(time))::float8 * 1000 as "toMs"
     from energy.channel_readings where channel_id = $1`,
    [channelId],
  );
  const { fromMs, toMs } = rows[0]!;
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}

/** The new register counts from its first reading after the old one's last. */
async function noteReplacement(
  sql: Sql,
  fromId: number,
  intoId: number,
  { toMs }: Covered,
  userId: string | null,
): Promise<void> {
  await sql.query(
    `insert into energy.meter_replacements (organization_id, channel_id, at, created_by)
     select c.organization_id, c.id, coalesce((select min(time) from energy.channel_readings
       where channel_id = $2 and time > to_timestamp($3 / 1000.0)), now()), $4
     from energy.channels c where c.id = $1 on conflict (channel_id, at) do nothing`,
    [intoId, fromId, toMs, userId],
  );
}
