import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface LineChartProps {
  /** Epoch milliseconds, ascending. */
  times: number[];
  values: (number | null)[];
  shape: "line" | "bars";
  unit: string;
  timezone: string;
  /** The stretch of time that the chart spans, epoch milliseconds. */
  fromMs: number;
  toMs: number;
  /** What the chart shows, for people who cannot see it. */
  label: string;
}

/** A dense series on a canvas; follows its box and the theme. */
export default function LineChart({ times, values, shape, unit, timezone, fromMs, toMs, label }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const isDark = document.documentElement.classList.contains("dark");
    const ink = isDark ? "#cbd5e1" : "#475569";
    const grid = isDark ? "#1e293b" : "#e2e8f0";
    // The reader's own clock and calendar, in the site's zone.
    const clock = new Intl.DateTimeFormat(undefined, { timeZone: timezone, hour: "2-digit", minute: "2-digit" });
    const calendar = new Intl.DateTimeFormat(undefined, { timeZone: timezone, day: "numeric", month: "short" });
    const timeOf = (toMs - fromMs) / 1000 > 2 * 86_400 ? calendar : clock;
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid } };
    const bars = shape === "bars" && uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 60], align: 1 }) } : {};
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 300,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timezone),
        cursor: { y: false },
        legend: { live: true },
        scales: {
          x: { range: [fromMs / 1000, toMs / 1000] },
          y: { range: (_plot, low, high) => [Math.min(0, low), high <= 0 ? Math.max(1, high) : high * 1.05] },
        },
        axes: [{ ...axis, values: (_plot, ticks) => ticks.map((tick) => timeOf.format(tick * 1000)) }, { ...axis, size: 64, values: (_plot, ticks) => ticks.map((tick) => `${tick} ${unit}`) }],
        series: [
          { label: "Time", value: (_plot, seconds) => (seconds === null ? "–" : new Intl.DateTimeFormat(undefined, { timeZone: timezone, dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000)) },
          {
            label: unit || "value",
            stroke: isDark ? "#34d399" : "#059669",
            fill: isDark ? "rgba(52,211,153,0.15)" : "rgba(5,150,105,0.12)",
            width: 1.5,
            spanGaps: false,
            ...bars,
          },
        ],
      },
      [times.map((ms) => ms / 1000), values],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 300 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [times, values, shape, unit, timezone, fromMs, toMs]);
  return <div ref={box} role="img" aria-label={label} className="min-h-[330px] text-slate-600 dark:text-slate-300" />;
}
