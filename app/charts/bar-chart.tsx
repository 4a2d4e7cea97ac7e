import { useRef, type KeyboardEvent } from "react";
import { hatch } from "./legend.tsx";
import { scaleOf } from "./scale.ts";
import { Room } from "./share-bar.tsx";
import { tones, type Tone } from "./tones.ts";

export interface BarPart {
  tone: Tone;
  value: number;
}

export interface BarView {
  key: number;
  label: string;
  /** Where there is little room: "J" for "Jan". */
  shortLabel: string;
  /** What a person hears of this bar: "Monday 3 March: 12.4 kWh, 98 % known." */
  title: string;
  /** From the zero line up, the lowest first. */
  up: BarPart[];
  /** From the zero line down. */
  down: BarPart[];
  /** Estimated part of what is above the line, 0 to 1. */
  estimated: number;
  isIncomplete: boolean;
  /** Whether its label is written; absent: as many as there is room for. */
  isLabelled?: boolean;
  /** Not there yet: only its place is kept. */
  isAhead: boolean;
  /** Something happened in it that its title speaks of. */
  isMarked?: boolean;
}

export interface BarChartProps {
  bars: BarView[];
  /** What the bars are, for people who cannot see them. */
  label: string;
  unit: string;
  format: (value: number) => string;
  chosen: number | null;
  onChoose: (key: number) => void;
}

const sum = (parts: BarPart[]) => parts.reduce((total, part) => total + part.value, 0);

