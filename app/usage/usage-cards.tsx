import { Link } from "@remix-run/react";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { StepName } from "../../domain/local-time/steps.ts";
import { BarChart, type BarView } from "../charts/bar-chart.tsx";
import { unitSign, type Formats } from "../charts/formats.ts";
import { co2Text } from "../costs/co2-words.ts";
import type { Medium } from "../../domain/channel.ts";
import { WhySite } from "../overview/why-site.tsx";
import { ShareBar } from "../charts/share-bar.tsx";
import { Legend } from "../charts/legend.tsx";
import { stepLabel, stepTitle } from "../period/step-words.ts";
import type { Usage, UsageRow } from "./load-usage.server.ts";

/** "12.4 kWh", "3.21 m³". */
export const amountWords = (amount: number, unit: string, formats: Formats): string =>
  unit === "kWh" ? formats.energy(amount) : `${formats.number(amount, amount < 100 ? 2 : 0)}\u00a0${unitSign(unit)}`;

interface RowsProps {
  usage: Usage;
  currency: string;
  /** The address that looks into a meter. */
  into: (meter: string) => string;
  formats: Formats;
}

/** The lines with their shares as bars, against the period before. */
export function UsageTable({ usage: { rows, total, unit, compared }, currency, into, formats }: RowsProps) {
  const hasMoney = rows.some(({ worth }) => worth?.cost != null);
  const hasCo2 = rows.some(({ worth }) => worth?.emittedKg != null);
  const most = Math.max(1e-9, ...rows.map(({ amount }) => amount));
  const shareOf = (amount: number) => (total > 0 ? formats.percent(amount / total) : "–");
  const before = `${formats.day(compared.startMs)} – ${formats.day(compared.endMs - 1)} ${formats.year(compared.endMs - 1)}`;
  return (
    <table className="w-full text-sm" data-testid="usage-table">
      <thead className="text-left text-xs text-slate-500 dark:text-slate-400">
        <tr>
          <th scope="col" className="pb-2 font-medium">
            What
          </th>
          <th scope="col" className="pb-2 pl-3 text-right font-medium">
            Used
          </th>
          <th scope="col" className="hidden pb-2 pl-3 text-right font-medium sm:table-cell">
            Share
          </th>
          {(hasMoney || hasCo2) && (
            <th scope="col" className="hidden pb-2 pl-3 text-right font-medium sm:table-cell">
              {[hasMoney && "Cost", hasCo2 && "CO₂"].filter(Boolean).join(", ")}
            </th>
          )}
          <th scope="col" className="pb-2 pl-3 text-right font-medium">
            <span className="hidden sm:inline">Against {before}</span>
            <span className="sm:hidden">Before</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
        {rows.map((row) => (
          <tr key={row.key} className="align-top">
            <th scope="row" className="w-1/2 py-2.5 text-left font-medium">
              <RowName row={row} into={into} />
              <span className="mt-1.5 block">
                <ShareBar
                  percent={(100 * row.amount) / most}
                  look={row.isRest ? "fill-slate-400 dark:fill-slate-500" : "fill-emerald-600 dark:fill-emerald-500"}
                />
              </span>
            </th>
            <td className="whitespace-nowrap py-2.5 pl-3 text-right tabular-nums">
              {amountWords(row.amount, unit, formats)}
              <span className="block text-xs text-slate-500 sm:hidden dark:text-slate-400">{shareOf(row.amount)}</span>
              <span className="block text-xs sm:hidden">
                <WorthLines worth={row.worth} {...{ currency, formats }} />
              </span>
              {!row.isRest && row.completeness < 0.995 && (
                <span className="block text-xs text-slate-500 dark:text-slate-400">
                  {formats.percent(row.completeness)} known
                </span>
              )}
            </td>
            <td className="hidden py-2.5 pl-3 text-right tabular-nums sm:table-cell">{shareOf(row.amount)}</td>
            {(hasMoney || hasCo2) && (
              <td className="hidden whitespace-nowrap py-2.5 pl-3 text-right tabular-nums sm:table-cell">
                <WorthLines worth={row.worth} {...{ currency, formats }} />
              </td>
            )}
            <td className="py-2.5 pl-3 text-right tabular-nums">
              <Change amount={row.amount} before={row.before} unit={unit} formats={formats} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "€3.60", "€1.20 saved", "4.6 kg CO₂": what is known of it. */
export function WorthLines({
  worth,
  currency,
  formats,
}: {
  worth: UsageRow["worth"];
  currency: string;
  formats: Formats;
}) {
  if (!worth) return null;
  const { cost, saved, emittedKg } = worth;
  const quiet = "block text-slate-600 dark:text-slate-300";
  return (
    <>
      {cost !== null && <span className="block">{formats.money(cost, currency)}</span>}
      {saved !== null && Number(saved) >= 0.005 && (
        <span className={quiet}>{formats.money(saved, currency)} saved</span>
      )}
      {emittedKg !== null && <span className={quiet}>{co2Text(emittedKg, formats)} CO₂</span>}
    </>
  );
}

function RowName({ row, into }: { row: UsageRow; into: RowsProps["into"] }) {
  if (!/^[cv]\d+$/.test(row.key)) return <span className="break-words">{row.name}</span>;
  return (
    <Link to={into(row.key)} className="inline-flex min-h-6 items-center gap-1 break-words hover:underline">
      {row.name}
      <ChevronRight className="h-4 w-4 shrink-0 text-slate-400" aria-hidden />
    </Link>
  );
}

/** How much more or less than before. */
export function Change({
  amount,
  before,
  unit,
  formats,
}: {
  amount: number;
  before: number | null;
  unit: string;
  formats: Formats;
}) {
  if (before === null) return <span className="text-slate-500 dark:text-slate-400">–</span>;
  const change = before > 0 ? amount / before - 1 : null;
  const words =
    change === null
      ? "new"
      : change > 1
        ? `${formats.number(amount / before, 1)} times`
        : `${change >= 0 ? "+" : "−"}${formats.percent(Math.abs(change))}`;
  return (
    <>
      <span className="block whitespace-nowrap">{words}</span>
      <span className="block whitespace-nowrap text-xs text-slate-500 dark:text-slate-400">
        {amountWords(before, unit, formats)}
      </span>
    </>
  );
}

/** What is looked at, step by step. */
export function UsageBars({
  bars,
  step,
  unit,
  nowMs,
  formats,
  label,
  siteId,
  of,
}: {
  bars: Usage["bars"];
  step: StepName;
  unit: string;
  nowMs: number;
  formats: Formats;
  label: string;
  siteId: string;
  /** The meters that the bars are of. */
  of: { medium: Medium } | { meter: string };
}) {
  const [chosen, setChosen] = useState<number | null>(null);
  const views = bars.map((bar): BarView => {
    const isRunning = bar.endMs >= nowMs;
    const estimated = bar.estimated > 0 ? `, ${amountWords(bar.estimated, unit, formats)} of it estimated` : "";
    const known = bar.completeness < 0.995 && !isRunning ? `, ${formats.percent(bar.completeness)} known` : "";
    const title = stepTitle(bar.startMs, step, formats);
    return {
      key: bar.startMs,
      ...stepLabel(bar.startMs, step, formats),
      title:
        bar.completeness === 0
          ? `${title}: nothing known.`
          : `${title}: ${amountWords(bar.amount, unit, formats)}${estimated}${known}.`,
      up: [{ tone: "use", value: bar.amount }],
      down: [],
      estimated: bar.amount > 0 ? Math.min(1, bar.estimated / bar.amount) : 0,
      isIncomplete: !isRunning && bar.completeness < 0.995,
      isAhead: false,
    };
  });
  const shown = views.find(({ key }) => key === chosen) ?? views.at(-1);
  const asked = bars.find(({ startMs }) => startMs === shown?.key);
  return (
    <>
      <BarChart
        bars={views}
        label={label}
        unit={unitSign(unit)}
        format={(value) => formats.number(value)}
        chosen={shown?.key ?? null}
        onChoose={setChosen}
      />
      <div className="mt-3">
        <Legend
          shown={["use"]}
          hasEstimated={bars.some(({ estimated }) => estimated > 0)}
          hasIncomplete={views.some(({ isIncomplete }) => isIncomplete)}
        />
      </div>
      {shown && asked && (
        <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4">
          <p className="text-sm text-slate-600 dark:text-slate-300" aria-live="polite">
            {shown.title}
          </p>
          <WhySite {...{ siteId, formats, of, bar: asked, name: stepTitle(asked.startMs, step, formats) }} />
        </div>
      )}
    </>
  );
}
