import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { plotOptions, type DenseChartData } from "./dense-options.ts";
import type { Formats } from "./formats.ts";

export interface DenseChartProps extends DenseChartData {
  /** The window, epoch milliseconds. */
  fromMs: number;
  toMs: number;
  timezone: string;
  unit: string | null;
  /** The chart in a sentence, for people who cannot see it. */
  label: string;
  formats: Formats;
  /** A stretch was drawn with the pointer, epoch milliseconds; absent or null: nothing can be drawn. */
  onRange?: ((fromMs: number, toMs: number) => void) | null;
}

const height = 300;

/** A dense series on a canvas. Follows its box and the theme; the pointer and the arrow keys read values. */
export default function DenseChart({
  times,
  values,
  low,
  high,
  shape,
  labels,
  fromMs,
  toMs,
  timezone,
  unit,
  label,
  formats,
  onRange = null,
}: DenseChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const data = useMemo(() => ({ times, values, low, high, shape, labels }), [times, values, low, high, shape, labels]);
  const current = useRef({ data, fromMs, toMs, onRange });
  current.current = { data, fromMs, toMs, onRange };
  const mayDraw = onRange !== null;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const make = () => {
      plot.current?.destroy();
      const options = plotOptions({
        width: element.clientWidth,
        height,
        timezone,
        read: () => current.current,
        unit,
        formats,
        onPoint: setAt,
        onRange: mayDraw ? (from, to) => current.current.onRange?.(from, to) : null,
      });
      plot.current = new uPlot(options, columns(current.current.data), element);
    };
    make();
    const resizing = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resizing.observe(element);
    const theming = new MutationObserver(make);
    theming.observe(document.documentElement, { attributeFilter: ["class"] });
    return () => {
      resizing.disconnect();
      theming.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, timezone, unit, formats, mayDraw]);
  useEffect(() => plot.current?.setData(columns(data)), [data, fromMs, toMs]);
  function onKeyDown(event: KeyboardEvent) {
    const from = at ?? times.length;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: times.length - 1 }[event.key];
    const u = plot.current;
    if (to === undefined || !u || !times.length) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(times.length - 1, to));
    u.setCursor({ left: u.valToPos(times[index]! / 1000, "x"), top: u.bbox.height / 4 });
    setAt(index);
  }
  return (
    <div>
      <div
        ref={box}
        role="group"
        aria-label={label}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="overflow-hidden rounded"
        style={{ height }}
      />
      <p role="status" className="mt-2 min-h-6 text-sm text-slate-600 dark:text-slate-300">
        {at !== null && times[at] !== undefined ? (
          <ReadOut index={at} data={data} unit={unit} formats={formats} />
        ) : null}
      </p>
    </div>
  );
}

const columns = ({ times, values }: DenseChartData): uPlot.AlignedData => [times.map((ms) => ms / 1000), values];

interface ReadOutProps {
  index: number;
  data: DenseChartData;
  unit: string | null;
  formats: Formats;
}

function ReadOut({ index, data, unit, formats }: ReadOutProps) {
  const format = (value: number) => formats.value(value, unit);
  const { times, values, low, high, labels } = data;
  const value = values[index];
  const [lowest, highest] = [low?.[index], high?.[index]];
  return (
    <>
      {formats.shortDateTime(times[index]!)}:{" "}
      <strong className="font-semibold tabular-nums">
        {value == null ? "nothing known" : labels ? labels[value] : format(value)}
      </strong>
      {value != null && lowest != null && highest != null && ` on average, ${format(lowest)} to ${format(highest)}`}
    </>
  );
}
