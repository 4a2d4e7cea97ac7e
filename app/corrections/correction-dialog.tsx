import { useFetcher, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import type { Kind } from "../../domain/channel.ts";
import type { EventType } from "../../domain/energy/event.ts";
import { unitSign, type Formats } from "../charts/formats.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button, FormError, SelectField, TextField } from "../components/form.tsx";
import type { CorrectionAnswer } from "./answer.ts";
import { localText } from "./local-text.ts";
import { PreviewView } from "./preview-view.tsx";
import { judgementNames } from "./words.ts";

/** From where a person came: a reading or an event (`atMs`, exact), a stretch drawn on the chart, or nowhere in particular. */
export interface CorrectionStart {
  atMs?: number;
  event?: EventType;
  fromMs?: number;
  toMs?: number;
}

export interface CorrectedChannel {
  id: number;
  kind: Kind;
  unit: string | null;
}

interface CorrectionDialogProps {
  /** The device's address. */
  path: string;
  channel: CorrectedChannel;
  /** null: closed. */
  start: CorrectionStart | null;
  onClose: () => void;
  onSaved: () => void;
  timezone: string;
  formats: Formats;
  nowMs: number;
}

type What = "judge" | "exclude-one" | "exclude" | "scale" | "reading" | "replace";

const names: Record<What, string> = {
  judge: "Say what this reading is",
  "exclude-one": "Leave this reading out",
  exclude: "Leave out all readings of a time",
  scale: "Multiply all readings of a time",
  reading: "Enter what the meter showed",
  replace: "Another meter counts from a time on",
};

function choices({ kind }: CorrectedChannel, { atMs, fromMs }: CorrectionStart): What[] {
  const isCounter = kind === "counter";
  if (atMs !== undefined) return [...(isCounter ? (["judge"] as const) : []), "exclude-one", ...(isCounter ? (["replace"] as const) : [])]; // prettier-ignore
  if (fromMs !== undefined) return ["exclude", "scale"];
  return ["exclude", "scale", "reading", ...(isCounter ? (["replace"] as const) : [])];
}

/** A correction step by step: what, a look at what it changes, then saving. The readings themselves stay as they came. */
export function CorrectionDialog({ start, onClose, ...props }: CorrectionDialogProps) {
  return (
    <Dialog open={start !== null} onClose={onClose} title="Correct readings">
      {start && <CorrectionForm {...props} start={start} onClose={onClose} />}
    </Dialog>
  );
}

/** The roll-up follows within a second or two: the page looks again. */
const looksAgainAfterMs = [1_500, 4_000, 9_000];

/** What was saved is shown once it is computed. */
export function useLookAgain(): () => void {
  const { revalidate } = useRevalidator();
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  return () => (timers.current = looksAgainAfterMs.map((ms) => setTimeout(revalidate, ms)));
}

function CorrectionForm({
  path,
  channel,
  start,
  onClose,
  onSaved,
  timezone,
  formats,
  nowMs,
}: CorrectionDialogProps & { start: CorrectionStart }) {
  const fetcher = useFetcher<CorrectionAnswer>();
  const possible = choices(channel, start);
  const [what, setWhat] = useState<What>(possible[0]!);
  // A preview speaks of the fields as they were.
  const [isStale, setIsStale] = useState(true);
  const { errors = {}, preview, saved } = fetcher.data ?? { saved: false };
  useEffect(() => {
    if (fetcher.state === "idle" && fetcher.data?.preview) setIsStale(false);
    if (fetcher.state === "idle" && fetcher.data?.saved) onSaved();
  }, [fetcher.state, fetcher.data]);
  const isBusy = fetcher.state !== "idle";
  const shownPreview = !isStale && preview && !saved ? preview : null;
  return (
    <fetcher.Form
      method="post"
      action={`${path}/corrections`}
      noValidate
      onChange={() => setIsStale(true)}
      className="space-y-4"
    >
      <input type="hidden" name="channel" value={channel.id} />
      {start.atMs !== undefined && <p className="text-sm">The reading of {formats.dateTime(start.atMs)}.</p>}
      <SelectField
        label="What is to be done"
        name="what"
        value={what}
        error={errors["what"]}
        onChange={(event) => setWhat(event.target.value as What)}
      >
        {possible.map((name) => (
          <option key={name} value={name}>
            {names[name]}
          </option>
        ))}
      </SelectField>
      <Times start={start} what={what} errors={errors} timezone={timezone} nowMs={nowMs} />
      <Amounts what={what} unit={channel.unit} errors={errors} event={start.event} />
      <TextField
        label="Why"
        name="reason"
        maxLength={500}
        autoComplete="off"
        placeholder="The gateway sent 0 after its restart"
        error={errors["reason"]}
        hint="For whoever looks at it later. Optional."
      />
      {shownPreview && <PreviewView preview={shownPreview} formats={formats} />}
      {Object.keys(errors).length > 0 && <FormError>{Object.values(errors)[0]}</FormError>}
      <div className="flex flex-wrap gap-2">
        {shownPreview ? (
          <Button name="intent" value="save" disabled={isBusy}>
            {isBusy ? "Saving …" : "Save the correction"}
          </Button>
        ) : (
          <Button name="intent" value="preview" disabled={isBusy}>
            {isBusy ? "Computing …" : "Show what changes"}
          </Button>
        )}
        <Button type="button" look="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
      <p className="text-sm text-slate-600 dark:text-slate-400">
        The readings stay as they were sent. A correction can be undone at any time.
      </p>
    </fetcher.Form>
  );
}

interface PartProps {
  what: What;
  errors: Partial<Record<string, string>>;
}

function Times({
  start,
  what,
  errors,
  timezone,
  nowMs,
}: PartProps & { start: CorrectionStart; timezone: string; nowMs: number }) {
  const { atMs, fromMs, toMs } = start;
  if (atMs !== undefined) return <input type="hidden" name="atMs" value={atMs} />;
  if (what === "reading" || what === "replace")
    return <When label="When" name="at" ms={nowMs} timezone={timezone} error={errors["at"]} />;
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <When label="From" name="from" ms={fromMs ?? nowMs - 3_600_000} timezone={timezone} error={errors["from"]} />
      <When label="Up to" name="to" ms={toMs ?? nowMs} timezone={timezone} error={errors["to"]} />
    </div>
  );
}

