import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { kindOf, type ComponentDraft, type ComponentDraftOf, type TariffDraft } from "../../domain/tariff/draft.ts";
import { movedComponent, withoutComponent } from "../../domain/tariff/edit-components.ts";
import { isPriced, type PricedDraft } from "../../domain/tariff/edit-draft.ts";
import { Card } from "../components/frame.tsx";
import { CreditFields, NetMeteringFields, StandingFields, TaxFields } from "./charge-fields.tsx";
import { componentWords } from "./component-words.ts";
import { DemandFields } from "./demand-fields.tsx";
import { useEditor } from "./editor-context.tsx";
import { CheckField, ChoiceField, DecimalField, IconButton, NameField, scopeChoices } from "./fields.tsx";
import { KindField, RatePriceFields } from "./price-fields.tsx";
import { ReadOnlyJson } from "./read-only-json.tsx";
import { TimeOfUseFields } from "./time-of-use-fields.tsx";

interface ComponentCardProps {
  draft: TariffDraft;
  index: number;
  onDraft: (draft: TariffDraft) => void;
}

/** One component of a tariff: what becomes a line of the bill, or several. */
export function ComponentCard({ draft, index, onDraft }: ComponentCardProps) {
  const component = draft.components[index]!;
  const words = componentWords[component.type];
  const last = draft.components.length - 1;
  const name = component.name || words.name;
  const set = (next: ComponentDraft) => onDraft({ ...draft, components: draft.components.with(index, next) });
  return (
    <Card>
      <div className="mb-3 flex items-start justify-between gap-2">
        <div>
          <h3 className="font-semibold">{name}</h3>
          <p className="text-sm text-slate-600 dark:text-slate-300">{words.what}</p>
        </div>
        <div className="flex">
          <IconButton
            label={`Move ${name} up`}
            disabled={index === 0}
            onClick={() => onDraft(movedComponent(draft, index, index - 1))}
          >
            <ArrowUp className="h-4 w-4" aria-hidden />
          </IconButton>
          <IconButton
            label={`Move ${name} down`}
            disabled={index === last}
            onClick={() => onDraft(movedComponent(draft, index, index + 1))}
          >
            <ArrowDown className="h-4 w-4" aria-hidden />
          </IconButton>
          <IconButton
            label={`Remove ${name}`}
            disabled={last === 0}
            onClick={() => onDraft(withoutComponent(draft, index))}
          >
            <Trash2 className="h-4 w-4" aria-hidden />
          </IconButton>
        </div>
      </div>
      <div className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <NameField
            label="The bill calls it"
            path={`components.${index}.name`}
            value={component.name}
            placeholder={words.name}
            onValue={(text) => set({ ...component, name: text })}
          />
          {isPriced(component) && (
            <KindField label="Its price" price={component.price} onPrice={(price) => set({ ...component, price })} />
          )}
        </div>
        <Fields draft={draft} index={index} onDraft={onDraft} />
        <Unshown component={component} />
      </div>
    </Card>
  );
}

function Fields(props: ComponentCardProps) {
  const { draft, index, onDraft } = props;
  const component = draft.components[index]!;
  const path = `components.${index}`;
  const set = (next: ComponentDraft) => onDraft({ ...draft, components: draft.components.with(index, next) });
  if (isPriced(component)) return <PricedFields {...props} component={component} onComponent={set} />;
  switch (component.type) {
    case "standing":
      return <StandingFields component={component} path={path} onComponent={set} />;
    case "credit":
      return <CreditFields component={component} path={path} onComponent={set} />;
    case "demand":
      return <DemandFields {...props} />;
    case "net-metering":
      return <NetMeteringFields {...props} />;
    case "tax":
      return <TaxFields {...props} />;
  }
}

function PricedFields({
  component,
  onComponent,
  ...props
}: ComponentCardProps & { component: PricedDraft; onComponent: (component: PricedDraft) => void }) {
  const path = `components.${props.index}`;
  const { price } = component;
  const isByVolume = props.draft.medium === "gas" && props.draft.kwhPerM3 !== undefined;
  return (
    <>
      {isByVolume && (
        <ChoiceField
          label="Priced per"
          path={`${path}.unit`}
          value={component.unit ?? "kWh"}
          options={[
            ["kWh", "kWh"],
            ["m3", "m³"],
          ]}
          onValue={(unit) => onComponent({ ...component, unit })}
        />
      )}
      {kindOf(price) === "time-of-use" ? (
        <TimeOfUseFields {...props} />
      ) : (
        <RatePriceFields
          price={price as Exclude<typeof price, { kind: "time-of-use" }>}
          path={`${path}.price`}
          onPrice={(next) => onComponent({ ...component, price: next })}
        />
      )}
      {component.type === "energy" && <CapFields component={component} path={path} onComponent={onComponent} />}
    </>
  );
}

function CapFields({
  component,
  path,
  onComponent,
}: {
  component: ComponentDraftOf<"energy">;
  path: string;
  onComponent: (component: ComponentDraftOf<"energy">) => void;
}) {
  const { sign, unit } = useEditor();
  const { cap, ...uncapped } = component;
  return (
    <div className="space-y-3">
      <CheckField
        label="A price cap up to a quota"
        checked={cap !== undefined}
        onValue={(is) =>
          onComponent(is ? { ...component, cap: { price: "0.40", quota: "2900", per: "year" } } : uncapped)
        }
      />
      {cap && (
        <div className="grid gap-3 sm:grid-cols-3">
          <DecimalField
            label={`At most, ${sign} per ${unit}`}
            path={`${path}.cap.price`}
            value={cap.price}
            onValue={(price) => onComponent({ ...component, cap: { ...cap, price } })}
          />
          <DecimalField
            label={`For the first ${unit}`}
            path={`${path}.cap.quota`}
            value={cap.quota}
            onValue={(quota) => onComponent({ ...component, cap: { ...cap, quota } })}
          />
          <ChoiceField
            label="Of"
            path={`${path}.cap.per`}
            value={cap.per ?? "year"}
            options={scopeChoices}
            onValue={(per) => onComponent({ ...component, cap: { ...cap, per } })}
          />
        </div>
      )}
    </div>
  );
}

/** What a component holds that has no field here; it is kept. */
function Unshown({ component }: { component: ComponentDraft }) {
  const cap = component.type === "energy" && component.cap?.over ? { "cap.over": component.cap.over } : {};
  const unshown = { ...(component.rounding !== undefined && { rounding: component.rounding }), ...cap };
  if (Object.keys(unshown).length === 0) return null;
  return <ReadOnlyJson title="Also in the tariff, and kept" value={unshown} />;
}
