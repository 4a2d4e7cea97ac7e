import { asOrganization } from "../../db/as-organization.ts";
import { metersOf, type VirtualMeter } from "../../db/meters.ts";
import type { Site } from "../../db/sites.ts";
import { checkFormula, unitOf } from "../../db/virtual-meters.ts";
import type { Medium } from "../../domain/channel.ts";
import { localSteps } from "../../domain/local-time/steps.ts";
import { bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import type { FormulaFault } from "../../domain/site/formula.ts";
import { virtualMeter, type Meter } from "../../domain/site/meter.ts";
import { readPiece } from "../site-energy/read-energy.server.ts";

/** What a formula gives, before it is saved: the last 24 hours by the hour. */
export type Preview =
  | { ok: false; fault: FormulaFault }
  | {
      ok: true;
      /** The formula with the meters' names. */
      words: string;
      unit: string;
      total: number;
      /** The part of the time that is known, 0 to 1. */
      known: number;
      hours: { startMs: number; amount: number }[];
    };

const dayMs = 86_400_000;
/** No meter has this number: it stands for the one that is tried. */
const tried = 2_147_483_647;

interface Draft {
  formula: string;
  medium: Medium;
  /** The meter that is changed; null: a new one. */
  id: number | null;
}

export function previewFormula(organizationId: string, site: Site, draft: Draft, nowMs: number): Promise<Preview> {
  return asOrganization(organizationId, async (sql) => {
    const meters = await metersOf(sql, site.id);
    const fault = checkFormula(meters, draft.formula, draft.id);
    if (fault) return { ok: false, fault };
    const unit = unitOf(draft.medium);
    const one: VirtualMeter = {
      ...{ id: tried, siteId: site.id, name: "", formula: draft.formula, medium: draft.medium, unit, role: "none" },
      ...{ parentId: null, parentVirtualId: null, groupId: null },
    };
    const startMs = bucketStart(nowMs - dayMs);
    const steps = localSteps(site.timezone, "hour", startMs, bucketStart(nowMs));
    const id = virtualMeter(tried);
    const meter: Meter = {
      ...{ id, name: "", medium: draft.medium, unit, role: "none", direction: null, isPrimary: false },
      ...{ parentId: null, groupId: null, deviceId: null },
    };
    const withIt = { ...meters, meters: [...meters.meters, meter], virtual: [...meters.virtual, one] };
    const energy = await readPiece(sql, withIt, steps, (each) => each.id === id);
    const { energy: amounts, covered } = energy.quarters.get(id)!;
    const sum = (values: Float64Array, from: number, to: number) =>
      values.subarray(from, to).reduce((all, value) => all + value, 0);
    const hours = steps.map((step) => ({
      startMs: step.startMs,
      amount: sum(amounts, (step.startMs - startMs) / bucketMs, (step.endMs - startMs) / bucketMs),
    }));
    return {
      ...{ ok: true, unit, hours, total: sum(amounts, 0, amounts.length) },
      words: draft.formula.replace(/\b[cv]\d+\b/gi, (id) => {
        const found = meters.meters.find((meter) => meter.id === id.toLowerCase());
        return found ? found.name : id;
      }),
      known: Math.min(1, sum(covered, 0, covered.length) / (covered.length * 900 || 1)),
    };
  });
}
