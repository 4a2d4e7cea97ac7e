import { Plus, Trash2 } from "lucide-react";
import { kindOf, type RateDraft, type TariffDraft, type TimeOfUseDraft } from "../../domain/tariff/draft.ts";
import {
  clockOf,
  repainted,
  splitBySeason,
  withoutRate,
  withRate,
  type PricedDraft,
} from "../../domain/tariff/edit-draft.ts";
import { weeksOf } from "../../domain/tariff/week.ts";
import { overlapOf } from "../../domain/tariff/year-days.ts";
import { useFault } from "./editor-context.tsx";
import { CheckField, IconButton, smallButton } from "./fields.tsx";
import { ReadOnlyJson } from "./read-only-json.tsx";
import { KindField, RateNameField, RatePriceFields } from "./price-fields.tsx";
import { rateLook } from "./rate-looks.ts";
import { WeekPainter } from "./week-painter.tsx";

interface ClockProps {
  draft: TariffDraft;
  index: number;
  onDraft: (draft: TariffDraft) => void;
}

/** The rates of a price by time, and the week on which they are painted. */
export function TimeOfUseFields({ draft, index, onDraft }: ClockProps) {
  const component = draft.components[index] as PricedDraft;
  const price = component.price as TimeOfUseDraft;
  const path = `components.${index}.price.rates`;
  const fault = useFault(path);
  const weeks = weeksOf(price, draft.seasons ?? {});
  const setPrice = (next: TimeOfUseDraft) =>
    onDraft({ ...draft, components: draft.components.with(index, { ...component, price: next }) });
  const setRate = (i: number, rate: RateDraft) => setPrice({ ...price, rates: price.rates.with(i, rate) });
  return (
    <div className="space-y-4">
      <ol className="space-y-3">
        {price.rates.map((rate, i) => (
          <Rate
            key={i}
            rate={rate}
            index={i}
            path={`${path}.${i}`}
            onRate={(next) => setRate(i, next)}
            onRemove={price.rates.length > 1 ? () => setPrice(withoutRate(price, i, weeks)) : null}
          />
        ))}
      </ol>
      <button
        type="button"
        className={smallButton}
        disabled={price.rates.length >= 48}
        onClick={() => setPrice(withRate(price, `Rate ${price.rates.length + 1}`))}
      >
        <Plus className="h-4 w-4" aria-hidden /> Add a rate
      </button>
      {fault && <p className="text-sm text-rose-700 dark:text-rose-400">{fault}</p>}
      <ClockPainter draft={draft} index={index} onDraft={onDraft} />
    </div>
  );
}

interface RateProps {
  rate: RateDraft;
  index: number;
  path: string;
  onRate: (rate: RateDraft) => void;
  onRemove: (() => void) | null;
}

function Rate({ rate, index, path, onRate, onRemove }: RateProps) {
  const look = rateLook(index);
  const unpainted = useFault(`${path}.when`);
  const isFlat = kindOf(rate.price) === "flat";
  const fields = (
    <RatePriceFields price={rate.price} path={`${path}.price`} onPrice={(price) => onRate({ ...rate, price })} />
  );
  return (
    <li className="rounded-xl border border-slate-200 p-3 dark:border-slate-800">
      <div className="flex items-start gap-3">
        <span
          aria-hidden
          className={`mt-7 flex h-9 w-9 shrink-0 items-center justify-center rounded-lg text-sm font-bold ${look.className}`}
        >
          {look.letter}
        </span>
        <div className={`grid min-w-0 flex-1 gap-3 ${isFlat ? "sm:grid-cols-[2fr_1.3fr_1.3fr]" : "sm:grid-cols-2"}`}>
          <RateNameField value={rate.name} path={`${path}.name`} onValue={(name) => onRate({ ...rate, name })} />
          <KindField
            isRate
            label="Its price"
            price={rate.price}
            onPrice={(price) => onRate({ ...rate, price: price as RateDraft["price"] })}
          />
          {isFlat && fields}
        </div>
        <span className="mt-6">
          <IconButton label={`Remove ${rate.name || "the rate"}`} disabled={!onRemove} onClick={onRemove ?? undefined}>
            <Trash2 className="h-4 w-4" aria-hidden />
          </IconButton>
        </span>
      </div>
      {!isFlat && <div className="mt-3 sm:pl-12">{fields}</div>}
      {unpainted && <p className="mt-2 text-sm text-rose-700 dark:text-rose-400">{unpainted}</p>}
    </li>
  );
}

/** What of a component goes by the clock, painted; where it cannot be, as it stands in the tariff. */
export function ClockPainter({ draft, index, onDraft }: ClockProps) {
  const price = clockOf(draft.components[index]!);
  if (price === null) return null;
  const seasons = draft.seasons ?? {};
  const weeks = weeksOf(price, seasons);
  if (weeks === null) return <Unpainted price={price} overlap={overlapOf(seasons)} />;
  const isSeasonal = weeks[0]!.season !== null;
  return (
    <div className="space-y-3">
      {(isSeasonal || Object.keys(seasons).length > 0) && (
        <CheckField
          label="Different by season"
          checked={isSeasonal}
          onValue={(by) => onDraft(repainted(draft, index, splitBySeason(weeks, by ? seasons : null)))}
        />
      )}
      <WeekPainter
        weeks={weeks}
        rates={price.rates.map(({ name }) => name)}
        onWeeks={(next) => onDraft(repainted(draft, index, next))}
      />
    </div>
  );
}

function Unpainted({ price, overlap }: { price: TimeOfUseDraft; overlap: [string, string] | null }) {
  return (
    <div className="space-y-2 text-sm">
      <p>
        {overlap
          ? `The seasons ${overlap[0]} and ${overlap[1]} share days: mend their dates, and the week can be painted.`
          : "When these rates hold goes by months or by lists of days, which cannot be painted on a week. It stays as it is; names and prices can be changed above."}
      </p>
      <ReadOnlyJson title="When each rate holds" value={price.rates.map(({ name, when }) => ({ name, when }))} />
    </div>
  );
}
