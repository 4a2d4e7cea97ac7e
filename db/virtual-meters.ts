import type { Medium, Role } from "../domain/channel.ts";
import { readFormula, type FormulaFault } from "../domain/site/formula.ts";
import { readMeterId, virtualMeter, type MeterId } from "../domain/site/meter.ts";
import { circleOf } from "../domain/site/virtual-meters.ts";
import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { calculatedOf, lockTree, metersOf, virtualColumns, type SiteMeters, type VirtualMeter } from "./meters.ts";

export interface VirtualMeterValues {
  name: string;
  formula: string;
  medium: Medium;
  role: Role;
}

export type VirtualMeterFault =
  { reason: "not-found" | "name-taken" | "too-many" } | { reason: "formula"; fault: FormulaFault };

export type SavedVirtualMeter = { ok: true; meter: VirtualMeter } | ({ ok: false } & VirtualMeterFault);

/** At one site. */
export const mostVirtualMeters = 100;

/** What amounts of a medium are in, where a formula makes them. */
export const unitOf = (medium: Medium): string => (medium === "gas" || medium === "water" ? "m3" : "kWh");

/** Checks a formula against the site's meters: that it can be read, that what it speaks of is there, and that it goes in no circle. */
export function checkFormula({ meters, virtual }: SiteMeters, text: string, own: number | null): FormulaFault | null {
  const read = readFormula(text);
  if (!read.ok) return read.fault;
  const positionOf = (id: MeterId) => new RegExp(`\\b${id}\\b`, "i").exec(text)?.index ?? 0;
  const missing = read.meters.find((id) => !meters.some((meter) => meter.id === id));
  if (missing)
    return { position: positionOf(missing), message: `there is no meter ${missing} with amounts at this place` };
  if (!read.meters.length) return { position: 0, message: "expected at least one meter such as c12" };
  if (own === null) return null;
  const inputs = new Map(calculatedOf(virtual).map((one) => [one.id, one.inputs]));
  const id = virtualMeter(own);
  const circle = circleOf(id, (at) => (at === id ? read.meters : inputs.get(at)));
  if (!circle) return null;
  const names = circle.map((at) => meters.find((meter) => meter.id === at)?.name ?? at);
  return { position: positionOf(circle[1]!), message: `it would depend on itself: ${names.join(" → ")}` };
}

export async function createVirtualMeter(
  organizationId: string,
  siteId: string,
  values: VirtualMeterValues,
): Promise<SavedVirtualMeter> {
  if (!isUuid(siteId)) return { ok: false, reason: "not-found" };
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await lockTree(sql, siteId);
    if (!rowCount) return { ok: false, reason: "not-found" };
    const site = await metersOf(sql, siteId);
    if (site.virtual.length >= mostVirtualMeters) return { ok: false, reason: "too-many" };
    const fault = faultOf(site, values, null);
    if (fault) return { ok: false, ...fault };
    const { rows } = await sql.query<VirtualMeter>(
      `insert into energy.virtual_meters (organization_id, site_id, name, formula, medium, unit, role)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${virtualColumns}`,
      [organizationId, siteId, values.name, values.formula, values.medium, unitOf(values.medium), values.role],
    );
    return { ok: true, meter: rows[0]! };
  });
}

export async function updateVirtualMeter(
  organizationId: string,
  id: number,
  patch: Partial<VirtualMeterValues>,
): Promise<SavedVirtualMeter> {
  if (!isVirtualId(id)) return { ok: false, reason: "not-found" };
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return { ok: false, reason: "not-found" };
    await lockTree(sql, before.siteId);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
    const values: VirtualMeterValues = { ...before, ...given };
    const fault = faultOf(await metersOf(sql, before.siteId), values, id);
    if (fault) return { ok: false, ...fault };
    const { rows } = await sql.query<VirtualMeter>(
      `update energy.virtual_meters set name = $2, formula = $3, medium = $4, unit = $5, role = $6 where id = $1 returning ${virtualColumns}`,
      [id, values.name, values.formula, values.medium, unitOf(values.medium), values.role],
    );
    return rows[0] ? { ok: true, meter: rows[0] } : { ok: false, reason: "not-found" };
  });
}

/** What a formula or the tree still says of it is then not known there. false: there is none. */
export async function deleteVirtualMeter(organizationId: string, id: number): Promise<boolean> {
  if (!isVirtualId(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.virtual_meters where id = $1", [id]);
    return rowCount === 1;
  });
}

export async function getVirtualMeter(organizationId: string, id: number): Promise<VirtualMeter | null> {
  if (!isVirtualId(id)) return null;
  return asOrganization(organizationId, (sql) => find(sql, id));
}

const isVirtualId = (id: number) => readMeterId(`v${id}`) !== null;

async function find(sql: Sql, id: number): Promise<VirtualMeter | null> {
  const { rows } = await sql.query<VirtualMeter>(`select ${virtualColumns} from energy.virtual_meters where id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

function faultOf(
  site: SiteMeters,
  { name, formula }: VirtualMeterValues,
  own: number | null,
): VirtualMeterFault | null {
  if (site.virtual.some((one) => one.name === name && one.id !== own)) return { reason: "name-taken" };
  const fault = checkFormula(site, formula, own);
  return fault && { reason: "formula", fault };
}
