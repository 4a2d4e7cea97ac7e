import { useFetcher } from "@remix-run/react";
import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { media, roles, type Kind, type Quantity, type Role } from "../../domain/channel.ts";
import type { Formats } from "../charts/formats.ts";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import type { Preview } from "../corrections/preview.server.ts";
import { FrozenNote } from "../corrections/frozen-note.tsx";
import { PreviewView } from "../corrections/preview-view.tsx";
import { mediumNames } from "../usage/medium-names.ts";
import type { ChannelErrors, ListedChannel } from "./listed-channel.ts";
import { MeasuringFields } from "./measuring-fields.tsx";
import { shownUnit } from "./shown-unit.ts";

/** What the page answers to a correction: `errors` by field, a sentence each. */
export interface ChannelAnswer {
  saved: boolean;
  errors?: ChannelErrors;
  /** What the change would make of the stored readings: nothing is saved yet. */
  preview?: Preview;
}
export const roleNames: Record<Role, string> = {
  grid_import: "From the grid",
  grid_export: "To the grid",
  production: "Production",
  battery_charge: "Into the battery",
  battery_discharge: "From the battery",
  consumer: "Consumer",
  none: "Does not count",
};

const kindNames: Partial<Record<Kind, string>> = {
  gauge: "Momentary value",
  counter: "Counter that adds up",
  delta: "Amount of an interval",
};

const quantityNames: Partial<Record<Quantity, string>> = {
  power: "Power",
  energy: "Energy",
  volume: "Volume",
  flow: "Flow",
  voltage: "Voltage",
  current: "Current",
  frequency: "Frequency",
  power_factor: "Power factor",
  reactive_power: "Reactive power",
  apparent_power: "Apparent power",
  temperature: "Temperature",
  humidity: "Humidity",
  state_of_charge: "State of charge",
  price: "Price",
  co2_intensity: "CO₂ intensity",
  custom: "Something else",
};

interface ChannelEditorProps {
  channel: ListedChannel;
  mayChange: boolean;
  formats: Formats;
}

export function ChannelEditor({ channel, mayChange, formats }: ChannelEditorProps) {
  const fetcher = useFetcher<ChannelAnswer>();
  // A preview speaks of the fields as they were.
  const [isStale, setIsStale] = useState(false);
  const preview = isStale ? undefined : fetcher.data?.preview;
  const form = useRef<HTMLFormElement>(null);
  const errors = fetcher.data?.errors ?? {};
  useEffect(() => {
    if (fetcher.data?.errors) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    setIsStale(false);
  }, [fetcher.data]);
  const { latest: _, ...saved } = channel;
  return (
    // What the server made of a correction is what the form then starts from.
    <fetcher.Form
      ref={form}
      method="post"
      noValidate
      className="pb-5 pl-7"
      key={JSON.stringify(saved)}
      onChange={() => setIsStale(true)}
    >
      {channel.frozenBeforeMs !== null && (
        <div className="mb-3">
          <FrozenNote beforeMs={channel.frozenBeforeMs} formats={formats} />
        </div>
      )}
      <fieldset disabled={!mayChange} className="space-y-4">
        <input type="hidden" name="intent" value="channel" />
        <input type="hidden" name="channel" value={channel.id} />
        {!preview && <input type="hidden" name="look" value="first" />}
        {preview && preview.frozenBeforeMs !== null && <input type="hidden" name="acceptFrozen" value="yes" />}
        <MeaningFields channel={channel} errors={errors} />
        <details className="group/more" open={Object.keys(errors).some((name) => !meaningFields.has(name))}>
          <summary className="flex min-h-11 cursor-pointer list-none items-center gap-2 text-sm font-medium [&::-webkit-details-marker]:hidden">
            <ChevronRight
              className="h-4 w-4 text-slate-500 transition-transform group-open/more:rotate-90 dark:text-slate-400"
              aria-hidden
            />
            How it measures: limits, rhythm, phase
          </summary>
          <MeasuringFields channel={channel} errors={errors} />
        </details>
      </fieldset>
      {Object.keys(errors).length > 0 && (
        <div className="mt-3">
          <FormError>{Object.values(errors)[0]}</FormError>
        </div>
      )}
      {preview && (
        <div className="mt-3">
          <PreviewView preview={preview} formats={formats} />
        </div>
      )}
      {mayChange && (
        <div className="mt-3 flex items-center gap-4">
          <Button disabled={fetcher.state !== "idle"}>
            {fetcher.state !== "idle" ? "Saving …" : preview ? "Save it so" : "Save"}
          </Button>
          <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">
            {fetcher.state === "idle" && fetcher.data?.saved && "Saved. What is stored is read anew."}
          </span>
        </div>
      )}
    </fetcher.Form>
  );
}

const meaningFields = new Set(["role", "quantity", "medium", "kind", "unit", "name", "isPrimary"]);

interface FieldsProps {
  channel: ListedChannel;
  errors: ChannelErrors;
}

/** What the channel is, and whether it counts. */
function MeaningFields({ channel, errors }: FieldsProps) {
  const { id, name, metric, role, medium, quantity, kind, isPrimary, units, unitAssumed } = channel;
  const quantities = new Map(Object.entries(quantityNames));
  if (!quantities.has(quantity)) quantities.set(quantity, quantity.replaceAll("_", " "));
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3">
      <SelectField label="Role at this place" name="role" defaultValue={role} error={errors.role}>
        {roles.map((value) => (
          <option key={value} value={value}>
            {roleNames[value]}
          </option>
        ))}
      </SelectField>
      <SelectField label="What it measures" name="quantity" defaultValue={quantity} error={errors.quantity}>
        {[...quantities].map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <SelectField label="Of" name="medium" defaultValue={medium} error={errors.medium}>
        {media.map((value) => (
          <option key={value} value={value}>
            {mediumNames[value]}
          </option>
        ))}
      </SelectField>
      <SelectField label="Kind of value" name="kind" defaultValue={kind} error={errors.kind}>
        {Object.entries(kindNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Unit that it sends"
        name="unit"
        list={`units-${id}`}
        autoComplete="off"
        maxLength={20}
        defaultValue={shownUnit(channel)}
        error={errors.unit}
        hint={unitAssumed ? "Assumed: its messages do not say it." : undefined}
      />
      <datalist id={`units-${id}`}>
        {units.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      <TextField
        label="Name"
        name="name"
        maxLength={100}
        placeholder={metric}
        defaultValue={name}
        error={errors.name}
      />
      <label className="flex min-h-11 items-center gap-3 text-sm font-medium sm:col-span-2 xl:col-span-3">
        <input
          type="checkbox"
          name="isPrimary"
          defaultChecked={isPrimary}
          className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-500 dark:bg-slate-900"
        />
        Counts for its role, in place of the device's other channels of that role
      </label>
    </div>
  );
}
