import type { PowerNow } from "../../domain/site/power-now.ts";
import { ago, type Formats } from "../charts/formats.ts";
import { Card } from "../components/frame.tsx";
import { FlowPicture } from "./flow-picture.tsx";
import type { Overview, PowerPoint } from "./load-overview.server.ts";

interface PowerCardProps {
  measured: PowerNow;
  overview: Overview;
  formats: Formats;
  now: number;
}

/** Power now, big, and where it comes from and goes to. */
export function PowerCard({ measured, overview, formats, now }: PowerCardProps) {
  const { abilities } = overview;
  const isKnown = measured.asOfMs !== null;
  const isProductionOnly = !abilities.hasConsumption && measured.hasProduction;
  const recent = isKnown ? null : lastKnown(overview);
  const watts = isKnown
    ? isProductionOnly
      ? measured.productionW
      : measured.consumptionW
    : recent && (abilities.hasConsumption ? recent.useW! : recent.productionW);
  const ageMs = measured.asOfMs === null ? 0 : now - measured.asOfMs;
  return (
    <Card className="md:row-span-2 lg:row-span-1">
      <h2 className="text-sm font-medium text-slate-500 dark:text-slate-400">
        {isProductionOnly ? "Producing now" : "Using now"}
      </h2>
      <p
        className={`mt-1 text-5xl font-semibold tabular-nums tracking-tight ${isKnown ? "" : "text-slate-400 dark:text-slate-500"}`}
        data-testid="power-now"
      >
        {watts === null ? "–" : formats.power(watts)}
      </p>
      <p className="mt-2 min-h-6 text-slate-600 dark:text-slate-300">
        {isKnown ? inWords(measured, formats) : recentWords(recent, overview, formats)}
      </p>
      {isKnown && ageMs > 2 * 60_000 && (
        <p className="text-sm text-slate-500 dark:text-slate-400">As of {ago(measured.asOfMs!, now)}.</p>
      )}
      {isKnown && measured.hasGrid && (measured.hasProduction || measured.hasBattery) && (
        <FlowPicture now={measured} formats={formats} />
      )}
    </Card>
  );
}

function inWords(
  { importW, exportW, productionW, batteryW, hasGrid, hasProduction }: PowerNow,
  formats: Formats,
): string {
  if (!hasGrid)
    return hasProduction && productionW > 0
      ? `The sun gives ${formats.power(productionW)}.`
      : "All your devices together.";
  if (exportW > 0) return `More than enough: ${formats.power(exportW)} go to the grid.`;
  const others = [...(productionW > 5 ? ["the sun"] : []), ...(batteryW < -5 ? ["the battery"] : [])];
  if (importW < 5 && others.length) return `All of it from ${others.join(" and ")}.`;
  return others.length
    ? `${formats.power(importW)} of it from the grid, the rest from ${others.join(" and ")}.`
    : "All of it from the grid.";
}

/** Where nothing fresh measures power, the newest quarter-hour's mean says what it was. */
function lastKnown({ day, nowMs }: Overview): PowerPoint | null {
  const point = day.isLast ? day.points.findLast((p) => p.useW !== null) : undefined;
  return point && nowMs - point.timeMs < 3 * 3_600_000 ? point : null;
}

function recentWords(recent: PowerPoint | null, { power }: Overview, formats: Formats): string {
  if (recent)
    return `On average around ${formats.time(recent.timeMs)}; ${power.length ? "no fresh reading of power since" : "nothing here measures power itself"}.`;
  const heard = Math.max(...power.map((p) => p.timeMs ?? 0));
  return heard > 0
    ? `No fresh reading of power; the last came ${formats.shortDateTime(heard)}.`
    : "Waiting for a reading of power.";
}
