import { useState } from "react";
import { bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import type { PowerNow } from "../../domain/site/power-now.ts";
import { DayChart, type AreaPoint } from "../charts/day-chart.tsx";
import type { Formats } from "../charts/formats.ts";
import { Legend } from "../charts/legend.tsx";
import { tonesOf, type FlowTone } from "../charts/tones.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import type { Abilities } from "./figures.ts";
import type { Overview, PowerPoint } from "./load-overview.server.ts";
import { WhySite } from "./why-site.tsx";
import { CsvLink, Segments, Stepper, usePeriodLink } from "./period-controls.tsx";

interface PowerDayCardProps {
  overview: Overview;
  /** null: for a reader who sees this card and nothing else. */
  siteId: string | null;
  /** Power at this moment; the chart's last point. */
  measured: PowerNow;
  now: number;
  formats: Formats;
}

/** Power over the last 24 hours, or over one day. */
export function PowerDayCard({ overview, siteId, measured, now, formats }: PowerDayCardProps) {
  const { day, abilities } = overview;
  const to = usePeriodLink();
  const [kept, setKept] = useState<AreaPoint | null>(null);
  const [today, yesterday] = [formats.isoDate(now), formats.isoDate(startOfToday(overview) - 3_600_000)];
  const isRunning = now < day.endMs || day.isLast;
  const { up, down } = tonesOf(abilities);
  const live = isRunning ? livePoint(measured, now) : null;
  const points = [...day.points, ...(live && live.timeMs > (day.points.at(-1)?.timeMs ?? 0) ? [live] : [])].map(
    (point) => areaPoint(point, up, down, abilities),
  );
  const isEmpty = points.every((point) => !point.known);
  const title = day.isLast ? "The last 24 hours" : formats.longDay(day.startMs);
  return (
    <Card className="mt-4">
      <CardTitle
        aside={
          siteId && (
            <div className="-my-2 -mr-2 flex flex-wrap items-center">
              <Segments
                label="Day"
                options={[
                  { name: "24 h", to: to("day", null), isCurrent: day.isLast },
                  { name: "Today", to: to("day", today), isCurrent: day.key === today },
                  { name: "Yesterday", to: to("day", yesterday), isCurrent: day.key === yesterday },
                ]}
              />
              <Stepper name="day" previous={day.previous} next={day.next} />
              <CsvLink
                href={`/sites/${siteId}/overview.csv?chart=power&day=${day.key}`}
                label={`Download ${title} as CSV`}
              />
            </div>
          )
        }
      >
        {title}
      </CardTitle>
      {isEmpty ? (
        <p className="flex h-64 items-center justify-center text-slate-500 dark:text-slate-400">
          Nothing is known of this day.
        </p>
      ) : (
        <DayChart
          points={points}
          up={up}
          down={down}
          startMs={day.startMs}
          endMs={day.isLast ? Math.max(day.endMs, now) : day.endMs}
          ticks={day.ticks}
          isLive={live !== null}
          label={describe(title, points, formats)}
          formats={formats}
          {...(siteId && { onKeep: setKept })}
        />
      )}
      {kept && kept.timeMs >= day.startMs && siteId && <Kept point={kept} siteId={siteId} formats={formats} />}
      <div className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 sm:pl-16">
        <Legend shown={[...up, ...down]} />
        {siteId && !kept && !isEmpty && (
          <p className="text-xs text-slate-500 dark:text-slate-400">Click a moment to ask why it is so.</p>
        )}
      </div>
    </Card>
  );
}

/** The quarter-hour of the point that was clicked, with the way to what is behind it. */
function Kept({ point, siteId, formats }: { point: AreaPoint; siteId: string; formats: Formats }) {
  const startMs = bucketStart(point.timeMs);
  const name = `${formats.shortDateTime(startMs)} – ${formats.time(startMs + bucketMs)}`;
  const used = point.up.reduce((sum, watts) => sum + watts, 0);
  return (
    <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 sm:pl-16" data-testid="kept-power">
      <p className="text-sm text-slate-600 dark:text-slate-300">
        {name}: {point.known ? `${formats.power(used)} on average` : "nothing known"}
      </p>
      {point.known && (
        <WhySite
          {...{ siteId, name, formats, bar: { startMs, endMs: startMs + bucketMs } }}
          of={{ medium: "electricity" }}
        />
      )}
    </div>
  );
}

const startOfToday = ({ today, nowMs }: Overview) => today?.startMs ?? nowMs;

/** Power at this moment as a point of the chart; null: nothing fresh is known. */
function livePoint(
  { asOfMs, consumptionW, importW, exportW, productionW, batteryW }: PowerNow,
  now: number,
): PowerPoint | null {
  if (asOfMs === null) return null;
  const gridW = Math.min(importW, consumptionW);
  const fromBatteryW = Math.min(Math.max(0, -batteryW), consumptionW - gridW);
  return {
    timeMs: now,
    useW: consumptionW,
    gridW,
    batteryW: fromBatteryW,
    sunW: consumptionW - gridW - fromBatteryW,
    exportW,
    chargeW: Math.max(0, batteryW),
    productionW,
  };
}

const wattsOf: Record<FlowTone, (point: PowerPoint, abilities: Abilities) => number> = {
  use: (point) => point.useW ?? 0,
  sun: (point, { hasConsumption }) => (hasConsumption ? point.sunW : point.productionW),
  battery: (point) => point.batteryW,
  grid: (point) => point.gridW,
  export: (point) => point.exportW,
  charge: (point) => point.chargeW,
};

function areaPoint(point: PowerPoint, up: FlowTone[], down: FlowTone[], abilities: Abilities): AreaPoint {
  const values = (tones: FlowTone[]) => tones.map((tone) => wattsOf[tone](point, abilities));
  return { timeMs: point.timeMs, known: point.useW !== null, up: values(up), down: values(down) };
}

/** The chart in a sentence, for people who cannot see it. */
function describe(title: string, points: AreaPoint[], formats: Formats): string {
  const known = points
    .filter((p) => p.known)
    .map((p) => ({ timeMs: p.timeMs, watts: p.up.reduce((sum, w) => sum + w, 0) }));
  const highest = known.reduce((best, p) => (p.watts > best.watts ? p : best));
  const lowest = known.reduce((best, p) => (p.watts < best.watts ? p : best));
  return `Power, ${title}: from ${formats.power(lowest.watts)} at ${formats.time(lowest.timeMs)} to ${formats.power(highest.watts)} at ${formats.time(highest.timeMs)}. Arrow keys read the values.`;
}