interface WhenProps {
  label: string;
  name: string;
  ms: number;
  timezone: string;
  error: string | undefined;
}

function When({ ms, timezone, ...field }: WhenProps) {
  return <TextField {...field} type="datetime-local" step={1} defaultValue={localText(ms, timezone)} />;
}

function Amounts({ what, unit, errors, event }: PartProps & { unit: string | null; event: EventType | undefined }) {
  const sign = unitSign(unit);
  const inUnit = (label: string) => (sign ? `${label}, ${sign}` : label);
  const number = { inputMode: "decimal", autoComplete: "off", maxLength: 24 } as const;
  if (what === "judge")
    return (
      <SelectField label="It is" name="as" defaultValue={event === "glitch" ? "reset" : "glitch"} error={errors["as"]}>
        {Object.entries(judgementNames).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
    );
  if (what === "scale")
    return (
      <TextField
        label="Multiply by"
        name="factor"
        placeholder="0.001"
        error={errors["factor"]}
        hint="0.001 makes kWh of Wh that were sent as kWh."
        {...number}
      />
    );
  if (what === "reading")
    return <TextField label={inUnit("The meter showed")} name="value" error={errors["value"]} {...number} />;
  if (what !== "replace") return null;
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
      <TextField
        label={inUnit("The old meter ended at")}
        name="finalValue"
        error={errors["finalValue"]}
        hint="Empty: not read."
        {...number}
      />
      <TextField
        label={inUnit("The new one began at")}
        name="firstValue"
        error={errors["firstValue"]}
        hint="Empty: not read."
        {...number}
      />
    </div>
  );
}
