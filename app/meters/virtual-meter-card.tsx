import { useFetcher } from "@remix-run/react";
import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { VirtualMeter } from "../../db/meters.ts";
import { roles } from "../../domain/channel.ts";
import { virtualMeter, type Meter } from "../../domain/site/meter.ts";
import type { Formats } from "../charts/formats.ts";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { roleNames } from "../site-settings/channel-editor.tsx";
import { mediumNames } from "../usage/medium-names.ts";
import type { MetersAnswer } from "./change-meters.server.ts";
import { FormulaPreview } from "./formula-preview.tsx";

interface CardProps {
  virtual: readonly VirtualMeter[];
  meters: readonly Meter[];
  siteId: string;
  formats: Formats;
  mayChange: boolean;
}

/** Meters by formula: each line opens to be changed, the last makes a new one. */
export function VirtualMeterCard({ virtual, ...rest }: CardProps) {
  // A new form for each meter made: the one before keeps nothing.
  const made = virtual.length;
  return (
    <Card>
      <CardTitle>Virtual meters</CardTitle>
      <p className="-mt-2 mb-4 text-slate-600 dark:text-slate-300">
        A meter by formula over others, worked out by the quarter-hour: what the garage uses is{" "}
        <code className="rounded bg-slate-100 px-1 dark:bg-slate-800">c1 - c2 - c3</code>, a part of it{" "}
        <code className="rounded bg-slate-100 px-1 dark:bg-slate-800">c4 * 0.5</code>. Also / ( ) min max. Less than
        nothing counts as nothing.
      </p>
      <ul className="divide-y divide-slate-100 border-y border-slate-100 dark:divide-slate-800 dark:border-slate-800">
        {virtual.map((one) => (
          <li key={one.id} data-testid={`virtual-${one.id}`}>
            <details className="group">
              <summary className="flex min-h-12 cursor-pointer list-none flex-wrap items-center gap-2 py-2 [&::-webkit-details-marker]:hidden">
                <ChevronRight
                  className="h-4 w-4 shrink-0 text-slate-500 transition-transform group-open:rotate-90 dark:text-slate-400"
                  aria-hidden
                />
                <span className="min-w-0 flex-1 break-words font-medium">{one.name}</span>
                <code className="break-all text-sm text-slate-600 dark:text-slate-300">{one.formula}</code>
                <Badge>{roleNames[one.role]}</Badge>
                <Badge>{virtualMeter(one.id)}</Badge>
              </summary>
              <VirtualForm one={one} {...rest} />
            </details>
          </li>
        ))}
      </ul>
      {rest.mayChange && (
        <details className="mt-3" key={made} data-testid="new-virtual">
          <summary className="inline-flex min-h-11 cursor-pointer items-center font-medium text-emerald-700 dark:text-emerald-400">
            Add a virtual meter
          </summary>
          <VirtualForm one={null} {...rest} />
        </details>
      )}
    </Card>
  );
}

type FormProps = Omit<CardProps, "virtual"> & { one: VirtualMeter | null };

function VirtualForm({ one, meters, siteId, formats, mayChange }: FormProps) {
  const fetcher = useFetcher<MetersAnswer>();
  const [formula, setFormula] = useState(one?.formula ?? "");
  const [medium, setMedium] = useState<string>(one?.medium ?? "electricity");
  const field = useRef<HTMLInputElement>(null);
  const answer = fetcher.data;
  const error = answer && !answer.saved ? answer : null;
  const isPending = fetcher.state !== "idle";
  useEffect(() => {
    if (error?.field === "formula") field.current?.focus();
  }, [error]);
  function insert(id: string) {
    const at = field.current?.selectionStart ?? formula.length;
    const before = formula.slice(0, at);
    const glue = before === "" || /[-+*/(,]\s*$/.test(before) ? "" : " + ";
    setFormula(`${before}${glue}${id}${formula.slice(at)}`);
    field.current?.focus();
  }
  const own = one && virtualMeter(one.id);
  return (
    <fetcher.Form method="post" noValidate className="space-y-4 pb-5 pt-2">
      <fieldset disabled={!mayChange} className="space-y-4">
        <input type="hidden" name="intent" value="virtual" />
        {one && <input type="hidden" name="id" value={one.id} />}
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
          <TextField
            label="Name"
            name="name"
            maxLength={100}
            defaultValue={one?.name ?? ""}
            error={error?.field === "name" ? error.error : undefined}
          />
          <SelectField label="Of" name="medium" value={medium} onChange={(event) => setMedium(event.target.value)}>
            {(["electricity", "gas", "heat", "water"] as const).map((value) => (
              <option key={value} value={value}>
                {mediumNames[value]}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Role"
            name="role"
            defaultValue={one?.role ?? "none"}
            hint="Where it counts, put it in its place in the tree too."
          >
            {roles.map((value) => (
              <option key={value} value={value}>
                {roleNames[value]}
              </option>
            ))}
          </SelectField>
        </div>
        <TextField
          label="Formula"
          name="formula"
          inputRef={field}
          value={formula}
          onChange={(event) => setFormula(event.target.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={600}
          className="block min-h-11 w-full rounded-lg border-slate-300 bg-white font-mono text-slate-900 shadow-sm focus:border-emerald-500 focus:ring-emerald-500 aria-[invalid=true]:border-rose-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100"
          error={error?.field === "formula" ? error.error : undefined}
        />
        {mayChange && <MeterChips meters={meters.filter(({ id }) => id !== own)} onChoose={insert} />}
      </fieldset>
      <FormulaPreview {...{ siteId, formula, medium, formats }} id={one?.id ?? null} />
      {error && !error.field && <FormError>{error.error}</FormError>}
      {mayChange && (
        <div className="flex flex-wrap items-center gap-3">
          <Button disabled={isPending}>{isPending ? "Saving …" : "Save"}</Button>
          {one && (
            <Button look="secondary" name="intent" value="delete-virtual" disabled={isPending}>
              Delete
            </Button>
          )}
          <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">
            {!isPending && answer?.saved && `${answer.done}.`}
          </span>
        </div>
      )}
    </fetcher.Form>
  );
}

/** The meters by name: a click puts one into the formula. */
function MeterChips({ meters, onChoose }: { meters: readonly Meter[]; onChoose: (id: string) => void }) {
  return (
    <div
      className="flex max-h-48 flex-wrap gap-2 overflow-y-auto"
      role="group"
      aria-label="Put a meter into the formula"
    >
      {meters.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          onClick={() => onChoose(id)}
          className="inline-flex min-h-9 items-center gap-1.5 rounded-full border border-slate-300 px-3 text-sm hover:bg-slate-50 dark:border-slate-700 dark:hover:bg-slate-800"
        >
          <code className="font-semibold">{id}</code> {name}
        </button>
      ))}
    </div>
  );
}
