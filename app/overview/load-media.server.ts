import type { Site } from "../../db/sites.ts";
import type { Medium } from "../../domain/channel.ts";
import { localSteps, startOfLocalDay, startOfLocalMonth } from "../../domain/local-time/steps.ts";
import { mediumOver, sumMedium, type MediumStep } from "../../domain/site/energy-flows.ts";
import { qualityOf, type Quality } from "../charts/quality.ts";
import { eachEnergy, knownToMs } from "../site-energy/read-energy.server.ts";
import { mediaOf } from "../usage/load-usage.server.ts";

/** What a medium beside electricity did this month. Amounts in its unit. */
export interface MediumFigures {
  medium: Medium;
  unit: string;
  today: number;
  month: number;
  bars: { startMs: number; endMs: number; amount: number; estimated: number; completeness: number }[];
  quality: Quality;
}

/** Of each of gas, heat and water that has a meter; nothing where none has. */
export async function loadMedia(organizationId: string, site: Site, nowMs: number): Promise<MediumFigures[]> {
  const steps = localSteps(site.timezone, "day", startOfLocalMonth(site.timezone, nowMs), nowMs);
  const found: MediumFigures[] = [];
  await eachEnergy(
    organizationId,
    site.id,
    steps,
    (energy) => {
      for (const { medium, unit } of mediaOf(energy.meters)) {
        if (medium === "electricity") continue;
        const days = mediumOver(energy, medium, unit);
        const known = knownToMs(energy, days[0]?.counted ?? [], nowMs);
        const figures = days.length ? figuresOf(days, known, { nowMs, timezone: site.timezone }) : null;
        if (figures) found.push({ medium, unit, ...figures });
      }
      return [];
    },
    ({ medium }) => medium !== "electricity" && medium !== "none",
  );
  return found;
}

function figuresOf(days: MediumStep[], known: number | null, { nowMs, timezone }: { nowMs: number; timezone: string }) {
  const month = sumMedium(days)!;
  const today = days.find(({ startMs }) => startMs >= startOfLocalDay(timezone, nowMs));
  const { startMs, endMs, completeness, consumption: amount, estimated: estimatedAmount } = month;
  return {
    ...{ today: today?.consumption ?? 0, month: amount },
    bars: days.map((day) => ({
      ...{ startMs: day.startMs, endMs: day.endMs, amount: day.consumption },
      ...{ estimated: day.estimated, completeness: day.completeness },
    })),
    quality: qualityOf({ startMs, endMs, completeness, amount, estimatedAmount, knownToMs: known, nowMs }),
  };
}
