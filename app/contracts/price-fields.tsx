import { Plus, Trash2 } from "lucide-react";
import {
  kindOf,
  type DynamicDraft,
  type PriceDraft,
  type PriceKind,
  type RateDraft,
  type TieredDraft,
} from "../../domain/tariff/draft.ts";
import { priceOfKind } from "../../domain/tariff/edit-draft.ts";
import { useEditor } from "./editor-context.tsx";
import { CheckField, ChoiceField, DecimalField, IconButton, NameField, scopeChoices, smallButton } from "./fields.tsx";

export const kindChoices = [
  ["flat", "One price"],
  ["time-of-use", "By time, painted on a week"],
  ["tiered", "By amount, in tiers"],
  ["dynamic", "Market price from a channel"],
] as const satisfies readonly (readonly [PriceKind, string])[];

interface PriceFieldsProps<P extends PriceDraft> {
  price: P;
  path: string;
  onPrice: (price: P) => void;
}

/** The price of one rate: flat, by amount or of the market. */
export function RatePriceFields({ price, path, onPrice }: PriceFieldsProps<RateDraft["price"]>) {
  const { sign, unit } = useEditor();
  if (typeof price === "object" && price.kind === "tiered")
    return <TierFields price={price} path={path} onPrice={onPrice} />;
  if (typeof price === "object" && price.kind === "dynamic")
    return <DynamicFields price={price} path={path} onPrice={onPrice} />;
  const flat = typeof price === "object" ? price.price : price;
  return (
    <DecimalField
      label={`Price in ${sign} per ${unit}`}
      path={typeof price === "object" ? `${path}.price` : path}
      value={flat}
      onValue={(text) => onPrice(typeof price === "object" ? { ...price, price: text } : text)}
    />
  );
}

export function KindField({
  price,
  label,
  onPrice,
  isRate = false,
}: {
  price: PriceDraft;
  label: string;
  onPrice: (price: PriceDraft) => void;
  isRate?: boolean;
}) {
  return (
    <ChoiceField
      label={label}
      path=""
      value={kindOf(price)}
      options={isRate ? kindChoices.filter(([kind]) => kind !== "time-of-use") : kindChoices}
      onValue={(kind) => kind !== kindOf(price) && onPrice(priceOfKind(kind, price))}
    />
  );
}

function TierFields({ price, path, onPrice }: PriceFieldsProps<TieredDraft>) {
  const { sign, unit } = useEditor();
  const { tiers } = price;
  const change = (i: number, tier: Partial<TieredDraft["tiers"][number]>) =>
    onPrice({ ...price, tiers: tiers.with(i, { ...tiers[i]!, ...tier }) });
  const add = () => {
    const before = Number(tiers.at(-2)?.upTo ?? 0);
    const next = { upTo: String(before + 100), price: tiers.at(-1)!.price };
    onPrice({ ...price, tiers: [...tiers.slice(0, -1), next, tiers.at(-1)!] });
  };
  return (
    <div className="space-y-3">
      <ol className="space-y-3">
        {tiers.map((tier, i) => {
          const from = i === 0 ? "0" : String(tiers[i - 1]!.upTo ?? "");
          const isLast = i === tiers.length - 1;
          return (
            <li key={i} className="grid grid-cols-[1fr_1fr_auto] items-end gap-3">
              {isLast ? (
                <p className="flex min-h-11 items-center text-sm">
                  {tiers.length > 1 ? `All above ${from} ${unit}` : "All"}
                </p>
              ) : (
                <DecimalField
                  label={i === 0 ? `The first, up to ${unit}` : `Then up to ${unit}`}
                  path={`${path}.tiers.${i}.upTo`}
                  value={tier.upTo}
                  onValue={(upTo) => change(i, { upTo })}
                />
              )}
              <DecimalField
                label={`${sign} per ${unit}`}
                path={`${path}.tiers.${i}.price`}
                value={tier.price}
                onValue={(text) => change(i, { price: text })}
              />
              <IconButton
                label={`Remove tier ${i + 1}`}
                disabled={tiers.length === 1 || isLast}
                onClick={() => onPrice({ ...price, tiers: tiers.toSpliced(i, 1) })}
              >
                <Trash2 className="h-4 w-4" aria-hidden />
              </IconButton>
            </li>
          );
        })}
      </ol>
      <button type="button" className={smallButton} onClick={add} disabled={tiers.length >= 12}>
        <Plus className="h-4 w-4" aria-hidden /> Add a tier
      </button>
      <div className="grid gap-3 sm:grid-cols-2">
        <ChoiceField
          label="The amounts are for"
          path={`${path}.per`}
          value={price.per ?? "month"}
          options={scopeChoices}
          onValue={(per) => onPrice({ ...price, per })}
        />
        <ChoiceField
          label="Counted over"
          path={`${path}.over`}
          value={price.over ?? "same"}
          options={[["same", "the same"], ...scopeChoices]}
          onValue={(over) => {
            const { over: _, ...rest } = price;
            onPrice(over === "same" ? rest : { ...rest, over });
          }}
        />
      </div>
      <CheckField
        label="All energy costs the price of the tier that is reached, not only what lies in it"
        checked={price.whole ?? false}
        onValue={(whole) => onPrice({ ...price, whole })}
      />
    </div>
  );
}

function DynamicFields({ price, path, onPrice }: PriceFieldsProps<DynamicDraft>) {
  const { sign, unit, priceChannels } = useEditor();
  const channel = price.channel ?? "price";
  const isKnown = priceChannels.some(({ value }) => value === channel);
  const options = [
    ...priceChannels.map(({ value, label }) => [value, label] as const),
    ...(isKnown ? [] : [[channel, `${channel} (not measured at this place)`] as const]),
  ];
  const field = (key: "factor" | "markup" | "floor" | "cap" | "fallback", label: string, hint?: string) => (
    <DecimalField
      label={label}
      hint={hint}
      path={`${path}.${key}`}
      value={price[key]}
      placeholder={key === "factor" ? "1" : key === "markup" ? "0" : "none"}
      onValue={(text) => onPrice({ ...price, [key]: text })}
    />
  );
  return (
    <div className="space-y-3">
      <ChoiceField
        label="Price channel"
        path={`${path}.channel`}
        hint={
          isKnown
            ? `A channel that says what a ${unit} costs, each quarter-hour or hour.`
            : "Nothing here sends it yet: add a device that reports a price, or what is billed is the fallback."
        }
        value={channel}
        options={options}
        onValue={(value) => onPrice({ ...price, channel: value })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        {field("factor", "Multiplied by", "1.19 puts 19 % on it")}
        {field("markup", `Then added, ${sign} per ${unit}`)}
        {field("floor", `At least, ${sign} per ${unit}`)}
        {field("cap", `At most, ${sign} per ${unit}`)}
        {field("fallback", `Where no price is known, ${sign} per ${unit}`, "Left empty, such energy is not billed.")}
      </div>
    </div>
  );
}

export function RateNameField(props: { value: string; path: string; onValue: (name: string) => void }) {
  return <NameField label="Name" {...props} />;
}
