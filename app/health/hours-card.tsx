import { useEffect, useRef, useState } from "react";
import { BarChart } from "../charts/bar-chart.tsx";
import type { Cell } from "../charts/csv.ts";
import { CsvButton } from "../charts/csv-button.tsx";
import type { Formats } from "../charts/formats.ts";
import { utc } from "../charts/step-csv.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { everyHour, hourBars, hourWords, type Counted, type Hour } from "./hour-bars.ts";

interface HoursCardProps {
  hours: Hour[];
  days: number;
  nowMs: number;
  formats: Formats;
}

const names: Record<Counted, string> = { messages: "Messages", readings: "Readings", duplicates: "Repeats" };

/** What it sent, hour by hour. */
export function HoursCard({ hours, days, nowMs, formats }: HoursCardProps) {
  const [what, setWhat] = useState<Counted>("messages");
  const [chosen, setChosen] = useState<number | null>(null);
  const strip = useRef<HTMLDivElement>(null);
  // Where there is no room for all, the newest hours are shown first.
  useEffect(() => strip.current?.scrollTo({ left: strip.current.scrollWidth }), []);
  const all = everyHour(hours, nowMs, days);
  const shown = all.find(({ startMs }) => startMs === chosen) ?? all.at(-1)!;
  return (
    <Card className="mt-4">
      <CardTitle
        aside={
          <span className="flex items-center gap-1">
            <Switch what={what} onChange={setWhat} />
            <CsvButton rows={() => hourRows(all)} name={["hours"]} label="Download these hours as CSV" />
          </span>
        }
      >
        By hour, {days} days
      </CardTitle>
      <div ref={strip} className="-mt-2 overflow-x-auto pb-1 pt-2">
        <div className="min-w-[36rem]">
          <BarChart
            bars={hourBars(all, what, formats)}
            label={`${names[what]} by hour, the last ${days} days`}
            unit=""
            format={(value) => formats.number(value, 0)}
            chosen={chosen}
            onChoose={setChosen}
          />
        </div>
      </div>
      <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
        <span className="font-medium text-slate-900 dark:text-slate-100">{formats.shortDateTime(shown.startMs)}</span>{" "}
        {hourWords(shown, formats)}
      </p>
    </Card>
  );
}

function* hourRows(hours: readonly Hour[]): Generator<Cell[]> {
  yield ["start", "messages", "readings", "duplicates"];
  for (const { startMs, messages, readings, duplicates } of hours) yield [utc(startMs), messages, readings, duplicates];
}

function Switch({ what, onChange }: { what: Counted; onChange: (what: Counted) => void }) {
  return (
    <div role="group" aria-label="What is counted" className="flex rounded-lg bg-slate-100 p-1 dark:bg-slate-800">
      {(Object.keys(names) as Counted[]).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={what === name}
          onClick={() => onChange(name)}
          className={`min-h-9 rounded-md px-3 text-sm font-medium ${
            what === name
              ? "bg-white text-slate-900 shadow-sm dark:bg-slate-950 dark:text-slate-50"
              : "text-slate-600 dark:text-slate-300"
          }`}
        >
          {names[name]}
        </button>
      ))}
    </div>
  );
}
