import { useId, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { dayNames, type DayName } from "../../domain/tariff/price-schema.ts";
import { clock, quartersOfDay, runsOf, type Brush, type Week } from "../../domain/tariff/week.ts";
import { dayWords } from "./day-words.ts";
import { rateLook } from "./rate-looks.ts";

interface WeekGridProps {
  week: Week;
  rates: readonly string[];
  /** The rate that is painted with. */
  rate: number;
  onRate: (rate: number) => void;
  /** Quarter-hours of a step: 4 are hours. */
  step: number;
  onPaint: (brush: Brush) => void;
}

interface Cell {
  row: number;
  quarter: number;
}

/** The rectangle between two cells, as a brush. */
function between(a: Cell, b: Cell, step: number): { rows: readonly [number, number]; from: number; to: number } {
  const floor = (quarter: number) => Math.floor(quarter / step) * step;
  return {
    rows: [Math.min(a.row, b.row), Math.max(a.row, b.row)],
    from: Math.min(floor(a.quarter), floor(b.quarter)),
    to: Math.max(floor(a.quarter), floor(b.quarter)) + step,
  };
}

const marks = [0, 6, 12, 18, 24];

/**
 * A week to be painted: a row for each weekday and one for holidays, midnight to midnight. By mouse and touch a rectangle is drawn;
 * by keyboard the arrows move, Shift stretches, Space paints and a digit takes another rate.
 */
export function WeekGrid({ week, rates, rate, onRate, step, onPaint }: WeekGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [start, setStart] = useState<Cell | null>(null);
  const [cursor, setCursor] = useState<Cell>({ row: 0, quarter: 24 });
  const [isActive, setActive] = useState(false);
  const helpId = useId();

  const cellAt = (event: PointerEvent): Cell => {
    const place = box.current!.getBoundingClientRect();
    const part = (value: number, most: number) => Math.max(0, Math.min(most - 1, Math.floor(value * most)));
    return {
      row: part((event.clientY - place.top) / place.height, dayNames.length),
      quarter: part((event.clientX - place.left) / place.width, quartersOfDay),
    };
  };
  const chosen = between(start ?? cursor, cursor, step);
  /** @param end where the brush was lifted: its last move may not have been drawn yet. */
  const commit = (end: Cell = cursor) => {
    const { rows, from, to } = between(start ?? end, end, step);
    onPaint({ season: week.season, days: dayNames.slice(rows[0], rows[1] + 1), from, to, rate });
    setCursor(end);
    setStart(null);
  };
  const move = (rowBy: number, quarterBy: number, isStretched: boolean) => {
    if (!isStretched) setStart(null);
    else if (start === null) setStart(cursor);
    setCursor({
      row: Math.max(0, Math.min(dayNames.length - 1, cursor.row + rowBy)),
      quarter: Math.max(0, Math.min(quartersOfDay - step, cursor.quarter + quarterBy)),
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key];
    if (by) move(by[0]!, by[1]!, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") commit();
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= rates.length) onRate(Number(event.key) - 1);
    else return;
    event.preventDefault();
  };
  const outline = {
    x: `${(chosen.from / quartersOfDay) * 100}%`,
    width: `${((chosen.to - chosen.from) / quartersOfDay) * 100}%`,
    y: `${(chosen.rows[0] / dayNames.length) * 100}%`,
    height: `${((chosen.rows[1] - chosen.rows[0] + 1) / dayNames.length) * 100}%`,
  };
  const here = rates[week.days[dayNames[cursor.row]!][cursor.quarter]!] ?? "no rate";
  const days = dayNames.slice(chosen.rows[0], chosen.rows[1] + 1).map((name) => dayWords[name].long);
  const said = `${days.length > 2 ? `${days[0]} to ${days.at(-1)}` : days.join(" and ")}, ${clock(chosen.from)} to ${clock(chosen.to)}`;

  return (
    <div>
      <div className="flex">
        <div aria-hidden className="w-10 shrink-0 pt-5 text-xs font-medium text-slate-600 dark:text-slate-300">
          {dayNames.map((name) => (
            <div key={name} className="flex h-9 items-center" title={dayWords[name].long}>
              {dayWords[name].short}
            </div>
          ))}
        </div>
        <div className="min-w-0 flex-1">
          <svg aria-hidden className="h-5 w-full overflow-visible fill-slate-600 text-[0.6875rem] dark:fill-slate-300">
            {marks.map((hour) => (
              <text
                key={hour}
                x={`${(hour / 24) * 100}%`}
                y="12"
                textAnchor={hour === 24 ? "end" : hour ? "middle" : "start"}
              >
                {hour}
              </text>
            ))}
          </svg>
          <div
            ref={box}
            role="application"
            tabIndex={0}
            aria-label={`Week to paint. ${said}: ${here}`}
            aria-describedby={helpId}
            data-testid="week-grid"
            onKeyDown={onKeyDown}
            onFocus={() => setActive(true)}
            onBlur={() => setActive(false)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              const cell = cellAt(event);
              setActive(true);
              setStart(cell);
              setCursor(cell);
            }}
            onPointerMove={(event) => event.buttons > 0 && start && setCursor(cellAt(event))}
            onPointerUp={(event) => start && commit(cellAt(event))}
            onPointerCancel={() => setStart(null)}
            className="relative cursor-crosshair touch-none select-none overflow-hidden rounded-lg border border-slate-300 dark:border-slate-700"
          >
            {dayNames.map((name) => (
              <Row key={name} name={name} week={week} rates={rates} />
            ))}
            {isActive && (
              <svg aria-hidden className="pointer-events-none absolute inset-0 h-full w-full">
                <rect {...outline} className="fill-white/25 stroke-white stroke-[4] dark:stroke-slate-950" />
                <rect {...outline} className="fill-none stroke-slate-950 stroke-2 dark:stroke-white" />
              </svg>
            )}
          </div>
        </div>
      </div>
      <p aria-live="polite" className="mt-1 pl-10 text-sm text-slate-600 dark:text-slate-300">
        {isActive ? `${said}: ${here}` : "Draw over the hours that have the chosen rate."}
      </p>
      <p id={helpId} className="sr-only">
        Arrow keys move, with Shift they stretch the selection, Space paints it with the chosen rate, digits choose a
        rate. The same can be done with the fields below.
      </p>
    </div>
  );
}

function Row({ name, week, rates }: { name: DayName; week: Week; rates: readonly string[] }) {
  return (
    <div className="grid h-9 grid-cols-[repeat(96,minmax(0,1fr))] border-b border-white/60 last:border-0 dark:border-slate-900/60">
      {runsOf(week.days[name]).map(({ from, to, rate }) => {
        const look = rateLook(rate);
        return (
          <div
            key={from}
            className={`flex items-center justify-center overflow-hidden border-r border-white/70 text-[0.6875rem] font-semibold last:border-0 dark:border-slate-900/70 col-span-${to - from} ${look.className}`}
            title={`${dayWords[name].long} ${clock(from)}–${clock(to)}: ${rates[rate] ?? "no rate"}`}
          >
            <span aria-hidden className="truncate px-0.5">
              {to - from >= 16 ? (rates[rate] ?? "–") : look.letter}
            </span>
          </div>
        );
      })}
    </div>
  );
}
