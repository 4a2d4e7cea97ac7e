import { Plus, Trash2, X } from "lucide-react";
import { useState } from "react";
import type { TariffDraft } from "../../domain/tariff/draft.ts";
import { renamedSeason, seasonUser, withSeasons } from "../../domain/tariff/edit-draft.ts";
import type { HolidayPreset } from "../../domain/tariff/holidays.ts";
import { holidayWords } from "./holiday-words.ts";
import { namedSeasons, overlapOf, restOfYear, type YearRange } from "../../domain/tariff/year-days.ts";
import { TextField } from "../components/form.tsx";
import { useFault } from "./editor-context.tsx";
import { CheckField, IconButton, smallButton } from "./fields.tsx";

interface YearProps {
  draft: TariffDraft;
  onDraft: (draft: TariffDraft) => void;
}

/** The seasons of a tariff: each has its own week wherever a price goes by seasons. */
export function SeasonFields({ draft, onDraft }: YearProps) {
  const seasons = draft.seasons ?? {};
  const named = namedSeasons(seasons);
  const overlap = overlapOf(seasons);
  const setRanges = (name: string, ranges: YearRange[]) => onDraft(withSeasons(draft, { ...seasons, [name]: ranges }));
  const add = () => {
    const free =
      ["summer", "winter", "spring", "autumn"].find((name) => !(name in seasons)) ?? `season ${named.length + 1}`;
    onDraft(withSeasons(draft, { ...seasons, [free]: [newSeason[free] ?? { from: "05-01", to: "05-31" }] }));
  };
  const remove = (name: string) => {
    const { [name]: _, ...rest } = seasons;
    onDraft(withSeasons(draft, rest));
  };
  return (
    <fieldset className="space-y-3">
      <legend className="text-sm font-semibold">Seasons</legend>
      {named.length === 0 && <p className="text-sm text-slate-600 dark:text-slate-300">The same all year.</p>}
      {named.map(([name, ranges], i) => {
        const user = seasonUser(draft, name);
        return (
          <div key={i} className="rounded-xl border border-slate-200 p-3 dark:border-slate-800">
            <div className="flex items-end gap-2">
              <div className="min-w-0 flex-1">
                <SeasonName
                  key={name}
                  name={name}
                  taken={Object.keys(seasons)}
                  onName={(to) => onDraft(renamedSeason(draft, name, to))}
                />
              </div>
              <IconButton
                label={user ? `${name} is used by ${user}` : `Remove ${name}`}
                disabled={user !== null}
                onClick={() => remove(name)}
              >
                <Trash2 className="h-4 w-4" aria-hidden />
              </IconButton>
            </div>
            {ranges.map((range, j) => (
              <div key={j} className="mt-3 grid grid-cols-2 gap-3">
                <YearDayField
                  label="From"
                  value={range.from}
                  onDay={(from) => setRanges(name, ranges.with(j, { ...range, from }))}
                />
                <YearDayField
                  label="To, that day too"
                  value={range.to}
                  onDay={(to) => setRanges(name, ranges.with(j, { ...range, to }))}
                />
              </div>
            ))}
          </div>
        );
      })}
      {overlap && (
        <p className="text-sm text-rose-700 dark:text-rose-400">
          {overlap[0]} and {overlap[1]} share days: what is to hold then?
        </p>
      )}
      <button type="button" className={smallButton} onClick={add}>
        <Plus className="h-4 w-4" aria-hidden /> Add a season
      </button>
    </fieldset>
  );
}

const newSeason: Record<string, YearRange> = {
  summer: { from: "04-01", to: "09-30" },
  winter: { from: "12-01", to: "02-28" },
};

