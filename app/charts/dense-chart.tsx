import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { WhyButton } from "../components/why-button.tsx";
import { leastDrawn, plotOptions, type DenseChartData } from "./dense-options.ts";
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
  /** Somebody asks why the value at a point is what it is; absent or null: there is nothing to ask. */
  onWhy?: ((index: number) => void) | null;
  /** A stretch was drawn with the pointer, epoch milliseconds; absent or null: nothing can be drawn. */
  onRange?: ((fromMs: number, toMs: number) => void) | null;
}

/** That of the box below. */
const height = 300;

/**
 * A dense series on a canvas. Follows its box and the theme; the pointer and the arrow keys read values, and a click keeps the one
 * that it is on.
 */
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
  onWhy = null,
  onRange = null,
}: DenseChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  // By its time: live readings move the places.
  const [keptMs, setKeptMs] = useState<number | null>(null);
  const kept = keptMs === null ? -1 : times.indexOf(keptMs);
  const at = pointed ?? (kept < 0 ? null : kept);
  const data = useMemo(() => ({ times, values, low, high, shape, labels }), [times, values, low, high, shape, labels]);
  const current = useRef({ data, fromMs, toMs, onRange });
  current.current = { data, fromMs, toMs, onRange };
  const downAt = useRef(0);
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
        onPoint: setPointed,
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
  /** Where the pointer was not drawn along, it was a click. */
  function keep({ clientX }: PointerEvent) {
    const u = plot.current;
    if (!u || Math.abs(clientX - downAt.current) >= leastDrawn) return;
    const left = clientX - u.over.getBoundingClientRect().left;
    if (left >= 0 && times.length) setKeptMs(times[u.posToIdx(left)] ?? null);
  }
  function onKeyDown(event: KeyboardEvent) {
    const from = at ?? times.length;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: times.length - 1 }[event.key];
    const u = plot.current;
    if (to === undefined || !u || !times.length) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(times.length - 1, to));
    u.setCursor({ left: u.valToPos(times[index]! / 1000, "x"), top: u.bbox.height / 4 });
    setPointed(null);
    setKeptMs(times[index]!);
  }
  return (
    <div>
      <div
        ref={box}
        role="group"
        aria-label={label}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => (downAt.current = event.clientX)}
        onPointerUp={keep}
        className="h-[300px] overflow-hidden rounded"
      />
      <div className="mt-2 flex min-h-11 flex-wrap items-center justify-between gap-x-4">
        <p role="status" className="text-sm text-slate-600 dark:text-slate-300">
          {at !== null && times[at] !== undefined ? (
            <ReadOut index={at} data={data} unit={unit} formats={formats} />
          ) : (
            onWhy && "Click the line to keep a value, and to ask why it is so."
          )}
        </p>
        {onWhy && kept >= 0 && values[kept] != null && (
          <WhyButton onClick={() => onWhy(kept)}>Why {formats.value(values[kept]!, unit)}?</WhyButton>
        )}
      </div>
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
