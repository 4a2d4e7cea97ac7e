import { Copy, PaintBucket } from "lucide-react";
import { useState } from "react";
import type { DayName } from "../../domain/tariff/price-schema.ts";
import { clock, copyDay, hoursOf, paint, quartersOfDay, type Week } from "../../domain/tariff/week.ts";
import { restOfYear } from "../../domain/tariff/year-days.ts";
import { daySets, dayWords } from "./day-words.ts";
import { CheckField, ChoiceField, smallButton } from "./fields.tsx";
import { rateLook } from "./rate-looks.ts";
import { WeekGrid } from "./week-grid.tsx";

interface WeekPainterProps {
  weeks: readonly Week[];
  rates: readonly string[];
  onWeeks: (weeks: Week[]) => void;
}

const isFine = (weeks: readonly Week[]): boolean =>
  weeks.some(({ days }) =>
    Object.values(days).some((held) => held.some((rate, q) => q % 4 !== 0 && rate !== held[q - 1])),
  );

/** The weeks of a price: of one season at a time, with the rate to paint with, and the same in fields. */
export function WeekPainter({ weeks, rates, onWeeks }: WeekPainterProps) {
  const [shown, setShown] = useState(0);
  const [chosen, setChosen] = useState(0);
  const [quarters, setQuarters] = useState(() => isFine(weeks));
  const week = weeks[Math.min(shown, weeks.length - 1)]!;
  const rate = Math.min(chosen, rates.length - 1);
  return (
    <div className="space-y-3">
      {weeks.length > 1 && (
        <div
          role="group"
          aria-label="Season"
          className="flex flex-wrap gap-1 rounded-lg bg-slate-100 p-1 dark:bg-slate-800"
        >
          {weeks.map(({ season }, i) => (
            <button
              key={season}
              type="button"
              aria-pressed={season === week.season}
              onClick={() => setShown(i)}
              className={`min-h-11 rounded-md px-4 text-sm font-medium ${season === week.season ? "bg-white shadow-sm dark:bg-slate-950" : "text-slate-700 dark:text-slate-200"}`}
            >
              {season === restOfYear ? "Rest of the year" : season}
            </button>
          ))}
        </div>
      )}
      <div role="radiogroup" aria-label="Paint with" className="flex flex-wrap gap-2">
        {rates.map((name, i) => {
          const look = rateLook(i);
          return (
            <label
              key={i}
              className={`flex min-h-11 cursor-pointer items-center gap-2 rounded-lg border px-3 text-sm font-medium focus-within:ring-2 focus-within:ring-emerald-500 ${i === rate ? "border-slate-900 bg-slate-100 dark:border-white dark:bg-slate-800" : "border-slate-300 dark:border-slate-700"}`}
            >
              <input type="radio" className="sr-only" checked={i === rate} onChange={() => setChosen(i)} />
              <span
                aria-hidden
                className={`flex h-6 w-6 items-center justify-center rounded text-xs font-bold ${look.className}`}
              >
                {look.letter}
              </span>
              {name || "Without a name"}
            </label>
          );
        })}
      </div>
      <WeekGrid
        week={week}
        rates={rates}
        rate={rate}
        onRate={setChosen}
        step={quarters ? 1 : 4}
        onPaint={(brush) => onWeeks(paint(weeks, brush))}
      />
      <CheckField label="In quarter-hours" checked={quarters} onValue={setQuarters} />
      <details className="rounded-lg border border-slate-200 px-4 dark:border-slate-800">
        <summary className="flex min-h-11 cursor-pointer items-center text-sm font-medium">
          By typing, copy a day, and the hours in words
        </summary>
        <div className="space-y-4 pb-4">
          <ExactHours onFill={(days, from, to) => onWeeks(paint(weeks, { season: week.season, days, from, to, rate }))}>
            {rates[rate] || "this rate"}
          </ExactHours>
          <CopyDay onCopy={(from, to) => onWeeks(copyDay(weeks, { season: week.season, from, to }))} />
          <InWords week={week} rates={rates} />
        </div>
      </details>
    </div>
  );
}

const clocks = Array.from({ length: quartersOfDay + 1 }, (_, quarter) => [quarter, clock(quarter)] as const);

function ExactHours({
  onFill,
  children,
}: {
  onFill: (days: readonly DayName[], from: number, to: number) => void;
  children: string;
}) {
  const [set, setSet] = useState(0);
  const [from, setFrom] = useState(24);
  const [to, setTo] = useState(88);
  return (
    <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-[2fr_1fr_1fr] [&>:first-child]:col-span-2 sm:[&>:first-child]:col-span-1">
      <ChoiceField
        path=""
        label="Days"
        value={set}
        options={daySets.map(([name], i) => [i, name] as const)}
        onValue={setSet}
      />
      <ChoiceField path="" label="From" value={from} options={clocks.slice(0, -1)} onValue={setFrom} />
      <ChoiceField path="" label="To" value={to} options={clocks.slice(1)} onValue={setTo} />
      <button
        type="button"
        className={`${smallButton} col-span-2 justify-center sm:col-span-3 sm:justify-self-start`}
        onClick={() => onFill(daySets[set]![1], from, to)}
        disabled={from >= to}
      >
        <PaintBucket className="h-4 w-4 shrink-0" aria-hidden /> <span className="truncate">Paint with {children}</span>
      </button>
    </div>
  );
}

function CopyDay({ onCopy }: { onCopy: (from: DayName, to: readonly DayName[]) => void }) {
  const [from, setFrom] = useState<DayName>("mon");
  const [set, setSet] = useState(0);
  const days = (Object.keys(dayWords) as DayName[]).map((name) => [name, dayWords[name].long] as const);
  return (
    <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
      <ChoiceField path="" label="Copy" value={from} options={days} onValue={setFrom} />
      <ChoiceField
        path=""
        label="To"
        value={set}
        options={daySets.map(([name], i) => [i, name] as const)}
        onValue={setSet}
      />
      <button type="button" className={smallButton} onClick={() => onCopy(from, daySets[set]![1])}>
        <Copy className="h-4 w-4" aria-hidden /> Copy the day
      </button>
    </div>
  );
}

function InWords({ week, rates }: { week: Week; rates: readonly string[] }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="The week in words">
      <table className="w-full text-left text-sm">
        <thead>
          <tr>
            <th scope="col" className="py-1 pr-4 font-medium">
              Day
            </th>
            {rates.map((name, i) => (
              <th key={i} scope="col" className="py-1 pr-4 font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(Object.keys(dayWords) as DayName[]).map((day) => (
            <tr key={day} className="border-t border-slate-200 dark:border-slate-800">
              <th scope="row" className="py-1 pr-4 font-normal">
                {dayWords[day].long}
              </th>
              {rates.map((_, i) => (
                <td key={i} className="py-1 pr-4 tabular-nums">
                  {hoursOf(week.days[day], i).join(", ") || "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