/** Renaming waits until the name is whole, since it is what windows call the season by. */
function SeasonName({ name, taken, onName }: { name: string; taken: string[]; onName: (name: string) => void }) {
  const [text, setText] = useState(name);
  const wanted = text.trim();
  const isTaken = wanted !== name && (taken.includes(wanted) || wanted === restOfYear);
  return (
    <TextField
      label="Name of the season"
      value={text}
      maxLength={40}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => (wanted && !isTaken ? wanted !== name && onName(wanted) : setText(name))}
      error={isTaken ? "Another season has this name." : undefined}
    />
  );
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const two = (number: number) => String(number).padStart(2, "0");

const selectClass =
  "min-h-11 w-full rounded-lg border-slate-300 bg-white text-sm dark:border-slate-700 dark:bg-slate-900 focus:border-emerald-500 focus:ring-emerald-500";

function YearDayField({ label, value, onDay }: { label: string; value: string; onDay: (day: string) => void }) {
  const [month, day] = [Number(value.slice(0, 2)), Number(value.slice(3))];
  const say = (m: number, d: number) => onDay(`${two(m)}-${two(Math.min(d, lengths[m - 1]!))}`);
  return (
    <div role="group" aria-label={label}>
      <span aria-hidden className="mb-1.5 block text-sm font-medium text-slate-700 dark:text-slate-200">
        {label}
      </span>
      <div className="flex gap-1">
        <select
          aria-label={`${label}: day`}
          className={selectClass}
          value={day}
          onChange={(e) => say(month, Number(e.target.value))}
        >
          {Array.from({ length: lengths[month - 1]! }, (_, i) => (
            <option key={i}>{i + 1}</option>
          ))}
        </select>
        <select
          aria-label={`${label}: month`}
          className={selectClass}
          value={month}
          onChange={(e) => say(Number(e.target.value), day)}
        >
          {months.map((name, i) => (
            <option key={name} value={i + 1}>
              {name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** Public holidays, and other days that a tariff knows by name: dates, or days of every year. */
export function DayListFields({
  title,
  hint,
  path,
  days,
  presets = [],
  onDays,
}: {
  title: string;
  hint: string;
  path: string;
  days: readonly string[];
  /** Lists that can be taken over as a whole. */
  presets?: readonly HolidayPreset[];
  onDays: (days: string[]) => void;
}) {
  const [date, setDate] = useState("");
  const [isYearly, setYearly] = useState(true);
  const fault = useFault(path);
  const add = () => {
    const day = isYearly ? date.slice(5) : date;
    if (date && !days.includes(day)) onDays([...days, day].sort());
    setDate("");
  };
  return (
    <fieldset className="space-y-3">
      <legend className="text-sm font-semibold">{title}</legend>
      <p className="text-sm text-slate-600 dark:text-slate-300">{hint}</p>
      {fault && <p className="text-sm text-rose-700 dark:text-rose-400">{fault}</p>}
      <ul className="flex flex-wrap gap-2">
        {days.map((day) => (
          <li
            key={day}
            className="flex items-center rounded-full bg-slate-100 pl-3 text-sm tabular-nums dark:bg-slate-800"
          >
            {holidayWords(day)}
            <IconButton
              label={`Remove ${holidayWords(day)}`}
              onClick={() => onDays(days.filter((other) => other !== day))}
            >
              <X className="h-4 w-4" aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      {presets.length > 0 && (
        <label className="block max-w-xs text-sm font-medium">
          <span className="mb-1.5 block">Add a country&apos;s holidays</span>
          <select
            className={selectClass}
            value=""
            onChange={(event) => {
              const preset = presets.find(({ country }) => country === event.target.value);
              if (preset) onDays([...new Set([...days, ...preset.days])].sort());
            }}
          >
            <option value="">Choose</option>
            {presets.map(({ country, name }) => (
              <option key={country} value={country}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="flex flex-wrap items-end gap-3">
        <TextField label="Date" type="date" value={date} onChange={(event) => setDate(event.target.value)} />
        <CheckField label="Every year" checked={isYearly} onValue={setYearly} />
        <button type="button" className={smallButton} disabled={!date} onClick={add}>
          <Plus className="h-4 w-4" aria-hidden /> Add the day
        </button>
      </div>
    </fieldset>
  );
}
