import { Link } from "@remix-run/react";
import { useState, type ReactNode } from "react";
import { BarChart, type BarPart, type BarView } from "../charts/bar-chart.tsx";
import type { Formats } from "../charts/formats.ts";
import { Legend } from "../charts/legend.tsx";
import { tonesOf, type FlowTone } from "../charts/tones.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { co2Text, leastKg } from "../costs/co2-words.ts";
import type { Abilities } from "./figures.ts";
import type { BarFigure, Overview } from "./load-overview.server.ts";
import { WhySite } from "./why-site.tsx";
import { CsvLink, Stepper, usePeriodLink } from "./period-controls.tsx";

/** Known to less than this, a bar is shown as incomplete. */
const wholeEnough = 0.995;

interface EnergyCardProps {
  /** "days": a month by days; "months": a year by months. */
  kind: "days" | "months";
  overview: Overview;
  /** null: for a reader who sees this card and nothing else. */
  siteId: string | null;
  currency: string;
  formats: Formats;
}

/** The month by days or the year by months: bars, and the figures of the one that is chosen. */
export function EnergyCard({ kind, overview, siteId, currency, formats }: EnergyCardProps) {
  const { abilities, nowMs } = overview;
  const chart = overview[kind];
  const [chosen, setChosen] = useState<number | null>(null);
  const views = [
    ...chart.bars.map((bar) => viewOf(bar, kind, abilities, { formats, nowMs })),
    ...chart.ahead.map((startMs) => aheadOf(startMs, kind, formats)),
  ];
  const shown = chart.bars.find((bar) => bar.startMs === chosen) ?? chart.bars.at(-1);
  const parts = tonesOf(abilities);
  const title = kind === "days" ? formats.longMonth(chart.startMs) : formats.year(chart.startMs);
  const period = kind === "days" ? "month" : "year";
  return (
    <Card>
      <CardTitle
        aside={
          siteId && (
            <div className="-my-2 -mr-2 flex items-center">
              <Stepper name={period} previous={chart.previous} next={chart.next} />
              <CsvLink
                href={`/sites/${siteId}/overview.csv?chart=${kind}&${period}=${chart.key}`}
                label={`Download ${title} as CSV`}
              />
            </div>
          )
        }
      >
        {title}{" "}
        <span className="ml-1 font-normal text-slate-500 dark:text-slate-400">
          {formats.energy(total(chart.bars, abilities))}
        </span>
      </CardTitle>
      <BarChart
        bars={views}
        label={`${abilities.hasConsumption ? "Energy used" : "Energy produced"} in ${title}, by ${kind === "days" ? "day" : "month"}`}
        unit="kWh"
        format={(value) => formats.number(value)}
        chosen={shown?.startMs ?? null}
        onChoose={setChosen}
      />
      <div className="mt-3">
        <Legend
          shown={[...parts.up, ...parts.down]}
          hasEstimated={chart.bars.some((bar) => bar.estimatedKwh > 0)}
          hasIncomplete={views.some((view) => view.isIncomplete)}
        />
      </div>
      {shown && (
        <Detail bar={shown} kind={kind} siteId={siteId} abilities={abilities} currency={currency} formats={formats} />
      )}
    </Card>
  );
}

const total = (bars: BarFigure[], { hasConsumption }: Abilities) =>
  bars.reduce((sum, bar) => sum + (hasConsumption ? bar.consumptionKwh : bar.productionKwh), 0);

function aheadOf(startMs: number, kind: "days" | "months", formats: Formats): BarView {
  return {
    key: startMs,
    ...labels(startMs, kind, formats),
    title: "",
    up: [],
    down: [],
    estimated: 0,
    isIncomplete: false,
    isAhead: true,
  };
}

function labels(startMs: number, kind: "days" | "months", formats: Formats) {
  if (kind === "days") return { label: formats.dayOfMonth(startMs), shortLabel: formats.dayOfMonth(startMs) };
  const label = formats.month(startMs);
  return { label, shortLabel: label.slice(0, 1) };
}

const kwhOf: Record<FlowTone, (bar: BarFigure, abilities: Abilities) => number> = {
  use: (bar) => bar.consumptionKwh,
  sun: (bar, { hasConsumption }) => (hasConsumption ? bar.fromSunKwh : bar.productionKwh),
  battery: (bar) => bar.fromBatteryKwh,
  grid: (bar) => bar.fromGridKwh,
  export: (bar) => bar.exportKwh,
  charge: (bar) => bar.chargeKwh,
};

