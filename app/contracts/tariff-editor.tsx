import { holidayPresets } from "../../domain/tariff/holidays.ts";
import { Plus } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import type { TariffDraft } from "../../domain/tariff/draft.ts";
import { componentTypes, withComponent } from "../../domain/tariff/edit-components.ts";
import { meterUnit } from "../../domain/tariff/tariff.ts";
import { useFormats } from "../charts/use-formats.ts";
import { TextField } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { ComponentCard } from "./component-card.tsx";
import { componentWords } from "./component-words.ts";
import { EditorProvider } from "./editor-context.tsx";
import { ChoiceField, CountField, DecimalField, NameField, smallButton } from "./fields.tsx";
import { JsonPanel } from "./json-panel.tsx";
import type { Preview } from "./preview.ts";
import { PreviewBar, PreviewCard } from "./preview-card.tsx";
import { DayListFields, SeasonFields } from "./year-fields.tsx";

interface TariffEditorProps {
  draft: TariffDraft;
  onDraft: (draft: TariffDraft) => void;
  preview: { preview: Preview | null; isStale: boolean; isLost: boolean };
  timezone: string;
  priceChannels: readonly { value: string; label: string }[];
  /** The form that saves it. */
  children: ReactNode;
}

/** A tariff in cards, with the last bill by it beside them. */
export function TariffEditor({ draft, onDraft, preview, timezone, priceChannels, children }: TariffEditorProps) {
  const formats = useFormats(timezone);
  const sign = signOf(draft.currency, formats.locale);
  const medium = draft.medium ?? "electricity";
  const unit = draft.kwhPerM3 === undefined && meterUnit({ medium }) === "m3" ? "m³" : "kWh";
  const faults = preview.preview?.faults ?? [];
  return (
    <EditorProvider value={{ sign, unit, priceChannels, faults }}>
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-4">
          {draft.components.map((_, index) => (
            <ComponentCard key={index} draft={draft} index={index} onDraft={onDraft} />
          ))}
          <AddComponent draft={draft} onDraft={onDraft} />
          <WholeTariff draft={draft} onDraft={onDraft} />
          <JsonPanel draft={draft} onDraft={onDraft} />
          <PreviewBar preview={preview.preview} formats={formats} />
        </div>
        <div className="space-y-4 xl:sticky xl:top-8">
          <PreviewCard draft={draft} {...preview} formats={formats} />
          {children}
        </div>
      </div>
    </EditorProvider>
  );
}

function signOf(currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.formatToParts(0).find(({ type }) => type === "currency")?.value ?? currency;
}

interface PartProps {
  draft: TariffDraft;
  onDraft: (draft: TariffDraft) => void;
}

function AddComponent({ draft, onDraft }: PartProps) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className="rounded-2xl border border-dashed border-slate-300 p-4 dark:border-slate-700"
    >
      <h3 id={titleId} className="mb-3 text-sm font-semibold">
        Add to the tariff
      </h3>
      <div className="flex flex-wrap gap-2">
        {componentTypes.map((type) => (
          <button
            key={type}
            type="button"
            className={smallButton}
            title={componentWords[type].what}
            onClick={() => onDraft(withComponent(draft, type))}
          >
            <Plus className="h-4 w-4" aria-hidden /> {componentWords[type].name}
          </button>
        ))}
      </div>
    </section>
  );
}

const periods = [1, 2, 3, 4, 6, 12] as const;

function WholeTariff({ draft, onDraft }: PartProps) {
  const months = draft.billing?.months ?? 1;
  const isOdd = !periods.some((known) => known === months);
  const [isCounted, setCounted] = useState(isOdd);
  const start = draft.billing?.start ?? "2000-01-01";
  const set = (billing: { months: number; start: string }) => onDraft({ ...draft, billing });
  return (
    <Card>
      <CardTitle>The whole tariff</CardTitle>
      <div className="space-y-6">
        <div className="grid gap-3 sm:grid-cols-3">
          <NameField
            label="Name of the tariff"
            path="name"
            value={draft.name}
            onValue={(name) => onDraft({ ...draft, name })}
          />
          <ChoiceField
            label="Billed every"
            path="billing.months"
            value={isCounted ? 0 : months}
            options={[
              ...periods.map((n) => [n, n === 1 ? "month" : n === 12 ? "year" : `${n} months`] as const),
              [0, "other"],
            ]}
            onValue={(n) => {
              setCounted(n === 0);
              if (n > 0) set({ months: n, start });
            }}
          />
          {isCounted && (
            <CountField
              label="Months"
              path=""
              min={1}
              max={120}
              value={months}
              onValue={(n) => set({ months: n, start })}
            />
          )}
          <TextField
            label="A period began on"
            type="date"
            hint="Any of them: the others follow."
            value={start}
            onChange={(event) => event.target.value && set({ months, start: event.target.value })}
          />
          {draft.medium === "gas" && (
            <DecimalField
              label="kWh in a m³"
              hint="From the bill: calorific value × correction. Left empty, the price is per m³."
              path="kwhPerM3"
              value={draft.kwhPerM3}
              onValue={(kwhPerM3) => onDraft({ ...draft, kwhPerM3 })}
            />
          )}
        </div>
        <SeasonFields draft={draft} onDraft={onDraft} />
        <DayListFields
          title="Public holidays"
          hint="Days that have the prices of the row Hol, whatever weekday they are. A country's own are a start: your supplier may count others."
          path="holidays"
          days={draft.holidays ?? []}
          presets={holidayPresets}
          onDays={(holidays) => onDraft({ ...draft, holidays })}
        />
        {Object.entries(draft.dayLists ?? {}).map(([name, days]) => (
          <DayListFields
            key={name}
            title={`Days of the list "${name}"`}
            hint="Days that a price of this tariff names."
            path={`dayLists.${name}`}
            days={days}
            onDays={(next) => onDraft({ ...draft, dayLists: { ...draft.dayLists, [name]: next } })}
          />
        ))}
      </div>
    </Card>
  );
}
