import { useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Formats } from "./formats.ts";
import { scaleOf, type Scale } from "./scale.ts";
import { Room } from "./share-bar.tsx";
import { tones, type Tone } from "./tones.ts";

/** Powers at an instant, W. `known` false: nothing is known of this stretch, and the area breaks. */
export interface AreaPoint {
  timeMs: number;
  known: boolean;
  up: number[];
  down: number[];
}

export interface DayChartProps {
  points: AreaPoint[];
  /** What the numbers in `up` and `down` are, in their order. */
  up: Tone[];
  down: Tone[];
  startMs: number;
  endMs: number;
  ticks: number[];
  /** The last point is now, and moves. */
  isLive: boolean;
  label: string;
  formats: Formats;
  /** A point was clicked, or read by the keyboard. */
  onKeep?: (point: AreaPoint) => void;
}

const width = 1000;
const height = 300;
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Stacked powers over a day: used above the line, given away below. Drawn by the server too; the pointer and arrow keys read values. */
export function DayChart({ points, up, down, startMs, endMs, ticks, isLive, label, formats, onKeep }: DayChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const known = points.filter((point) => point.known);
  const scale = scaleOf(
    Math.max(0, ...known.map((p) => total(p.up))),
    -Math.max(0, ...known.map((p) => total(p.down))),
  );
  const x = (ms: number) => (ms - startMs) / (endMs - startMs);
  const at = chosen === null ? null : points[Math.min(chosen, points.length - 1)];
  function point(event: PointerEvent<HTMLDivElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    setChosen(nearest(points, startMs + ((event.clientX - box.left) / box.width) * (endMs - startMs)));
  }
  function onKeyDown(event: KeyboardEvent) {
    const from = chosen ?? points.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: points.length - 1, Escape: null }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = to === null ? null : Math.max(0, Math.min(points.length - 1, to));
    setChosen(index);
    if (index !== null && points[index]) onKeep?.(points[index]);
  }
  const last = points.at(-1);
  return (
    <div className="flex text-xs text-slate-500 dark:text-slate-400">
      <svg aria-hidden className="mr-2 h-64 w-14 shrink-0 overflow-visible fill-current tabular-nums">
        {scale.ticks.map((tick) => (
          <text key={tick} x="100%" y={`${scale.at(tick) * 100}%`} dy="0.35em" textAnchor="end">
            {formats.axis(Math.abs(tick), "W")}
          </text>
        ))}
      </svg>
      <div className="min-w-0 flex-1">
        <div
          role="group"
          aria-label={label}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onBlur={() => setChosen(null)}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setChosen(null)}
          onClick={() => at && onKeep?.(at)}
          className="relative h-64 touch-pan-y rounded"
        >
          <Picture points={points} tones={{ up, down }} scale={scale} x={x} />
          {isLive && last?.known && (
            <svg aria-hidden className="pointer-events-none absolute inset-0 h-full w-full overflow-visible">
              {[9, 5].map((r) => (
                <circle
                  key={r}
                  cx={`${x(last.timeMs) * 100}%`}
                  cy={`${scale.at(total(last.up)) * 100}%`}
                  r={r}
                  className={r === 9 ? "fill-slate-900/15 dark:fill-white/20" : "fill-slate-900 dark:fill-white"}
                />
              ))}
            </svg>
          )}
          {at && <Reading point={at} tones={{ up, down }} left={x(at.timeMs)} formats={formats} />}
        </div>
        <svg aria-hidden className="mt-1 h-5 w-full overflow-visible fill-current">
          {ticks.map((tick, i) => (
            <text
              key={tick}
              x={`${x(tick) * 100}%`}
              y="12"
              textAnchor="middle"
              className={i % 2 ? "hidden sm:inline" : ""}
            >
              {formats.time(tick)}
            </text>
          ))}
        </svg>
      </div>
    </div>
  );
}

interface Tones {
  up: Tone[];
  down: Tone[];
}

