import type { CsvColumn } from "../../domain/history/options.ts";
import { conversions } from "../../domain/units.ts";
import { SelectField, TextField } from "../components/form.tsx";
import { kindWords } from "./settings.ts";

interface CsvColumnsProps {
  /** Those that may be values. */
  names: readonly string[];
  /** All of the file: a field is named by its place among them. */
  all: readonly string[];
  columns: readonly CsvColumn[];
}

/** The metrics that most files have; any other name makes a channel of its own. */
const usualMetrics = [
  ...["energy.import", "energy.export", "energy.production", "power", "power.import", "power.export", "pv.power"],
  ...["gas", "water", "heat", "voltage", "current", "temperature", "soc", "price"],
];

/** What each column of values is: its channel, unit and kind, or that it is left out. */
export function CsvColumns({ names, all, columns }: CsvColumnsProps) {
  return (
    <div className="space-y-3">
      <datalist id="metrics">
        {usualMetrics.map((metric) => (
          <option key={metric} value={metric} />
        ))}
      </datalist>
      {names.map((name) => {
        const i = all.indexOf(name);
        const column = columns.find((known) => known.column === name);
        return (
          <fieldset key={name} className="rounded-xl border border-slate-200 p-4 dark:border-slate-700">
            <legend className="px-1 text-sm font-semibold">{name}</legend>
            <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
              <SelectField label="What it is" name={`kind.${i}`} defaultValue={column?.kind ?? ""}>
                <option value="">Leave it out</option>
                {kindWords.map(([kind, words]) => (
                  <option key={kind} value={kind}>
                    {words}
                  </option>
                ))}
              </SelectField>
              <TextField
                label="Channel"
                name={`metric.${i}`}
                list="metrics"
                defaultValue={column?.metric ?? ""}
                placeholder={name}
                autoComplete="off"
                maxLength={200}
              />
              <SelectField label="Unit" name={`unit.${i}`} defaultValue={column?.unit ?? ""}>
                <option value="">As its name says</option>
                {Object.keys(conversions).map((unit) => (
                  <option key={unit} value={unit}>
                    {unit}
                  </option>
                ))}
              </SelectField>
            </div>
          </fieldset>
        );
      })}
    </div>
  );
}
