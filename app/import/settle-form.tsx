import { Form, useNavigation } from "@remix-run/react";
import { CsvColumns } from "./csv-columns.tsx";
import type { CsvGuess } from "../../domain/history/csv-guess.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";
import { conversions } from "../../domain/units.ts";
import { Button, SelectField, TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";

type CsvOptions = Extract<HistoryOptions, { format: "csv" }>;

interface SettleFormProps {
  options: HistoryOptions;
  csv: CsvGuess | null;
  zones: string[];
}

/** How the file is to be read: as guessed, until a person says otherwise. */
export function SettleForm({ options, csv, zones }: SettleFormProps) {
  const isBusy = useNavigation().state !== "idle";
  return (
    <Card>
      <CardTitle>How it is read</CardTitle>
      <Form method="post" className="space-y-5" noValidate>
        {options.format === "csv" && csv && <CsvFields options={options} csv={csv} zones={zones} />}
        {(options.format === "phpfina" || options.format === "phptimeseries") && <FeedFields feed={options.feed} />}
        {options.format === "influx" && (
          <SelectField label="Timestamps are" name="precision" defaultValue={options.precision}>
            <option value="s">Seconds</option>
            <option value="ms">Milliseconds</option>
            <option value="us">Microseconds</option>
            <option value="ns">Nanoseconds</option>
          </SelectField>
        )}
        {options.format === "emoncms-backup" && (
          <p className="text-sm text-slate-600 dark:text-slate-300">
            Every feed of the backup becomes a channel, named as in emoncms.
          </p>
        )}
        <div className="flex flex-col gap-2 sm:flex-row">
          <Button name="intent" value="start" disabled={isBusy}>
            Import it
          </Button>
          <Button name="intent" value="look" look="secondary" disabled={isBusy}>
            Look again
          </Button>
          <Button name="intent" value="cancel" look="secondary" disabled={isBusy}>
            Do not import
          </Button>
        </div>
      </Form>
    </Card>
  );
}

function CsvFields({ options, csv, zones }: { options: CsvOptions; csv: CsvGuess; zones: string[] }) {
  const { time, decimal, metricColumn, columns } = options.csv;
  return (
    <>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <SelectField label="Time" name="time" defaultValue={time.columns[0]}>
          <Names names={csv.names} />
        </SelectField>
        <SelectField label="Time of day, where it is apart" name="time2" defaultValue={time.columns[1] ?? ""}>
          <option value="">Not apart</option>
          <Names names={csv.names} />
        </SelectField>
        <TextField
          label="How times are written"
          name="pattern"
          defaultValue={time.pattern}
          autoComplete="off"
          hint="iso, unix, or such as dd.MM.yyyy HH:mm"
        />
        <TextField
          label="Time zone of times without one"
          name="timezone"
          list="zones"
          defaultValue={options.timezone}
          autoComplete="off"
        />
        <datalist id="zones">
          {zones.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <SelectField label="Decimals" name="decimal" defaultValue={decimal}>
          <option value=".">1.5</option>
          <option value=",">1,5</option>
        </SelectField>
      </div>
      {metricColumn === null ? (
        <CsvColumns
          names={csv.names.filter((name) => !time.columns.includes(name))}
          all={csv.names}
          columns={columns}
        />
      ) : (
        <p className="text-sm text-slate-600 dark:text-slate-300">
          Each row names its channel in the column <b>{metricColumn}</b>; its value is in{" "}
          <b>{columns.map(({ column }) => column).join(", or else ")}</b>.
        </p>
      )}
    </>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <option key={name} value={name}>
      {name}
    </option>
  ));
}

function FeedFields({ feed }: { feed: { metric: string; unit: string | null } }) {
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <TextField label="Name of the channel" name="metric" defaultValue={feed.metric} required maxLength={200} />
      <SelectField label="Unit" name="unit" defaultValue={feed.unit ?? ""}>
        <option value="">As its name says</option>
        <Names names={Object.keys(conversions)} />
      </SelectField>
    </div>
  );
}
