import type { Direction, Kind, Medium, Phase, Quantity, Reporting, Role, Stamp } from "../domain/channel.ts";
import { deviceChannelOf } from "../domain/site/power-now.ts";
import { rivalsOf } from "../domain/site/rivals.ts";
import { asOrganization, readAsOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { forgetInIngest } from "./devices.ts";
import { enqueue } from "./jobs.ts";
import { notify } from "./live.ts";
import type { Page } from "./page.ts";
import { rollAnew } from "./roll-anew.ts";

/** A channel with its newest value (canonical unit; text for states). */
export interface ChannelRow {
  id: number;
  deviceId: string;
  deviceName: string;
  siteId: string;
  timezone: string;
  key: string;
  metric: string;
  tags: Record<string, string>;
  name: string;
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  unitAssumed: boolean;
  scale: number;
  shift: number;
  direction: Direction | null;
  role: Role;
  isPrimary: boolean;
  isPart: boolean;
  chosen: boolean;
  /** The meter that measures it too: a channel or a virtual meter. */
  parentId: number | null;
  parentVirtualId: number | null;
  groupId: number | null;
  stamp: Stamp;
  reporting: Reporting;
  expectedIntervalS: number | null;
  maxGapS: number | null;
  maxPowerW: number | null;
  registerMax: number | null;
  restartsDaily: boolean;
  phase: Phase | null;
  tariffRegister: string | null;
  minValue: number | null;
  maxValue: number | null;
  /** What lies before it stays as it is: raw readings of then are gone. Epoch milliseconds; null: nothing is. */
  frozenBeforeMs: number | null;
  latest: { timeMs: number; value: number | string; receivedMs: number } | null;
}

const select = `
  select c.id, c.device_id as "deviceId", d.name as "deviceName", d.site_id as "siteId", s.timezone, c.key, c.metric, c.tags, c.name, c.medium,
    c.quantity, c.kind, c.unit, c.unit_assumed as "unitAssumed", c.scale, c.shift, c.direction, c.role, c.is_primary as "isPrimary",
    c.is_part as "isPart", c.chosen, c.parent_id as "parentId",
    c.parent_virtual_id as "parentVirtualId", c.group_id as "groupId", c.stamp, c.reporting, c.expected_interval_s as "expectedIntervalS",
    c.max_gap_s as "maxGapS", c.max_power_w as "maxPowerW", c.register_max as "registerMax", c.restarts_daily as "restartsDaily",
    c.phase, c.tariff_register as "tariffRegister", c.min_value as "minValue", c.max_value as "maxValue",
    date_part('epoch', c.frozen_before) * 1000 as "frozenBeforeMs",
    case when l.channel_id is not null then json_build_object('timeMs', extract(epoch from l.time)::float8 * 1000,
      'value', coalesce(to_json(l.value), to_json(l.text)), 'receivedMs', extract(epoch from l.received_at)::float8 * 1000) end as latest
  from energy.channels c
  join energy.devices d on d.id = c.device_id
  join energy.sites s on s.id = d.site_id
  left join energy.devices g on g.id = d.gateway_id
  left join energy.channel_latest l on l.channel_id = c.id
  where d.deleted_at is null and g.deleted_at is null and c.merged_into is null and d.merged_into is null and d.ignored_at is null`;

export interface WhichChannels {
  deviceId?: string | undefined;
  siteId?: string | undefined;
  /** Of a site only what was accepted counts; with this, what waits in its inbox as well. */
  withInbox?: boolean | undefined;
}

/** In order of creation. */
export async function listChannels(organizationId: string, of: WhichChannels = {}): Promise<ChannelRow[]> {
  const { deviceId, siteId } = of;
  if ((deviceId !== undefined && !isUuid(deviceId)) || (siteId !== undefined && !isUuid(siteId))) return [];
  return asOrganization(organizationId, (sql) => channelsOf(sql, of));
}

/** The same inside a transaction that is open already. */
export async function channelsOf(
  sql: Sql,
  { deviceId, siteId, withInbox = false }: WhichChannels,
): Promise<ChannelRow[]> {
  const { rows } = await sql.query<ChannelRow>({
    name: "channels",
    text: `${select} and ($1::uuid is null or c.device_id = $1)
       and ($2::uuid is null or d.site_id = $2 and ($3 or d.accepted_at is not null)) order by c.id`,
    values: [deviceId ?? null, siteId ?? null, withInbox],
  });
  return rows;
}

/** One page of them, in order of creation; a page begins after the channel that `after` names. */
export async function channelsPage(
  organizationId: string,
  query: { deviceId?: string | undefined; siteId?: string | undefined; after: number | null; limit: number },
): Promise<Page<ChannelRow, number>> {
  const { deviceId, siteId, after, limit } = query;
  if ((deviceId !== undefined && !isUuid(deviceId)) || (siteId !== undefined && !isUuid(siteId)))
    return { items: [], next: null };
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ChannelRow>(
      `${select} and ($1::uuid is null or c.device_id = $1) and ($2::uuid is null or d.site_id = $2) and c.id > $3 order by c.id limit $4`,
      [deviceId ?? null, siteId ?? null, after ?? 0, limit + 1],
    );
    return { items: rows.slice(0, limit), next: rows.length > limit ? rows[limit - 1]!.id : null };
  });
}

export async function getChannel(organizationId: string, id: number): Promise<ChannelRow | null> {
  return readAsOrganization(organizationId, (sql) => channelOf(sql, id));
}

