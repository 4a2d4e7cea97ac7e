import { Link } from "@remix-run/react";
import { useState } from "react";
import { BarChart, type BarView } from "../charts/bar-chart.tsx";
import type { Formats } from "../charts/formats.ts";
import { Legend } from "../charts/legend.tsx";
import { tonesOf, type FlowTone } from "../charts/tones.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { WhySite } from "../overview/why-site.tsx";
import { CsvLink } from "../overview/period-controls.tsx";
import { co2Text, factorText, leastKg } from "../costs/co2-words.ts";
import type { StepName } from "../../domain/local-time/steps.ts";
import { stepLabel, stepTitle } from "../period/step-words.ts";
import type { Consumer, ShownFlow } from "./load-flows.server.ts";

/** The figures of a period. What a site cannot have is not shown. */
export function FlowFigures({ total, formats }: { total: ShownFlow; formats: Formats }) {
  const facts: { name: string; value: string; hint?: string }[] = [];
  const energy = (name: string, kwh: number) => kwh > 0.0005 && facts.push({ name, value: formats.energy(kwh) });
  facts.push({ name: "Used", value: formats.energy(total.consumption) });
  if (total.hasGrid) energy("From the grid", total.importKwh);
  energy("Produced", total.productionKwh);
  if (total.hasGrid) energy("To the grid", total.exportKwh);
  energy("Into the battery", total.chargeKwh);
  energy("From the battery", total.dischargeKwh);
  const own = total.productionKwh > 0 || total.dischargeKwh > 0;
  if (own && total.selfSufficiency !== null) {
    const bought = total.ways["grid>battery"];
    facts.push({
      name: "Self-sufficiency",
      value: formats.percent(total.selfSufficiency),
      hint: `of what was used did not come straight from the grid${bought > 0.0005 ? `; ${formats.energy(bought)} of it were bought into the battery` : ""}`,
    });
  }
  if (total.selfConsumption !== null) {
    const hint = "of what was produced was used or stored here";
    facts.push({ name: "Self-consumption", value: formats.percent(total.selfConsumption), hint });
  }
  facts.push(...co2Facts(total, formats));
  return (
    <dl className="mb-4 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
      {facts.map(({ name, value, hint }) => (
        <div
          key={name}
          className="rounded-2xl border border-slate-200 bg-white p-4 shadow-sm dark:border-slate-800 dark:bg-slate-900"
        >
          <dt className="text-sm text-slate-600 dark:text-slate-300">{name}</dt>
          <dd className="mt-1 text-xl font-semibold tabular-nums">{value}</dd>
          {hint && <dd className="mt-1 text-xs text-slate-500 dark:text-slate-400">{hint}</dd>}
        </div>
      ))}
    </dl>
  );
}

function co2Facts({ emissions }: ShownFlow, formats: Formats): { name: string; value: string; hint?: string }[] {
  if (!emissions) return [];
  const { importKg, avoidedKg, unknownKwh } = emissions;
  const factor = factorText(emissions, formats) ?? "no intensity is known";
  const left = unknownKwh > 0.05 ? `; ${formats.energy(unknownKwh)} have no known intensity, and are left out` : "";
  const facts = [
    { name: "CO₂", value: co2Text(importKg, formats), hint: `for what came from the grid, ${factor}${left}` },
  ];
  if (avoidedKg > leastKg)
    facts.push({ name: "CO₂ avoided", value: co2Text(avoidedKg, formats), hint: "elsewhere, by what was fed in" });
  return facts;
}

