import { Link } from "@remix-run/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { BarChart, type BarView } from "../charts/bar-chart.tsx";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import { unitSign, type Formats } from "../charts/formats.ts";
import type { Questioned } from "../corrections/why-panel.tsx";
import { eventNames } from "../corrections/words.ts";
import { WhyButton } from "../components/why-button.tsx";
import { Legend } from "../charts/legend.tsx";
import { CsvLink, Segments } from "../overview/period-controls.tsx";
import { rangeNames, type RangeName, type RangeWindow } from "./ranges.ts";
import type { EnergyBarFigure, EnergySeries, LineSeries, Series, StateSeries } from "./series.ts";

const DenseChart = lazy(() => import("../charts/dense-chart.tsx"));

interface ChannelChartProps {
  series: Series;
  unit: string | null;
  title: string;
  timezone: string;
  formats: Formats;
  /** What the register did in the window. */
  events: MeterEvent[];
  /** A line of power has energy behind each of its points. */
  hasEnergy: boolean;
  /** A person asks why a bar or a point is what it is. */
  onWhy: (bar: Questioned, title: string) => void;
  /** A stretch was drawn on the line; null: it means nothing to this person. */
  onRange: ((fromMs: number, toMs: number) => void) | null;
}

/** A channel over a window: a line of readings or means, energy as bars, states as steps. */
export function ChannelChart({ series, unit, title, timezone, formats, ...rest }: ChannelChartProps) {
  const { events, hasEnergy, onWhy, onRange } = rest;
  if (series.shape === "bars")
    return <EnergyChart series={series} unit={unit} title={title} formats={formats} events={events} onWhy={onWhy} />;
  const isEmpty = series.values.every((value) => value === null);
  if (isEmpty)
    return (
      <Nothing
        text={`Nothing came between ${formats.shortDateTime(series.fromMs)} and ${formats.shortDateTime(series.toMs)}.`}
      />
    );
  const isLine = series.shape === "line";
  const held = isLine ? series : holdToEnd(series);
  return (
    <>
      <InBrowser>
        <DenseChart
          times={held.times}
          values={held.values}
          low={isLine ? series.low : null}
          high={isLine ? series.high : null}
          shape={series.shape}
          labels={isLine ? null : series.labels.map((text) => formats.value(text, null))}
          fromMs={series.fromMs}
          toMs={series.toMs}
          timezone={timezone}
          unit={unit}
          formats={formats}
          onWhy={isLine && hasEnergy ? (index) => onWhy(...questionOf(series, index, formats)) : null}
          onRange={isLine ? onRange : null}
          label={`${title}: ${isLine ? lineWords(series, unit, formats) : stateWords(series, formats)} Arrow keys read the values.`}
        />
      </InBrowser>
      {isLine && <p className="text-sm text-slate-500 dark:text-slate-400">{lineWords(series, unit, formats)}</p>}
    </>
  );
}

/** The stretch behind a point of a line: of a mean its step, of a reading the quarter-hour that it lies in. */
function questionOf({ times, edges }: LineSeries, index: number, formats: Formats): [Questioned, string] {
  const startMs = edges?.[index] ?? bucketStart(times[index]!);
  const endMs = edges?.[index + 1] ?? startMs + bucketMs;
  const end = endMs - startMs < 86_400_000 ? formats.time(endMs) : formats.shortDateTime(endMs);
  return [{ startMs, endMs }, `The energy from ${formats.shortDateTime(startMs)} to ${end}`];
}

/** Canvas and its library are the browser's alone, and come when they are needed. */
function InBrowser({ children }: { children: React.ReactNode }) {
  const [isHere, setIsHere] = useState(false);
  useEffect(() => setIsHere(true), []);
  const skeleton = <div aria-hidden className="h-[352px] animate-pulse rounded-lg bg-slate-100 dark:bg-slate-800" />;
  return isHere ? <Suspense fallback={skeleton}>{children}</Suspense> : skeleton;
}

const Nothing = ({ text }: { text: string }) => (
  <p className="flex h-[352px] items-center justify-center text-center text-slate-500 dark:text-slate-400">{text}</p>
);

/** The newest state holds until the end of the window. */
function holdToEnd({ times, values, toMs }: StateSeries): { times: number[]; values: number[] } {
  return { times: [...times, Math.max(toMs, (times.at(-1) ?? 0) + 1)], values: [...values, values.at(-1)!] };
}

function lineWords({ extremes, count, isCut, low }: LineSeries, unit: string | null, formats: Formats): string {
  if (!extremes) return "";
  const span = `${formats.value(extremes.min, unit)} to ${formats.value(extremes.max, unit)}`;
  const cut = isCut ? " There are more than can be drawn; choose a shorter range." : "";
  return `${span}, ${formats.number(count)} readings${low ? ", means with the lowest and highest behind" : ""}.${cut}`;
}

const stateWords = ({ labels, times }: StateSeries, formats: Formats) =>
  `${labels.map((text) => formats.value(text, null)).join(", ")}; ${times.length} changes.`;

interface EnergyChartProps extends Pick<ChannelChartProps, "unit" | "title" | "formats" | "events" | "onWhy"> {
  series: EnergySeries;
}

