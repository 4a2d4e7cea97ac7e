import type { Medium, Role } from "../domain/channel.ts";
import { channelMeters, parentOf } from "../domain/site/channel-meters.ts";
import { readFormula } from "../domain/site/formula.ts";
import { circleAbove } from "../domain/site/meter-tree.ts";
import { readMeterId, virtualMeter, type Meter, type MeterId } from "../domain/site/meter.ts";
import type { Calculated } from "../domain/site/virtual-meters.ts";
import { asOrganization } from "./as-organization.ts";
import { channelsOf } from "./channels.ts";
import { isUuid, type Sql } from "./client.ts";

/** A meter by formula. */
export interface VirtualMeter {
  id: number;
  siteId: string;
  name: string;
  formula: string;
  medium: Medium;
  unit: string;
  role: Role;
  parentId: number | null;
  parentVirtualId: number | null;
  groupId: number | null;
}

/** A room, or whatever meters are summed by. */
export interface MeterGroup {
  id: number;
  siteId: string;
  name: string;
}

/** Everything that counts at a site: channels first, in order of creation, then virtual meters. */
export interface SiteMeters {
  meters: Meter[];
  virtual: VirtualMeter[];
  groups: MeterGroup[];
}

export const virtualColumns = `id, site_id as "siteId", name, formula, medium, unit, role, parent_id as "parentId",
  parent_virtual_id as "parentVirtualId", group_id as "groupId"`;

export async function siteMeters(organizationId: string, siteId: string): Promise<SiteMeters> {
  if (!isUuid(siteId)) return { meters: [], virtual: [], groups: [] };
  return asOrganization(organizationId, (sql) => metersOf(sql, siteId));
}

/** The same inside a transaction that is open already. */
export async function metersOf(sql: Sql, siteId: string): Promise<SiteMeters> {
  const channels = await channelsOf(sql, { siteId });
  const virtual = await virtualMetersOf(sql, siteId);
  const { rows: groups } = await sql.query<MeterGroup>(
    `select id, site_id as "siteId", name from energy.meter_groups where site_id = $1 order by name, id`,
    [siteId],
  );
  return { meters: [...channelMeters(channels), ...virtual.map(asMeter)], virtual, groups };
}

/** A site's meters by formula, inside a transaction that is open already. */
export async function virtualMetersOf(sql: Sql, siteId: string): Promise<VirtualMeter[]> {
  const { rows } = await sql.query<VirtualMeter>(
    `select ${virtualColumns} from energy.virtual_meters where site_id = $1 order by id`,
    [siteId],
  );
  return rows;
}

export const asMeter = (virtual: VirtualMeter): Meter => ({
  ...{ id: virtualMeter(virtual.id), name: virtual.name, medium: virtual.medium, unit: virtual.unit },
  ...{ role: virtual.role, direction: null, isPrimary: virtual.role !== "none", groupId: virtual.groupId },
  parentId: parentOf(virtual),
  deviceId: null,
});

/** Ready to be worked out. One whose formula can no longer be read is left out: nothing of it is known. */
export function calculatedOf(virtual: readonly VirtualMeter[]): Calculated[] {
  return virtual.flatMap(({ id, formula }) => {
    const read = readFormula(formula);
    return read.ok ? [{ id: virtualMeter(id), formula: read.formula, inputs: read.meters }] : [];
  });
}

/** The place of a meter: below which other, in which group. What is not given stays. */
export interface PlacePatch {
  parentId?: MeterId | null | undefined;
  groupId?: number | null | undefined;
}

export type PlaceFault =
  | { reason: "no-meter" | "no-parent" | "no-group" | "other-medium" }
  /** By their names, from the meter round to itself. */
  | { reason: "circle"; names: string[] };

export type Placing = { ok: true } | ({ ok: false } & PlaceFault);

/** Puts a meter below another one of its site, or into a group; a circle is refused. */
export async function placeMeter(
  organizationId: string,
  siteId: string,
  id: MeterId,
  patch: PlacePatch,
): Promise<Placing> {
  if (!isUuid(siteId)) return { ok: false, reason: "no-meter" };
  return asOrganization(organizationId, async (sql) => {
    await lockTree(sql, siteId);
    const fault = placeFault(await metersOf(sql, siteId), id, patch);
    if (fault) return { ok: false, ...fault };
    await savePlace(sql, id, patch);
    return { ok: true };
  });
}

/** One change of a site's tree or formulas at a time, or two could close a circle together. */
export const lockTree = (sql: Sql, siteId: string) =>
  sql.query("select from energy.sites where id = $1 for update", [siteId]);

export function placeFault(
  { meters, groups }: SiteMeters,
  id: MeterId,
  { parentId, groupId }: PlacePatch,
): PlaceFault | null {
  const meter = meters.find((one) => one.id === id);
  if (!meter) return { reason: "no-meter" };
  if (groupId != null && !groups.some((group) => group.id === groupId)) return { reason: "no-group" };
  if (parentId == null) return null;
  const parent = meters.find((one) => one.id === parentId);
  if (!parent) return { reason: "no-parent" };
  const circle = circleAbove(meters, id, parentId);
  if (circle) return { reason: "circle", names: circle.map((at) => meters.find((m) => m.id === at)?.name ?? at) };
  if (parent.medium !== meter.medium || parent.unit !== meter.unit) return { reason: "other-medium" };
  return null;
}

async function savePlace(sql: Sql, id: MeterId, { parentId, groupId }: PlacePatch): Promise<void> {
  const { kind, number } = readMeterId(id)!;
  const parent = parentId ? readMeterId(parentId) : null;
  const table = kind === "channel" ? "energy.channels" : "energy.virtual_meters";
  await sql.query(
    `update ${table} set
       parent_id = case when $2 then $3::int else parent_id end, parent_virtual_id = case when $2 then $4::int else parent_virtual_id end,
       group_id = case when $5 then $6::int else group_id end
     where id = $1`,
    [
      number,
      parentId !== undefined,
      parent?.kind === "channel" ? parent.number : null,
      parent?.kind === "virtual" ? parent.number : null,
      groupId !== undefined,
      groupId ?? null,
    ],
  );
}
