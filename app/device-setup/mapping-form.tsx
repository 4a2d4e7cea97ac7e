import { Form, useNavigation } from "@remix-run/react";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { Button } from "../components/form.tsx";
import type { MappingLine } from "./mapping.server.ts";

interface MappingFormProps {
  lines: MappingLine[];
  /** The metrics to choose from; others can be written. */
  metrics: string[];
  units: string[];
  kinds: readonly string[];
  mayChange: boolean;
}

const certainties = {
  said: { look: "good", text: "said" },
  fits: { look: "good", text: "fits" },
  guess: { look: "warn", text: "guess" },
  unknown: { look: "bad", text: "unknown" },
} as const;

const control =
  "min-h-11 w-full rounded-lg border-slate-300 bg-white text-sm text-slate-900 focus:border-emerald-500 focus:ring-emerald-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100";

/** One line a number: its path and live value, and what it is to be. Works without a mouse and without scripts. */
export function MappingForm({ lines, metrics, units, kinds, mayChange }: MappingFormProps) {
  const isPending = useNavigation().state !== "idle";
  return (
    <Card className="mt-4">
      <CardTitle>What its numbers are</CardTitle>
      <Form method="post">
        <fieldset disabled={!mayChange} className="space-y-3">
          <datalist id="metrics">
            {metrics.map((metric) => (
              <option key={metric} value={metric} />
            ))}
          </datalist>
          <ul className="divide-y divide-slate-200 dark:divide-slate-800">
            {lines.map((line, i) => (
              <Line key={line.path} line={line} i={i} units={units} kinds={kinds} />
            ))}
          </ul>
          {mayChange && (
            <Button disabled={isPending}>{isPending ? "Saving …" : "Save, and read what came before anew"}</Button>
          )}
        </fieldset>
      </Form>
    </Card>
  );
}

function Line({ line, i, units, kinds }: { line: MappingLine; i: number; units: string[]; kinds: readonly string[] }) {
  const { path, value, metric, unit, kind, isTaken, isSaid, because } = line;
  const certainty = certainties[line.certainty];
  return (
    <li className="grid grid-cols-2 items-center gap-2 py-3 sm:grid-cols-12">
      <label className="col-span-2 flex min-h-11 items-center gap-3 sm:col-span-4">
        <input
          type="checkbox"
          name={`take${i}`}
          defaultChecked={isTaken}
          className="h-5 w-5 rounded border-slate-400 text-emerald-600 focus:ring-emerald-500 dark:bg-slate-900"
        />
        <span className="min-w-0">
          <code className="block break-all font-mono text-sm">{path}</code>
          <span className="text-sm tabular-nums text-slate-600 dark:text-slate-300">now {value}</span>
        </span>
      </label>
      <input type="hidden" name={`path${i}`} value={path} />
      <input
        className={`${control} col-span-2 sm:col-span-4`}
        name={`metric${i}`}
        list="metrics"
        defaultValue={metric}
        aria-label={`${path} is`}
        maxLength={100}
      />
      <select className={`${control} sm:col-span-2`} name={`unit${i}`} defaultValue={unit} aria-label={`${path}: unit`}>
        <option value="">no unit</option>
        {units.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <select className={`${control} sm:col-span-2`} name={`kind${i}`} defaultValue={kind} aria-label={`${path}: kind`}>
        {kinds.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {!isSaid && because && (
        <p className="col-span-2 flex flex-wrap items-center gap-2 text-sm text-slate-600 sm:col-span-12 dark:text-slate-300">
          <Badge look={certainty.look}>{certainty.text}</Badge> {because}
        </p>
      )}
    </li>
  );
}