function EnergyChart({ series, unit, title, formats, events, onWhy }: EnergyChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { bars } = series;
  if (bars.every((bar) => bar.completeness === 0))
    return <Nothing text="Nothing is known of this time yet. Energy needs two readings." />;
  const views = bars.map((bar) => withEvents(viewOf(bar, series, unit, formats), eventsIn(bar, events)));
  const shown = bars.find((bar) => bar.startMs === chosen);
  const total = bars.reduce((sum, bar) => sum + bar.amount, 0);
  return (
    <>
      <BarChart
        bars={views}
        label={`${title}, ${formats.value(total, unit)} in all`}
        unit={unitSign(unit)}
        format={(value) => formats.number(value)}
        chosen={shown?.startMs ?? null}
        onChoose={setChosen}
      />
      <div className="mt-3 flex flex-wrap items-center justify-between gap-2">
        <p role="status" className="text-sm text-slate-600 dark:text-slate-300">
          {shown ? titleOf(shown, series, unit, formats) : `${formats.value(round(total), unit)} in all.`}
        </p>
        {shown && shown.completeness > 0 && (
          <WhyButton onClick={() => onWhy(shown, titleOf(shown, series, unit, formats))} />
        )}
        <Legend
          shown={[]}
          hasEstimated={bars.some((bar) => bar.estimated > 0)}
          hasIncomplete={views.some((view) => view.isIncomplete)}
        />
      </div>
    </>
  );
}

const eventsIn = ({ startMs, endMs }: EnergyBarFigure, events: readonly MeterEvent[]) =>
  events.filter(({ timeMs }) => timeMs >= startMs && timeMs < endMs);

/** A bar with events says so in words and with a mark. */
function withEvents(view: BarView, events: readonly MeterEvent[]): BarView {
  if (!events.length) return view;
  const names = [...new Set(events.map(({ type }) => eventNames[type].toLowerCase()))].join(", ");
  return { ...view, isMarked: true, title: `${view.title} Meter: ${names}.` };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

function viewOf(bar: EnergyBarFigure, series: EnergySeries, unit: string | null, formats: Formats): BarView {
  const label = labelOf(bar.startMs, series, formats);
  return {
    key: bar.startMs,
    label,
    shortLabel:
      series.step === "month" ? label.slice(0, 1) : series.step === "hour" ? formats.hour(bar.startMs) : label,
    title: titleOf(bar, series, unit, formats),
    up: [{ tone: "use", value: bar.amount }],
    down: [{ tone: "export", value: bar.reverse }],
    estimated: bar.amount + bar.reverse > 0 ? Math.min(1, bar.estimated / (bar.amount + bar.reverse)) : 0,
    isIncomplete: !bar.isRunning && bar.completeness < 0.995,
    isAhead: false,
  };
}

function labelOf(ms: number, { step, bars }: EnergySeries, formats: Formats): string {
  if (step === "15m" || step === "hour") return formats.time(ms);
  if (step === "month") return formats.month(ms);
  return bars.length > 10 ? formats.dayOfMonth(ms) : formats.day(ms);
}

function titleOf(bar: EnergyBarFigure, { step }: EnergySeries, unit: string | null, formats: Formats): string {
  const name =
    step === "month"
      ? formats.longMonth(bar.startMs)
      : step === "day"
        ? formats.longDay(bar.startMs)
        : `${formats.time(bar.startMs)} to ${formats.time(bar.endMs)}`;
  if (bar.completeness === 0) return `${name}: nothing known.`;
  const parts = [`${formats.value(round(bar.amount), unit)}${bar.isRunning ? " so far" : ""}`];
  if (bar.reverse > 0) parts.push(`${formats.value(round(bar.reverse), unit)} the other way`);
  if (bar.estimated > 0) parts.push(`${formats.value(round(bar.estimated), unit)} estimated`);
  if (!bar.isRunning && bar.completeness < 0.995) parts.push(`${formats.percent(bar.completeness)} known`);
  return `${name}: ${parts.join(", ")}.`;
}

interface RangeControlsProps {
  window: RangeWindow;
  channelId: number;
  csvHref: string;
}

/** Which stretch of time: its length, and one back or forward. */
export function RangeControls({ window, channelId, csvHref }: RangeControlsProps) {
  const to = (range: RangeName, toMs: number | null) =>
    `?channel=${channelId}&range=${range}${toMs === null ? "" : `&to=${Math.round(toMs)}`}`;
  const step =
    "inline-flex h-11 w-9 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800";
  return (
    <div className="-my-2 -mr-2 flex flex-wrap items-center">
      <Segments
        label="Range"
        options={rangeNames.map((name) => ({
          name: name.charAt(0).toUpperCase() + name.slice(1),
          to: to(name, null),
          isCurrent: name === window.name,
        }))}
      />
      <Link
        to={to(window.name, window.previousToMs)}
        preventScrollReset
        aria-label={`The ${window.name} before`}
        className={step}
      >
        <ChevronLeft className="h-5 w-5" aria-hidden />
      </Link>
      {window.isRunning ? (
        <span className={`${step} pointer-events-none opacity-30`}>
          <ChevronRight className="h-5 w-5" aria-hidden />
        </span>
      ) : (
        <Link
          to={to(window.name, window.nextToMs)}
          preventScrollReset
          aria-label={`The ${window.name} after`}
          className={step}
        >
          <ChevronRight className="h-5 w-5" aria-hidden />
        </Link>
      )}
      <CsvLink href={csvHref} label="Download what the chart shows as CSV" />
    </div>
  );
}