/** What does not fit together, said where it is seen. */
export function FlowWarnings({
  total,
  consumers,
  formats,
  isAlone = false,
}: {
  total: ShownFlow;
  consumers: readonly Consumer[];
  formats: Formats;
  /** For a reader who sees this and nothing else. */
  isAlone?: boolean;
}) {
  const notable = (kwh: number, of: number) => kwh > 0.005 && kwh > of * 0.005;
  const warnings = consumers
    .filter(({ excess, amount }) => notable(excess, amount))
    .map(({ name, excess }) => `The parts of ${name} measured ${formats.energy(excess)} more than it did.`);
  if (notable(total.excess, total.consumption))
    warnings.unshift(`The consumers measured ${formats.energy(total.excess)} more than the site used.`);
  if (notable(total.unexplainedKwh, total.consumption + total.exportKwh))
    warnings.unshift(
      `${formats.energy(total.unexplainedKwh)} went out though no meter saw them come in: a source without a meter, or roles that are mixed up.`,
    );
  if (!warnings.length) return null;
  return (
    <div
      role="note"
      className="mb-4 rounded-xl border border-amber-300 bg-amber-50 px-4 py-3 text-sm text-amber-950 dark:border-amber-800 dark:bg-amber-950 dark:text-amber-100"
      data-testid="flow-warnings"
    >
      <ul className="space-y-1">
        {warnings.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p className="mt-1">
        What is untracked then counts as 0, and the parts are shown as large as their whole. Meters that report rarely
        or in coarse steps do this too.{" "}
        {!isAlone && (
          <Link to="../meters" relative="path" className="font-medium underline">
            Check the meters
          </Link>
        )}
      </p>
    </div>
  );
}

/** Known to less than this, a bar is shown as incomplete. */
const wholeEnough = 0.995;

interface BarsProps {
  bars: ShownFlow[];
  total: ShownFlow;
  step: StepName;
  nowMs: number;
  /** null: for a reader who sees this and nothing else. */
  csv: string | null;
  siteId: string | null;
  formats: Formats;
}

/** The same period step by step: up what was used and from where, down what was stored and exported. */
export function FlowBars({ bars, total, step, nowMs, csv, siteId, formats }: BarsProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const parts = tonesOf({
    hasConsumption: true,
    hasGrid: total.hasGrid || total.importKwh > 0,
    hasProduction: total.productionKwh > 0,
    hasBattery: total.chargeKwh > 0 || total.dischargeKwh > 0,
  });
  const views = bars.map((bar) => viewOf(bar, { parts, step, nowMs, formats }));
  const shown = bars.find(({ startMs }) => startMs === chosen) ?? bars.at(-1);
  return (
    <Card className="mt-4">
      <CardTitle aside={csv && <CsvLink href={csv} label="Download these bars as CSV" />}>
        {step === "hour" ? "By the hour" : `By ${step}`}
      </CardTitle>
      <BarChart
        bars={views}
        label={`Energy used, by ${step}`}
        unit="kWh"
        format={(value) => formats.number(value)}
        chosen={shown?.startMs ?? null}
        onChoose={setChosen}
      />
      <div className="mt-3">
        <Legend
          shown={[...parts.up, ...parts.down]}
          hasEstimated={bars.some(({ estimated }) => estimated > 0)}
          hasIncomplete={views.some(({ isIncomplete }) => isIncomplete)}
        />
      </div>
      {shown && (
        <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4">
          <p className="text-sm text-slate-600 dark:text-slate-300" aria-live="polite">
            {viewOf(shown, { parts, step, nowMs, formats }).title}
          </p>
          <WhySite
            {...{ siteId, formats, bar: shown, name: stepTitle(shown.startMs, step, formats) }}
            of={{ medium: "electricity" }}
          />
        </div>
      )}
    </Card>
  );
}

const kwhOf: Record<FlowTone, (bar: ShownFlow) => number> = {
  use: ({ consumption }) => consumption,
  sun: ({ ways }) => ways["sun>home"],
  battery: ({ ways }) => ways["battery>home"],
  grid: ({ ways }) => ways["grid>home"],
  export: ({ exportKwh }) => exportKwh,
  charge: ({ chargeKwh }) => chargeKwh,
};

function viewOf(
  bar: ShownFlow,
  {
    parts,
    step,
    nowMs,
    formats,
  }: { parts: { up: FlowTone[]; down: FlowTone[] }; step: StepName; nowMs: number; formats: Formats },
): BarView {
  const values = (tones: FlowTone[]) => tones.map((tone) => ({ tone, value: kwhOf[tone](bar) }));
  const isRunning = bar.endMs >= nowMs;
  const known = bar.completeness < wholeEnough && !isRunning ? `, ${formats.percent(bar.completeness)} known` : "";
  const estimated = bar.estimated > 0 ? `, ${formats.energy(bar.estimated)} of it estimated` : "";
  return {
    key: bar.startMs,
    ...stepLabel(bar.startMs, step, formats),
    title:
      bar.completeness === 0
        ? `${stepTitle(bar.startMs, step, formats)}: nothing known.`
        : `${stepTitle(bar.startMs, step, formats)}: ${formats.energy(bar.consumption)} used${estimated}${known}.`,
    up: values(parts.up),
    down: values(parts.down),
    estimated: bar.consumption > 0 ? Math.min(1, bar.estimated / bar.consumption) : 0,
    isIncomplete: !isRunning && bar.completeness < wholeEnough,
    isAhead: false,
  };
}
