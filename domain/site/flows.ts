import type { Direction, Medium, Role } from "../channel.ts";
import type { Composed } from "../rollup/compose.ts";

/**
 * What flowed at a site, from its primary channels: every flow counted once, nothing negative.
 * With a grid meter, consumption = import - export + production + discharge - charge; without one, the sum of the consumers.
 * Import 2, export 1, production 4 kWh: consumption 5, of which 3 came from the roof.
 */
export interface FlowChannel {
  id: number;
  medium: Medium;
  role: Role;
  direction: Direction | null;
  isPrimary: boolean;
  /** The channel that measures this one too; absent or null: none does. */
  parentId?: number | null;
}

export interface Flows {
  startMs: number;
  endMs: number;
  importKwh: number;
  exportKwh: number;
  productionKwh: number;
  chargeKwh: number;
  dischargeKwh: number;
  consumptionKwh: number;
  /** Of the consumption, what was estimated. */
  estimatedKwh: number;
  /** Production that was not exported. */
  selfConsumptionKwh: number;
  /** The least complete of the parts that the consumption needs: 0 to 1. */
  completeness: number;
}

/** What forward energy is: of a signed channel import or charge, whichever of its two directions its role is named by. */
export function forwardRole({ role, direction }: { role: Role; direction: Direction | null }): Role {
  if (direction !== "both") return role;
  return role === "grid_export" ? "grid_import" : role === "battery_discharge" ? "battery_charge" : role;
}

export const isGrid = ({ role }: { role: Role }): boolean => role === "grid_import" || role === "grid_export";

/** Its energy goes into the house and nowhere else: import that is not signed, or a consumer. */
export const isOneWay = (channel: { role: Role; direction: Direction | null }): boolean =>
  channel.role === "consumer" || (channel.role === "grid_import" && channel.direction !== "both");

/**
 * The channels that make up a site's electricity: consumers count only where no grid meter does, and a part not beside its whole.
 */
export function flowChannels<T extends FlowChannel>(channels: readonly T[]): T[] {
  const primary = channels.filter((c) => c.isPrimary && c.medium === "electricity" && c.role !== "none");
  const hasGrid = primary.some(isGrid);
  const byId = new Map(channels.map((c) => [c.id, c]));
  return primary.filter((c) => (c.role !== "consumer" || !hasGrid) && !isPart(c, byId));
}

/** Whether a meter above it (at any height) counts for the same role. */
function isPart(channel: FlowChannel, byId: ReadonlyMap<number, FlowChannel>): boolean {
  const seen = new Set<number>([channel.id]);
  for (let at = channel.parentId ?? null; at !== null && !seen.has(at); at = byId.get(at)?.parentId ?? null) {
    seen.add(at);
    const above = byId.get(at);
    if (above?.isPrimary && above.role === channel.role && above.medium === channel.medium) return true;
  }
  return false;
}

/**
 * @param channels the site's channels; others than those of `flowChannels` are left out.
 * @param composed for each channel the same steps, in the same order.
 */
export function siteFlows(
  channels: readonly FlowChannel[],
  composed: ReadonlyMap<number, readonly Composed[]>,
): Flows[] {
  const counted = flowChannels(channels);
  const hasGrid = counted.some(isGrid);
  const first = counted.map((c) => composed.get(c.id)).find((steps) => steps !== undefined) ?? [];
  const begins = new Map(counted.map((c) => [c.id, composed.get(c.id)?.findIndex((step) => step.coveredS > 0) ?? -1]));
  return first.map((step, i) => {
    const flows: Flows = { ...nothing, startMs: step.startMs, endMs: step.endMs };
    let completeness = 1;
    let parts = 0;
    for (const channel of counted) {
      const part = composed.get(channel.id)?.[i];
      const begin = begins.get(channel.id)!;
      // A meter that was not there yet does not make the time before it incomplete.
      if (!part || begin < 0 || i < begin) continue;
      add(flows, channel, part);
      completeness = Math.min(completeness, part.completeness);
      parts++;
    }
    if (hasGrid) {
      const { importKwh, exportKwh, productionKwh, dischargeKwh, chargeKwh } = flows;
      flows.consumptionKwh = Math.max(0, importKwh - exportKwh + productionKwh + dischargeKwh - chargeKwh);
    }
    flows.estimatedKwh = Math.min(flows.estimatedKwh, flows.consumptionKwh);
    flows.selfConsumptionKwh = Math.max(0, flows.productionKwh - flows.exportKwh);
    flows.completeness = parts ? completeness : 0;
    return flows;
  });
}

const nothing = {
  importKwh: 0,
  exportKwh: 0,
  productionKwh: 0,
  chargeKwh: 0,
  dischargeKwh: 0,
  consumptionKwh: 0,
  estimatedKwh: 0,
  selfConsumptionKwh: 0,
  completeness: 0,
};

/** A signed channel gives both ways: forward is import or charge, reverse is export or discharge. */
function add(
  flows: Flows,
  channel: FlowChannel,
  { energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh }: Composed,
): void {
  const back = channel.direction === "both" ? reverseKwh : 0;
  switch (forwardRole(channel)) {
    case "grid_import":
      flows.importKwh += energyKwh;
      flows.exportKwh += back;
      break;
    case "grid_export":
      flows.exportKwh += energyKwh;
      break;
    case "production":
      flows.productionKwh += energyKwh;
      break;
    case "battery_charge":
      flows.chargeKwh += energyKwh;
      flows.dischargeKwh += back;
      break;
    case "battery_discharge":
      flows.dischargeKwh += energyKwh;
      break;
    case "consumer":
      flows.consumptionKwh += energyKwh;
      break;
    case "none":
      return;
  }
  flows.estimatedKwh += estimatedKwh + estimatedReverseKwh;
}