/** Energy by days, months or hours. Bars are buttons; the arrow keys go from one to the next. */
export function BarChart({ bars, label, unit, format, chosen, onChoose }: BarChartProps) {
  const group = useRef<HTMLDivElement>(null);
  const scale = scaleOf(
    Math.max(0, ...bars.map((bar) => sum(bar.up))),
    -Math.max(0, ...bars.map((bar) => sum(bar.down))),
  );
  const present = bars.filter((bar) => !bar.isAhead);
  const tabStop = present.find((bar) => bar.key === chosen)?.key ?? present.at(-1)?.key;
  function onKeyDown(event: KeyboardEvent) {
    const at = present.findIndex((bar) => bar.key === tabStop);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: present.length - 1 }[event.key];
    const next = to === undefined ? undefined : present[to];
    if (!next) return;
    event.preventDefault();
    onChoose(next.key);
    group.current?.querySelector<HTMLButtonElement>(`[data-key="${next.key}"]`)?.focus();
  }
  return (
    <div className="flex text-xs text-slate-500 dark:text-slate-400">
      <Axis ticks={scale.ticks} at={scale.at} format={format} unit={unit} />
      <div className="relative min-w-0 flex-1">
        <svg aria-hidden className="pointer-events-none absolute inset-x-0 top-0 h-48 w-full overflow-visible">
          {scale.ticks.map((tick) => (
            <rect
              key={tick}
              y={`${scale.at(tick) * 100}%`}
              width="100%"
              height="1"
              shapeRendering="crispEdges"
              className={tick === 0 ? "fill-slate-300 dark:fill-slate-600" : "fill-slate-100 dark:fill-slate-800"}
            />
          ))}
        </svg>
        <div ref={group} role="group" aria-label={label} onKeyDown={onKeyDown} className="relative flex">
          {bars.map((bar, i) => (
            <div key={bar.key} className="relative min-w-0 flex-1">
              {bar.isAhead ? (
                <div className="h-48" />
              ) : (
                <Bar
                  bar={bar}
                  scale={scale}
                  isChosen={bar.key === chosen}
                  isTabStop={bar.key === tabStop}
                  onChoose={onChoose}
                />
              )}
              <BarLabel bar={bar} at={i} count={bars.length} isChosen={bar.key === chosen} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Axis({
  ticks,
  at,
  format,
  unit,
}: {
  ticks: number[];
  at: (value: number) => number;
  format: (value: number) => string;
  unit: string;
}) {
  return (
    <svg aria-hidden className="mr-2 h-48 w-14 shrink-0 overflow-visible fill-current tabular-nums">
      {ticks.map((tick, i) => (
        <text key={tick} x="100%" y={`${at(tick) * 100}%`} dy="0.35em" textAnchor="end">
          {i === 0 ? `${format(tick)} ${unit}` : format(Math.abs(tick))}
        </text>
      ))}
    </svg>
  );
}

interface BarProps {
  bar: BarView;
  scale: { at(value: number): number; top: number; bottom: number };
  isChosen: boolean;
  isTabStop: boolean;
  onChoose: (key: number) => void;
}

function Bar({ bar, scale, isChosen, isTabStop, onChoose }: BarProps) {
  const zero = scale.at(0) * 100;
  const share = (value: number) => (100 * value) / (scale.top - scale.bottom);
  const up = sum(bar.up);
  return (
    <button
      type="button"
      data-key={bar.key}
      aria-label={bar.title}
      aria-pressed={isChosen}
      tabIndex={isTabStop ? 0 : -1}
      onMouseEnter={() => onChoose(bar.key)}
      onFocus={() => onChoose(bar.key)}
      onClick={() => onChoose(bar.key)}
      className={`relative block h-48 w-full rounded focus-visible:ring-offset-0 ${isChosen ? "bg-slate-100 dark:bg-slate-800" : ""}`}
    >
      <span aria-hidden className="absolute inset-x-[12%] inset-y-0 flex flex-col-reverse">
        <Room across percent={100 - zero} />
        <Stack
          parts={bar.up}
          percent={share(up)}
          isUp
          className={`rounded-t-[3px] ${up > 0 ? "min-h-[2px]" : ""} ${bar.isIncomplete ? incomplete : ""}`}
        />
        {bar.isMarked && (
          <span
            data-testid="event-mark"
            className="z-10 mb-[3px] h-2.5 w-2.5 shrink-0 rotate-45 self-center rounded-[2px] border border-white bg-amber-500 dark:border-slate-900"
          />
        )}
      </span>
      {bar.estimated > 0 && (
        <span aria-hidden className="absolute inset-x-[12%] inset-y-0 flex flex-col">
          <Room across percent={zero - share(up)} />
          <svg
            height={`${share(up) * bar.estimated}%`}
            className={`w-full shrink-0 rounded-t-[3px] ${hatch} ${bar.isIncomplete ? "opacity-60" : ""}`}
          />
        </span>
      )}
      <span aria-hidden className="absolute inset-x-[12%] inset-y-0 flex flex-col">
        <Room across percent={zero} />
        <Stack parts={bar.down} percent={share(sum(bar.down))} className="rounded-b-[3px]" />
      </span>
    </button>
  );
}

const incomplete = "border border-b-0 border-dashed border-slate-500 opacity-60";

interface StackProps {
  parts: BarPart[];
  /** Its height in its column, 0 to 100. */
  percent: number;
  /** The first part is the lowest; else the highest. */
  isUp?: boolean;
  className: string;
}

function Stack({ parts, percent, isUp = false, className }: StackProps) {
  const all = sum(parts);
  if (!(all > 0)) return null;
  let below = 0;
  return (
    <svg height={`${percent}%`} className={`w-full shrink-0 ${className}`}>
      {parts.map(({ tone, value }) => {
        const from = (100 * below) / all;
        below += value;
        const to = (100 * below) / all;
        return (
          value > 0 && (
            <rect
              key={tone}
              shapeRendering="crispEdges"
              y={`${isUp ? 100 - to : from}%`}
              width="100%"
              height={`${to - from}%`}
              className={tones[tone].fill}
            />
          )
        );
      })}
    </svg>
  );
}

/** Labels thin out where bars are many: days to every fifth of the month, others to about eight. */
function BarLabel({ bar, at, count, isChosen }: { bar: BarView; at: number; count: number; isChosen: boolean }) {
  const day = Number(bar.label);
  const hasRoom = count <= 12 || (Number.isInteger(day) ? day === 1 || day % 5 === 0 : at % Math.ceil(count / 8) === 0);
  const isShown = bar.isLabelled ?? hasRoom;
  return (
    <span
      aria-hidden
      className={`block h-5 overflow-visible whitespace-nowrap pt-1 text-center ${isChosen ? "font-semibold text-slate-900 dark:text-slate-100" : ""}`}
    >
      {isShown && (
        <span className="relative inline-flex w-0 justify-center">
          <span className="sm:hidden">{bar.shortLabel}</span>
          <span className="hidden sm:inline">{bar.label}</span>
        </span>
      )}
    </span>
  );
}