function Picture({
  points,
  tones: { up, down },
  scale,
  x,
}: {
  points: AreaPoint[];
  tones: Tones;
  scale: Scale;
  x: (ms: number) => number;
}) {
  const runs = runsOf(points);
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="absolute inset-0 h-full w-full overflow-visible"
      aria-hidden
    >
      {scale.ticks.map((tick) => (
        <line
          key={tick}
          x1="0"
          x2={width}
          y1={scale.at(tick) * height}
          y2={scale.at(tick) * height}
          vectorEffect="non-scaling-stroke"
          className={tick === 0 ? "stroke-slate-300 dark:stroke-slate-600" : "stroke-slate-100 dark:stroke-slate-800"}
        />
      ))}
      {runs.map((run) => (
        <g key={run[0]!.timeMs}>
          {up.map((tone, i) => (
            <path
              key={tone}
              d={area(run, (p) => p.up, { i, sign: 1 }, scale, x)}
              className={`${tones[tone].fill} ${up.length === 1 ? "opacity-25" : "opacity-80"}`}
            />
          ))}
          {down.map((tone, i) => (
            <path
              key={tone}
              d={area(run, (p) => p.down, { i, sign: -1 }, scale, x)}
              className={`${tones[tone].fill} opacity-80`}
            />
          ))}
          <path
            d={line(run.map((p) => [x(p.timeMs), scale.at(total(p.up))]))}
            vectorEffect="non-scaling-stroke"
            className={`fill-none [stroke-linejoin:round] ${up.length === 1 ? `${tones[up[0]!].stroke} stroke-2` : "stroke-slate-700 stroke-[1.25] dark:stroke-slate-200"}`}
          />
        </g>
      ))}
    </svg>
  );
}

/** Stretches without a break. */
function runsOf(points: readonly AreaPoint[]): AreaPoint[][] {
  const runs: AreaPoint[][] = [];
  let run: AreaPoint[] | null = null;
  for (const point of points) {
    if (!point.known) run = null;
    else if (run) run.push(point);
    else runs.push((run = [point]));
  }
  return runs;
}

const line = (corners: readonly (readonly [number, number])[]) =>
  `M${corners.map(([left, top]) => `${(left * width).toFixed(1)},${(top * height).toFixed(1)}`).join("L")}`;

/** The band of the i-th part, on top of those before it (sign 1) or under them (sign -1). */
function area(
  run: AreaPoint[],
  pick: (p: AreaPoint) => number[],
  { i, sign }: { i: number; sign: 1 | -1 },
  scale: Scale,
  x: (ms: number) => number,
): string {
  const edge = (upTo: number) => run.map((p) => [x(p.timeMs), scale.at(sign * total(pick(p).slice(0, upTo)))] as const);
  return `${line([...edge(i + 1), ...edge(i).reverse()])}Z`;
}

function Reading({
  point,
  tones: { up, down },
  left,
  formats,
}: {
  point: AreaPoint;
  tones: Tones;
  left: number;
  formats: Formats;
}) {
  const parts = [
    ...up.map((tone, i) => [tone, point.up[i]!] as const),
    ...down.map((tone, i) => [tone, point.down[i]!] as const),
  ];
  const side = left > 0.6 ? "right-3" : "left-3";
  return (
    <div className="pointer-events-none absolute inset-0 flex">
      <Room percent={left * 100} />
      <div className="relative w-0 border-l border-slate-500 dark:border-slate-400">
        <div
          role="status"
          className={`absolute top-1 ${side} w-max rounded-lg border border-slate-200 bg-white/95 px-3 py-2 text-xs text-slate-700 shadow-lg dark:border-slate-700 dark:bg-slate-900/95 dark:text-slate-200`}
        >
          <p className="font-semibold">{formats.shortDateTime(point.timeMs)}</p>
          {!point.known && <p className="mt-1">Nothing known</p>}
          {point.known && up.length > 1 && (
            <p className="mt-1 flex justify-between gap-4">
              <span>Used</span>
              <span className="font-semibold tabular-nums">{formats.power(total(point.up))}</span>
            </p>
          )}
          {point.known &&
            parts
              .filter(([, watts], i) => watts > 0 || i === 0)
              .map(([tone, watts]) => (
                <p key={tone} className="mt-1 flex items-center justify-between gap-4">
                  <span className="flex items-center gap-1.5">
                    <span aria-hidden className={`h-2 w-2 rounded-sm ${tones[tone].bg}`} />
                    {tones[tone].name}
                  </span>
                  <span className="tabular-nums">{formats.power(watts)}</span>
                </p>
              ))}
        </div>
      </div>
    </div>
  );
}

function nearest(points: readonly AreaPoint[], ms: number): number | null {
  let best: number | null = null;
  points.forEach((point, i) => {
    if (best === null || Math.abs(point.timeMs - ms) < Math.abs(points[best]!.timeMs - ms)) best = i;
  });
  return best;
}
