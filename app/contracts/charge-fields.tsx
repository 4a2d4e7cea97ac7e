import type { ComponentDraftOf, TariffDraft } from "../../domain/tariff/draft.ts";
import { idsOf, withBase } from "../../domain/tariff/edit-components.ts";
import { TextField } from "../components/form.tsx";
import { componentWords } from "./component-words.ts";
import { useEditor, useFault } from "./editor-context.tsx";
import { CheckField, ChoiceField, CountField, DecimalField, scopeChoices } from "./fields.tsx";

interface ChargeProps<T extends "standing" | "credit"> {
  component: ComponentDraftOf<T>;
  path: string;
  onComponent: (component: ComponentDraftOf<T>) => void;
}

export function StandingFields({ component, path, onComponent }: ChargeProps<"standing">) {
  const { sign } = useEditor();
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <DecimalField
        label={`Amount in ${sign}`}
        path={`${path}.amount`}
        value={component.amount}
        onValue={(amount) => onComponent({ ...component, amount })}
      />
      <ChoiceField
        label="For"
        path={`${path}.per`}
        value={component.per}
        options={scopeChoices}
        onValue={(per) => onComponent({ ...component, per })}
      />
    </div>
  );
}

export function CreditFields({ component, path, onComponent }: ChargeProps<"credit">) {
  const { sign } = useEditor();
  const fault = useFault(`${path}.on`);
  const { on: _, ...rest } = component;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <DecimalField
        label={`Amount in ${sign}, taken off`}
        path={`${path}.amount`}
        value={component.amount}
        onValue={(amount) => onComponent({ ...component, amount })}
      />
      <ChoiceField
        label="For"
        path={`${path}.per`}
        value={component.per}
        options={[...scopeChoices, ["once", "once, on a day"] as const]}
        onValue={(per) => onComponent(per === "once" ? { ...component, per } : { ...rest, per })}
      />
      {component.per === "once" && (
        <TextField
          label="On"
          type="date"
          value={component.on ?? ""}
          onChange={(event) => onComponent({ ...component, on: event.target.value })}
          error={fault}
        />
      )}
    </div>
  );
}

interface BasedProps {
  draft: TariffDraft;
  index: number;
  onDraft: (draft: TariffDraft) => void;
}

/** Which of the components before it a tax is on, or net metering sets off. */
function BaseFields({ draft, index, onDraft, can, all }: BasedProps & { can: readonly string[]; all: string }) {
  const component = draft.components[index] as ComponentDraftOf<"tax" | "net-metering">;
  const ids = idsOf(draft);
  const fault = useFault(`components.${index}.on`);
  const before = draft.components.slice(0, index);
  const eligible = before.flatMap(({ type }, i) => (can.includes(type) ? [i] : []));
  const chosen = component.on ? before.flatMap((_, i) => (component.on!.includes(ids[i]!) ? [i] : [])) : null;
  return (
    <fieldset>
      <legend className="text-sm font-medium">On</legend>
      <CheckField
        label={all}
        checked={chosen === null}
        onValue={(isAll) => onDraft(withBase(draft, index, isAll ? null : eligible))}
      />
      {chosen !== null && (
        <div className="grid pl-8 sm:grid-cols-2">
          {eligible.map((i) => (
            <CheckField
              key={i}
              label={before[i]!.name ?? componentWords[before[i]!.type].name}
              checked={chosen.includes(i)}
              onValue={(isOn) =>
                onDraft(withBase(draft, index, isOn ? [...chosen, i].sort() : chosen.filter((c) => c !== i)))
              }
            />
          ))}
        </div>
      )}
      {fault && <p className="text-sm text-rose-700 dark:text-rose-400">{fault}</p>}
    </fieldset>
  );
}

export function TaxFields({ draft, index, onDraft }: BasedProps) {
  const component = draft.components[index] as ComponentDraftOf<"tax">;
  const set = (percent: string) =>
    onDraft({ ...draft, components: draft.components.with(index, { ...component, percent }) });
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <DecimalField label="Percent" path={`components.${index}.percent`} value={component.percent} onValue={set} />
      </div>
      <BaseFields
        {...{ draft, index, onDraft }}
        can={["energy", "standing", "levy", "feed-in", "demand", "credit", "net-metering", "tax"]}
        all="All that stands before it, but feed-in"
      />
    </div>
  );
}

export function NetMeteringFields({ draft, index, onDraft }: BasedProps) {
  const { sign, unit } = useEditor();
  const component = draft.components[index] as ComponentDraftOf<"net-metering">;
  const path = `components.${index}`;
  const expiresFault = useFault(`${path}.expiresOn`);
  const set = (next: ComponentDraftOf<"net-metering">) =>
    onDraft({ ...draft, components: draft.components.with(index, next) });
  const { expiresAfter, expiresOn, ...unexpiring } = component;
  const expiry = expiresAfter !== undefined ? "after" : expiresOn !== undefined ? "on" : "never";
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <ChoiceField
          label="Set off every"
          path={`${path}.every`}
          value={component.every ?? "billing-period"}
          options={[
            ["month", "month"],
            ["year", "year"],
            ["billing-period", "billing period"],
          ]}
          onValue={(every) => set({ ...component, every })}
        />
        <ChoiceField
          label="What is banked lapses"
          path=""
          value={expiry}
          options={[
            ["never", "never"],
            ["after", "after so many periods"],
            ["on", "on a day of the year"],
          ]}
          onValue={(when) =>
            set({
              ...unexpiring,
              ...(when === "after" && { expiresAfter: 12 }),
              ...(when === "on" && { expiresOn: "04-01" }),
            })
          }
        />
        {expiresAfter !== undefined && (
          <CountField
            label="After periods"
            path={`${path}.expiresAfter`}
            min={1}
            max={120}
            value={expiresAfter}
            onValue={(count) => set({ ...component, expiresAfter: count })}
          />
        )}
        {expiresOn !== undefined && (
          <TextField
            label="On, month and day"
            hint="04-01 is the first of April."
            value={expiresOn}
            onChange={(event) => set({ ...component, expiresOn: event.target.value })}
            error={expiresFault}
          />
        )}
        <DecimalField
          label={`Paid for what lapses, ${sign} per ${unit}`}
          path={`${path}.expiryPrice`}
          value={component.expiryPrice}
          placeholder="0"
          onValue={(expiryPrice) => set({ ...component, expiryPrice: expiryPrice || "0" })}
        />
      </div>
      <CheckField
        label="What is left is kept for later periods"
        checked={component.bank ?? true}
        onValue={(bank) => set({ ...component, bank })}
      />
      <BaseFields {...{ draft, index, onDraft }} can={["energy", "levy"]} all="All energy and levies before it" />
    </div>
  );
}
