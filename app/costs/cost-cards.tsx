import { Link } from "@remix-run/react";
import { useState } from "react";
import type { StepName } from "../../domain/local-time/steps.ts";
import { BarChart, type BarView } from "../charts/bar-chart.tsx";
import { unitSign, type Formats } from "../charts/formats.ts";
import { Legend } from "../charts/legend.tsx";
import { qualityWords } from "../charts/quality-line.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { CsvLink } from "../overview/period-controls.tsx";
import { stepLabel, stepTitle } from "../period/step-words.ts";
import { BillLinks, billPath } from "./bill-links.tsx";
import { co2Text, factorText, leastKg } from "./co2-words.ts";
import { DifferenceWhy } from "./difference-view.tsx";
import { costKinds, kindNames, type CostKind } from "./kinds.ts";
import type { CostsShown, CostStep } from "./load-costs.server.ts";

interface Shown {
  costs: CostsShown;
  currency: string;
  /** null: for a reader who sees this and nothing else. */
  siteId: string | null;
  formats: Formats;
}

/** The contracts whose amounts are in a sum. */
const addedOf = ({ contracts }: CostsShown) => contracts.filter(({ isPart }) => !isPart);

/** The total with what it is made of and what it is compared with. */
export function TotalCard({ costs, currency, siteId, formats }: Shown) {
  const { total, compared, expected, quality, nowMs, period } = costs;
  if (!total?.total) return null;
  const kinds = kindsIn([total]);
  return (
    <Card>
      <h2 className="text-sm font-medium text-slate-600 dark:text-slate-300">
        {period.isRunning ? "So far" : "Total"}
      </h2>
      <p className="mt-1 text-3xl font-semibold tabular-nums tracking-tight" data-testid="costs-total">
        {formats.money(total.total, currency)}
      </p>
      {expected !== null && (
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300" data-testid="costs-expected">
          About {formats.money(expected, currency)} by the end of the {period.range}, if it goes on like this: what it
          is so far, over the {formats.percent((nowMs - period.startMs) / (period.endMs - period.startMs))} that have
          passed.
        </p>
      )}
      <dl className="mt-4 space-y-1.5 text-sm">
        {kinds.map((kind) => (
          <div key={kind} className="flex justify-between gap-4">
            <dt className="text-slate-600 dark:text-slate-300">{kindNames[kind]}</dt>
            <dd className="tabular-nums">{formats.money(total.byKind[kind], currency)}</dd>
          </div>
        ))}
      </dl>
      {compared.length > 0 && (
        <ul className="mt-4 space-y-1 border-t border-slate-100 pt-3 text-sm dark:border-slate-800">
          {compared.map(({ by, total: before, startMs, endMs }) => (
            <li key={by}>
              {difference(Number(total.total) - Number(before), { currency, formats })}{" "}
              <span className="text-slate-600 dark:text-slate-300">
                {by === "year"
                  ? "than a year before"
                  : `than the ${period.range === "custom" ? "period" : period.range} before`}{" "}
                ({formats.day(startMs)} – {formats.day(endMs - 1)} {formats.year(endMs - 1)}:{" "}
                {formats.money(before, currency)})
              </span>{" "}
              {siteId !== null && (
                <DifferenceWhy
                  {...{ siteId, period, by, currency, formats }}
                  words={by === "year" ? "than a year before" : "than before"}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <p className="mt-3">
        <BillLinks siteId={siteId} contracts={addedOf(costs)} days={period} />
      </p>
      {quality && (
        <p className="mt-3 text-sm text-slate-500 dark:text-slate-400">{qualityWords(quality, formats, nowMs)}.</p>
      )}
    </Card>
  );
}

function difference(more: number, { currency, formats }: { currency: string; formats: Formats }): string {
  if (Math.abs(more) < 0.005) return "As much as";
  return `${formats.money(String(Math.abs(more)), currency)} ${more > 0 ? "more" : "less"}`;
}

const kindsIn = (steps: readonly CostStep[]): CostKind[] =>
  costKinds.filter((kind) => steps.some(({ byKind }) => Math.abs(Number(byKind[kind])) > 1e-9));

/** By contract, each with the way to its bill. */
export function ContractsCard({ costs, currency, formats, siteId }: Shown) {
  const { contracts, period } = costs;
  return (
    <Card className="mt-4">
      <CardTitle
        aside={
          siteId && (
            <Link to={`/sites/${siteId}/contracts`} className="text-sm underline">
              Contracts
            </Link>
          )
        }
      >
        By contract
      </CardTitle>
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {contracts.map((one) => (
          <li key={one.id ?? "price"} className="flex flex-wrap items-center justify-between gap-x-4 py-2">
            <span>
              {siteId === null ? (
                <span className="font-medium">{one.name}</span>
              ) : (
                <Link
                  to={billPath(siteId, one.id, period)}
                  className="font-medium underline decoration-slate-300 underline-offset-4 hover:decoration-current dark:decoration-slate-600"
                >
                  {one.name}
                </Link>
              )}
              <span className="ml-2 text-sm text-slate-500 dark:text-slate-400">
                {one.medium}, {formats.number(one.imported, 1)} {unitSign(one.unit)}
                {one.exported > 0.05 && `, ${formats.number(one.exported, 1)} ${unitSign(one.unit)} fed in`}
                {one.isPart && ", part of the site's own contract: not added"}
              </span>
            </span>
            <span className="tabular-nums">{formats.money(one.total, currency)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface BarsProps extends Shown {
  step: StepName;
  /** null: for a reader who sees this and nothing else. */
  csv: string | null;
}

/** Costs step by step, stacked by kind; what is paid for feeding in goes down. */
export function CostBars({ costs, currency, siteId, formats, step, csv }: BarsProps) {
  const { bars, nowMs } = costs;
  const [chosen, setChosen] = useState<number | null>(null);
  const kinds = kindsIn(bars);
  const title = (bar: CostStep) => titleOf(bar, { kinds, step, currency, formats });
  const views = bars.map((bar): BarView => {
    const part = (kind: CostKind, sign: 1 | -1) => ({
      tone: kind,
      value: Math.max(0, sign * Number(bar.byKind[kind])),
    });
    return {
      key: bar.startMs,
      ...stepLabel(bar.startMs, step, formats),
      title: title(bar),
      up: kinds.map((kind) => part(kind, 1)),
      down: kinds.map((kind) => part(kind, -1)),
      estimated: bar.estimatedShare,
      isIncomplete: bar.endMs < nowMs && bar.completeness < 0.995,
      isAhead: false,
    };
  });
  const shown = bars.find(({ startMs }) => startMs === chosen) ?? bars.at(-1);
  return (
    <Card>
      <CardTitle aside={csv && <CsvLink href={csv} label="Download these costs as CSV" />}>
        {step === "hour" ? "By the hour" : `By ${step}`}
      </CardTitle>
      <BarChart
        bars={views}
        label={`Costs by ${step}`}
        unit={currency}
        format={(value) => formats.number(value, 2)}
        chosen={shown?.startMs ?? null}
        onChoose={setChosen}
      />
      <div className="mt-3">
        <Legend
          shown={kinds}
          hasEstimated={bars.some(({ estimatedShare }) => estimatedShare > 0)}
          hasIncomplete={views.some(({ isIncomplete }) => isIncomplete)}
        />
      </div>
      {shown && (
        <div className="mt-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
          <p className="text-sm text-slate-600 dark:text-slate-300" aria-live="polite">
            {title(shown)}
          </p>
          {shown.total !== null && (
            <BillLinks {...{ siteId, contracts: addedOf(costs), days: daysOf(shown, formats) }} />
          )}
        </div>
      )}
    </Card>
  );
}

/** The local days of a step; of an hour its day. */
const daysOf = ({ startMs, endMs }: CostStep, formats: Formats) => ({
  first: formats.isoDate(startMs),
  last: formats.isoDate(endMs - 1),
});

function titleOf(
  { startMs, total, byKind, completeness }: CostStep,
  { kinds, step, currency, formats }: { kinds: CostKind[]; step: StepName; currency: string; formats: Formats },
): string {
  const when = stepTitle(startMs, step, formats);
  if (total === null) return `${when}: no contract holds.`;
  const parts = kinds.map((kind) => `${kindNames[kind].toLowerCase()} ${formats.money(byKind[kind], currency)}`);
  const known = completeness < 0.995 ? `, ${formats.percent(completeness)} known` : "";
  return `${when}: ${formats.money(total, currency)} (${parts.join(", ")})${known}.`;
}

/** What the energy of the period emitted. */
export function EmissionsCard({ costs, formats }: Pick<Shown, "costs" | "formats">) {
  const { emissions } = costs;
  if (!emissions) return null;
  const { importKg, avoidedKg, unknownKwh } = emissions;
  const factor = factorText(emissions, formats);
  return (
    <Card className="mt-4">
      <CardTitle>CO₂</CardTitle>
      <p className="text-2xl font-semibold tabular-nums" data-testid="co2">
        {co2Text(importKg, formats)}
      </p>
      <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
        emitted for the electricity from the grid
        {factor && `, ${factor}`}.
        {avoidedKg > leastKg && ` What was fed in avoided ${co2Text(avoidedKg, formats)} elsewhere.`}
        {unknownKwh > 0.05 && ` ${formats.energy(unknownKwh)} have no known intensity, and are left out.`}
      </p>
    </Card>
  );
}