function viewOf(
  bar: BarFigure,
  kind: "days" | "months",
  abilities: Abilities,
  { formats, nowMs }: { formats: Formats; nowMs: number },
): BarView {
  const parts = tonesOf(abilities);
  const values = (tones: FlowTone[]): BarPart[] => tones.map((tone) => ({ tone, value: kwhOf[tone](bar, abilities) }));
  const isRunning = bar.fullEndMs > nowMs;
  const kwh = abilities.hasConsumption ? bar.consumptionKwh : bar.productionKwh;
  return {
    key: bar.startMs,
    ...labels(bar.startMs, kind, formats),
    title: titleOf(bar, kwh, { name: nameOf(bar, kind, formats), isRunning, formats }),
    up: values(parts.up),
    down: values(parts.down),
    estimated: kwh > 0 ? Math.min(1, bar.estimatedKwh / kwh) : 0,
    isIncomplete: !isRunning && bar.completeness < wholeEnough,
    isAhead: false,
  };
}

const nameOf = (bar: BarFigure, kind: "days" | "months", formats: Formats) =>
  kind === "days" ? formats.longDay(bar.startMs) : formats.longMonth(bar.startMs);

function titleOf(
  bar: BarFigure,
  kwh: number,
  { name, isRunning, formats }: { name: string; isRunning: boolean; formats: Formats },
): string {
  if (bar.completeness === 0) return `${name}: nothing known.`;
  const known = bar.completeness < wholeEnough && !isRunning ? `, ${formats.percent(bar.completeness)} known` : "";
  const estimated = bar.estimatedKwh > 0 ? `, ${formats.energy(bar.estimatedKwh)} of it estimated` : "";
  return `${name}: ${formats.energy(kwh)}${isRunning ? " so far" : ""}${estimated}${known}.`;
}

interface DetailProps {
  bar: BarFigure;
  kind: "days" | "months";
  siteId: string | null;
  abilities: Abilities;
  currency: string;
  formats: Formats;
}

/** The chosen bar in figures, with the way into it. */
function Detail({ bar, kind, siteId, abilities, currency, formats }: DetailProps) {
  const to = usePeriodLink();
  const into =
    kind === "days" ? to("day", formats.isoDate(bar.startMs)) : to("month", formats.isoDate(bar.startMs).slice(0, 7));
  const facts: [string, ReactNode][] = [];
  const energy = (name: string, kwh: number) => kwh > 0.0005 && facts.push([name, formats.energy(kwh)]);
  if (abilities.hasConsumption) energy("Used", bar.consumptionKwh);
  if (bar.cost !== null && abilities.hasConsumption) facts.push(["Cost", formats.money(bar.cost, currency)]);
  if (abilities.hasProduction) energy("Produced", bar.productionKwh);
  if (abilities.hasGrid && abilities.hasProduction) {
    energy("From the grid", bar.importKwh);
    energy("To the grid", bar.exportKwh);
  }
  if (bar.emissions && bar.emissions.knownKwh > 0) facts.push(["CO₂", co2Text(bar.emissions.importKg, formats)]);
  if (bar.emissions && bar.emissions.avoidedKg > leastKg)
    facts.push(["CO₂ avoided", co2Text(bar.emissions.avoidedKg, formats)]);
  energy("Estimated", bar.estimatedKwh);
  if (bar.completeness < wholeEnough) facts.push(["Known", formats.percent(bar.completeness)]);
  return (
    <div className="mt-3 rounded-xl bg-slate-50 p-3 dark:bg-slate-800/60" data-testid={`detail-${kind}`}>
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <p className="text-sm font-semibold">{nameOf(bar, kind, formats)}</p>
        {siteId && (
          <div className="flex flex-wrap items-center gap-x-4">
            <WhySite siteId={siteId} bar={bar} name={nameOf(bar, kind, formats)} formats={formats} />
            <Link
              to={into}
              preventScrollReset
              className="inline-flex min-h-11 items-center text-sm font-medium text-emerald-700 underline dark:text-emerald-400"
            >
              {kind === "days" ? "This day's power" : "This month's days"}
            </Link>
          </div>
        )}
      </div>
      <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-slate-500 dark:text-slate-400">{name}</dt>
            <dd className="text-sm font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
