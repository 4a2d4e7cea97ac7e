import { Plus, Trash2 } from "lucide-react";
import type { ComponentDraftOf, TariffDraft } from "../../domain/tariff/draft.ts";
import { useEditor } from "./editor-context.tsx";
import { CheckField, ChoiceField, CountField, DecimalField, IconButton, scopeChoices, smallButton } from "./fields.tsx";
import { ClockPainter } from "./time-of-use-fields.tsx";

type Demand = ComponentDraftOf<"demand">;

/** A charge on the highest mean power: what is measured, which peaks count, when, and what they cost. */
export function DemandFields({
  draft,
  index,
  onDraft,
}: {
  draft: TariffDraft;
  index: number;
  onDraft: (draft: TariffDraft) => void;
}) {
  const component = draft.components[index] as Demand;
  const path = `components.${index}`;
  const set = (next: Demand) => onDraft({ ...draft, components: draft.components.with(index, next) });
  const { when, ...always } = component;
  return (
    <div className="space-y-4">
      <PriceOrSteps component={component} path={path} onComponent={set} />
      <div className="grid gap-3 sm:grid-cols-2">
        <ChoiceField
          label="For"
          path={`${path}.per`}
          value={component.per ?? "billing-period"}
          options={scopeChoices}
          onValue={(per) => set({ ...component, per })}
        />
        <ChoiceField
          label="Mean power of"
          path={`${path}.interval`}
          value={component.interval ?? 15}
          options={[
            [15, "15 minutes"],
            [30, "30 minutes"],
            [60, "60 minutes"],
          ]}
          onValue={(interval) => set({ ...component, interval })}
        />
        <ChoiceField
          label="The peak is sought in each"
          path={`${path}.peakOf`}
          value={component.peakOf ?? "billing-period"}
          options={[
            ["month", "calendar month"],
            ["billing-period", "billing period"],
          ]}
          onValue={(peakOf) => set({ ...component, peakOf })}
        />
        <ChoiceField
          label="Of what flows"
          path={`${path}.flow`}
          value={component.flow ?? "import"}
          options={[
            ["import", "from the grid"],
            ["export", "to the grid"],
          ]}
          onValue={(flow) => set({ ...component, flow })}
        />
      </div>
      <Basis component={component} path={path} onComponent={set} />
      <DecimalField
        label="Each peak counts as at least, kW"
        path={`${path}.minimumKw`}
        value={component.minimumKw}
        placeholder="none"
        onValue={(minimumKw) => set({ ...component, minimumKw })}
      />
      <CheckField
        label="Counts at certain times only"
        checked={when !== undefined}
        onValue={(is) => set(is ? { ...always, when: [{ days: ["workday"], hours: ["08:00-20:00"] }] } : always)}
      />
      <ClockPainter draft={draft} index={index} onDraft={onDraft} />
    </div>
  );
}

interface PartProps {
  component: Demand;
  path: string;
  onComponent: (component: Demand) => void;
}

function PriceOrSteps({ component, path, onComponent }: PartProps) {
  const { sign } = useEditor();
  const { price, steps, ...rest } = component;
  const change = (i: number, step: Partial<NonNullable<Demand["steps"]>[number]>) =>
    onComponent({ ...component, steps: steps!.with(i, { ...steps![i]!, ...step }) });
  return (
    <div className="space-y-3">
      <ChoiceField
        label="It costs"
        path=""
        value={steps ? "steps" : "price"}
        options={[
          ["price", "a price per kW"],
          ["steps", "a fixed amount by the kW that are reached"],
        ]}
        onValue={(how) =>
          onComponent(
            how === "price"
              ? { ...rest, price: "8" }
              : { ...rest, steps: [{ upTo: "5", amount: price ?? "10" }, { amount: price ?? "20" }] },
          )
        }
      />
      {!steps && (
        <DecimalField
          label={`Price in ${sign} per kW`}
          path={`${path}.price`}
          value={price}
          onValue={(text) => onComponent({ ...component, price: text })}
        />
      )}
      {steps?.map((step, i) => {
        const isLast = i === steps.length - 1;
        return (
          <div key={i} className="grid grid-cols-[1fr_1fr_auto] items-end gap-3">
            {isLast ? (
              <p className="flex min-h-11 items-center text-sm">All above</p>
            ) : (
              <DecimalField
                label="Up to kW"
                path={`${path}.steps.${i}.upTo`}
                value={step.upTo}
                onValue={(upTo) => change(i, { upTo })}
              />
            )}
            <DecimalField
              label={`Amount in ${sign}`}
              path={`${path}.steps.${i}.amount`}
              value={step.amount}
              onValue={(amount) => change(i, { amount })}
            />
            <IconButton
              label={`Remove step ${i + 1}`}
              disabled={isLast}
              onClick={() => onComponent({ ...component, steps: steps.toSpliced(i, 1) })}
            >
              <Trash2 className="h-4 w-4" aria-hidden />
            </IconButton>
          </div>
        );
      })}
      {steps && (
        <button
          type="button"
          className={smallButton}
          onClick={() => {
            const upTo = String(Number(steps.at(-2)?.upTo ?? 0) + 5);
            onComponent({ ...component, steps: steps.toSpliced(-1, 0, { upTo, amount: steps.at(-1)!.amount }) });
          }}
        >
          <Plus className="h-4 w-4" aria-hidden /> Add a step
        </button>
      )}
    </div>
  );
}

function Basis({ component, path, onComponent }: PartProps) {
  const basis = component.basis ?? { kind: "highest" };
  const set = (next: NonNullable<Demand["basis"]>) => onComponent({ ...component, basis: next });
  return (
    <div className="grid items-end gap-3 sm:grid-cols-2">
      <ChoiceField
        label="What counts"
        path={`${path}.basis`}
        value={basis.kind}
        options={[
          ["highest", "the highest peak"],
          ["mean-of-highest", "the mean of the highest"],
          ["rolling-mean", "the mean of the months' peaks"],
          ["ratchet", "the highest, and a part of the months before"],
        ]}
        onValue={(kind) =>
          set(
            kind === "mean-of-highest"
              ? { kind, count: 3, oneADay: true }
              : kind === "rolling-mean"
                ? { kind, months: 12 }
                : kind === "ratchet"
                  ? { kind, months: 11, percent: "80" }
                  : { kind },
          )
        }
      />
      {basis.kind === "mean-of-highest" && (
        <>
          <CountField
            label="How many"
            path={`${path}.basis.count`}
            min={2}
            max={100}
            value={basis.count}
            onValue={(count) => set({ ...basis, count })}
          />
          <CheckField
            label="At most one of each day"
            checked={basis.oneADay ?? false}
            onValue={(oneADay) => set({ ...basis, oneADay })}
          />
        </>
      )}
      {basis.kind === "rolling-mean" && (
        <CountField
          label="Months"
          path={`${path}.basis.months`}
          min={2}
          max={36}
          value={basis.months ?? 12}
          onValue={(months) => set({ ...basis, months })}
        />
      )}
      {basis.kind === "ratchet" && (
        <>
          <CountField
            label="Months before"
            path={`${path}.basis.months`}
            min={1}
            max={36}
            value={basis.months ?? 11}
            onValue={(months) => set({ ...basis, months })}
          />
          <DecimalField
            label="Percent of their highest"
            path={`${path}.basis.percent`}
            value={basis.percent}
            placeholder="100"
            onValue={(percent) => set({ ...basis, percent: percent || "100" })}
          />
        </>
      )}
    </div>
  );
}
