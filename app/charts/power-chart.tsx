import { AreaChart } from "@tremor/react";

export interface PowerSeries {
  name: string;
  color: "emerald" | "amber" | "blue" | "slate";
}

/** Power over time; `points` have a `time` label and a number (kW) or null for each series. */
export function PowerChart({ points, series, format }: { points: Record<string, string | number | null>[]; series: PowerSeries[]; format: (kw: number) => string }) {
  return (
    <div>
      <ul className="mb-2 flex flex-wrap gap-4 text-sm text-slate-600 dark:text-slate-300">
        {series.map(({ name, color }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span aria-hidden className={`h-2.5 w-2.5 rounded-full bg-${color}-500`} />
            {name}
          </li>
        ))}
      </ul>
      <AreaChart
        className="h-64"
        data={points}
        index="time"
        categories={series.map((s) => s.name)}
        colors={series.map((s) => s.color)}
        valueFormatter={format}
        showLegend={false}
        showAnimation={false}
        connectNulls={false}
        yAxisWidth={64}
        tickGap={48}
      />
    </div>
  );
}