/** The same inside a transaction that is open already. */
export async function channelOf(sql: Sql, id: number): Promise<ChannelRow | null> {
  return isChannelId(id) ? find(sql, id) : null;
}

const isChannelId = (id: number) => Number.isInteger(id) && id > 0 && id <= 2_147_483_647;

async function find(sql: Sql, id: number): Promise<ChannelRow | null> {
  const { rows } = await sql.query<ChannelRow>({ name: "channel", text: `${select} and c.id = $1`, values: [id] });
  return rows[0] ?? null;
}

/** What a person can correct. Units arrive here settled: `unit` canonical, with the scale and shift of what is stored. */
export interface ChannelPatch {
  name?: string;
  medium?: Medium;
  quantity?: Quantity;
  kind?: Kind;
  unit?: string | null;
  scale?: number;
  shift?: number;
  unitAssumed?: boolean;
  direction?: Direction | null;
  role?: Role;
  isPrimary?: boolean;
  stamp?: Stamp;
  reporting?: Reporting;
  expectedIntervalS?: number | null;
  maxGapS?: number | null;
  maxPowerW?: number | null;
  registerMax?: number | null;
  restartsDaily?: boolean;
  phase?: Phase | null;
  tariffRegister?: string | null;
  minValue?: number | null;
  maxValue?: number | null;
}

const columns: Record<keyof ChannelPatch, string> = {
  name: "name",
  medium: "medium",
  quantity: "quantity",
  kind: "kind",
  unit: "unit",
  scale: "scale",
  shift: "shift",
  unitAssumed: "unit_assumed",
  direction: "direction",
  role: "role",
  isPrimary: "is_primary",
  stamp: "stamp",
  reporting: "reporting",
  expectedIntervalS: "expected_interval_s",
  maxGapS: "max_gap_s",
  maxPowerW: "max_power_w",
  registerMax: "register_max",
  restartsDaily: "restarts_daily",
  phase: "phase",
  tariffRegister: "tariff_register",
  minValue: "min_value",
  maxValue: "max_value",
};

/** What the ingest holds in memory of a channel. */
const limits = new Set<keyof ChannelPatch>(["minValue", "maxValue", "scale", "shift"]);

/** Changes of them alter what the stored readings mean: all buckets of the channel that are not frozen are computed anew. */
export const meaningFields = [
  ...(["kind", "quantity", "unit", "scale", "shift", "direction", "stamp", "reporting"] as const),
  ...(["expectedIntervalS", "maxGapS", "maxPowerW", "registerMax", "restartsDaily"] as const),
];
const meanings = new Set<keyof ChannelPatch>(meaningFields);

/**
 * Corrects a channel; what is stored is read anew. A primary channel takes the flag from the others of the same device and flow.
 * @returns null when there is no such channel.
 */
export async function updateChannel(
  organizationId: string,
  id: number,
  patch: ChannelPatch,
): Promise<ChannelRow | null> {
  if (!isChannelId(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return null;
    const given = (Object.keys(patch) as (keyof ChannelPatch)[]).filter((name) => patch[name] !== undefined);
    const isPlaced = given.includes("role") || given.includes("isPrimary");
    if (given.length) {
      const assignments = given.map((name, i) => `${columns[name]} = $${i + 2}`);
      if (isPlaced) assignments.push("chosen = true");
      await sql.query(`update energy.channels set ${assignments.join(", ")} where id = $1`, [
        id,
        ...given.map((name) => patch[name]),
      ]);
    }
    if (isPlaced) await settleRivals(sql, id);
    if (given.some((name) => meanings.has(name) && patch[name] !== before[name as keyof ChannelRow]))
      await rollAnew(sql, { channelId: id });
    if (given.some((name) => limits.has(name))) await forgetInIngest(sql, before.deviceId);
    else await notify(sql, { devices: [before.deviceId] });
    return find(sql, id);
  });
}

/** Of the channels of one flow of a device one adds up (or one set of parts): the others step back. */
async function settleRivals(sql: Sql, id: number): Promise<void> {
  const chosen = await find(sql, id);
  if (!chosen?.isPrimary) return;
  const others = (await channelsOf(sql, { deviceId: chosen.deviceId })).filter(
    (other) => other.id !== id && other.isPrimary,
  );
  const rivals = new Set(rivalsOf(deviceChannelOf(chosen), others.map(deviceChannelOf)).map((rival) => rival.key));
  const ids = others.filter((other) => rivals.has(other.key)).map((other) => other.id);
  if (ids.length)
    await sql.query("update energy.channels set is_primary = false, chosen = true where id = any ($1)", [ids]);
}

/** What the ingest still had in hand for a deleted channel is stored within this time, and removed with the rest. */
const ingestForgetsMs = 60_000;

/**
 * Removes a channel at once, and has a job remove its readings. A device that goes on sending it gets a new, empty one.
 * false: there is no such channel.
 */
export async function deleteChannel(organizationId: string, id: number): Promise<boolean> {
  if (!isChannelId(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const channel = await find(sql, id);
    if (!channel) return false;
    await sql.query("delete from energy.channels where id = $1", [id]);
    await forgetInIngest(sql, channel.deviceId);
    await enqueue(
      sql,
      "delete-channel",
      { organizationId, channelId: id },
      { runAt: new Date(Date.now() + ingestForgetsMs) },
    );
    return true;
  });
}
