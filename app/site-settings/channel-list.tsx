import { useFetcher } from "@remix-run/react";
import { ChevronRight, CircleCheck } from "lucide-react";
import type { ChannelRow } from "../../db/channels.ts";
import { media, roles, type Kind, type Medium, type Quantity, type Role } from "../../domain/channel.ts";
import type { Formats } from "../charts/formats.ts";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { sourceUnit } from "./source-unit.ts";

/** What the page answers to a correction. */
export interface ChannelAnswer {
  saved: boolean;
  error?: string;
}

export type ListedChannel = ChannelRow & { units: string[] };

interface ListProps {
  channels: ListedChannel[];
  formats: Formats;
  mayChange: boolean;
}

const roleNames: Record<Role, string> = {
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

const mediumNames: Record<Medium, string> = {
  electricity: "Electricity",
  gas: "Gas",
  water: "Water",
  heat: "Heat",
  none: "None",
};

/** What is measured, device by device, and what of it counts. Each line opens to be corrected. */
export function ChannelList({ channels, formats, mayChange }: ListProps) {
  const byDevice = new Map<string, ListedChannel[]>();
  for (const channel of channels) byDevice.set(channel.deviceId, [...(byDevice.get(channel.deviceId) ?? []), channel]);
  return (
    <Card>
      <CardTitle>What counts</CardTitle>
      <p className="-mt-2 mb-5 text-slate-600 dark:text-slate-300">
        A device sends the same flow in several ways; one of them counts. With a grid meter, consumption is what it
        imports and what the roof gives and keeps; without one, it is the sum of the consumers. Roles are guesses until
        you choose.
      </p>
      {channels.length === 0 && <p className="text-slate-600 dark:text-slate-300">No device has reported yet.</p>}
      <div className="space-y-6">
        {[...byDevice].map(([deviceId, own]) => (
          <section key={deviceId}>
            <h3 className="mb-1 text-sm font-semibold">{own[0]!.deviceName}</h3>
            <ul className="divide-y divide-slate-100 border-y border-slate-100 dark:divide-slate-800 dark:border-slate-800">
              {own.map((channel) => (
                <Line key={channel.id} channel={channel} formats={formats} mayChange={mayChange} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}

function Line({ channel, formats, mayChange }: { channel: ListedChannel; formats: Formats; mayChange: boolean }) {
  const { name, metric, tags, latest, unit, role, isPrimary, chosen, unitAssumed } = channel;
  const tagText = Object.values(tags).join(", ");
  return (
    <li>
      <details className="group">
        <summary className="flex min-h-14 cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-1 py-2 [&::-webkit-details-marker]:hidden">
          <ChevronRight
            className="h-4 w-4 shrink-0 text-slate-500 transition-transform group-open:rotate-90 dark:text-slate-400"
            aria-hidden
          />
          <span className="min-w-0 flex-1 basis-40">
            <span className="block truncate font-medium">{name || metric}</span>
            {(name || tagText) && (
              <span className="block truncate text-sm text-slate-600 dark:text-slate-300">
                {[name && metric, tagText].filter(Boolean).join(" · ")}
              </span>
            )}
          </span>
          <span className="text-sm tabular-nums text-slate-600 dark:text-slate-300">
            {latest ? formats.value(latest.value, unit) : "no value yet"}
          </span>
          <span className="flex basis-full flex-wrap items-center gap-1.5 pl-7 sm:basis-auto sm:pl-0">
            {isPrimary && (
              <Badge look="good">
                <CircleCheck className="mr-1 h-3.5 w-3.5" aria-hidden /> counts
              </Badge>
            )}
            {role !== "none" && <Badge>{roleNames[role]}</Badge>}
            {role !== "none" && !chosen && <Badge look="warn">guess</Badge>}
            {unitAssumed && <Badge look="warn">{unit} assumed</Badge>}
          </span>
        </summary>
        <Editor channel={channel} mayChange={mayChange} />
      </details>
    </li>
  );
}

function Editor({ channel, mayChange }: { channel: ListedChannel; mayChange: boolean }) {
  const fetcher = useFetcher<ChannelAnswer>();
  const { id, name, metric, role, medium, quantity, kind, isPrimary, units, unit, unitAssumed } = channel;
  const quantities = new Map(Object.entries(quantityNames));
  if (!quantities.has(quantity)) quantities.set(quantity, quantity);
  return (
    // What the server made of a correction is what the form then starts from.
    <fetcher.Form
      method="post"
      className="pb-5 pl-7"
      key={[name, role, medium, quantity, kind, unit, isPrimary].join()}
    >
      <fieldset disabled={!mayChange} className="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3">
        <input type="hidden" name="intent" value="channel" />
        <input type="hidden" name="channel" value={id} />
        <SelectField label="Role at this place" name="role" defaultValue={role}>
          {roles.map((value) => (
            <option key={value} value={value}>
              {roleNames[value]}
            </option>
          ))}
        </SelectField>
        <SelectField label="What it measures" name="quantity" defaultValue={quantity}>
          {[...quantities].map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <SelectField label="Of" name="medium" defaultValue={medium}>
          {media.map((value) => (
            <option key={value} value={value}>
              {mediumNames[value]}
            </option>
          ))}
        </SelectField>
        <SelectField label="Kind of value" name="kind" defaultValue={kind}>
          {Object.entries(kindNames).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Unit that it sends"
          name="sourceUnit"
          list={`units-${id}`}
          autoComplete="off"
          maxLength={20}
          defaultValue={sourceUnit(channel)}
          hint={unitAssumed ? "Assumed: its messages do not say it." : undefined}
        />
        <datalist id={`units-${id}`}>
          {units.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
        <TextField label="Name" name="name" maxLength={100} placeholder={metric} defaultValue={name} />
        <label className="flex min-h-11 items-center gap-3 text-sm font-medium sm:col-span-2 xl:col-span-3">
          <input
            type="checkbox"
            name="isPrimary"
            defaultChecked={isPrimary}
            className="h-5 w-5 rounded border-slate-400 text-emerald-700 focus:ring-emerald-500 dark:border-slate-500 dark:bg-slate-900"
          />
          Counts for its role, in place of the device's other channels of that role
        </label>
      </fieldset>
      {fetcher.data?.error && (
        <div className="mt-3">
          <FormError>{fetcher.data.error}</FormError>
        </div>
      )}
      {mayChange && (
        <div className="mt-3 flex items-center gap-4">
          <Button disabled={fetcher.state !== "idle"}>{fetcher.state === "idle" ? "Save" : "Saving …"}</Button>
          <span role="status" className="text-sm text-emerald-700 dark:text-emerald-400">
            {fetcher.state === "idle" && fetcher.data?.saved && "Saved. What is stored is read anew."}
          </span>
        </div>
      )}
    </fetcher.Form>
  );
}
