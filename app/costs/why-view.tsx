import { Link } from "@remix-run/react";
import { useState } from "react";
import type { LineJson } from "../../domain/tariff/bill-json.ts";
import { BarChart, type BarView } from "../charts/bar-chart.tsx";
import type { Cell } from "../charts/csv.ts";
import { CsvButton } from "../charts/csv-button.tsx";
import { unitSign, type Formats } from "../charts/formats.ts";
import { amount, utc } from "../charts/step-csv.ts";
import { FrozenNote } from "../corrections/frozen-note.tsx";
import { eventSentence } from "../corrections/words.ts";
import { stepLabel, stepTitle } from "../period/step-words.ts";
import type { Why } from "./load-why.server.ts";

interface WhyProps {
  why: Why | null;
  line: Pick<LineJson, "name" | "type" | "unit" | "unitPrice" | "isMean">;
  /** Of energy that was made up: what was measured in each of the steps. */
  measured?: number[] | null;
  currency: string;
  siteId: string;
  formats: Formats;
}

/** The energy behind a line, when it was used, what of it is an estimate, and the way to the meters' own charts. */
export function WhyView({ why, line, measured = null, currency, siteId, formats }: WhyProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  if (!why) return <p className="mt-3 text-slate-600 dark:text-slate-300">Loading …</p>;
  const { step, steps, meters } = why;
  const frozenMs = Math.max(...meters.map(({ frozenBeforeMs }) => frozenBeforeMs ?? -Infinity));
  const unit = unitSign(why.unit);
  const energy = (value: number) => `${formats.number(value, 3)} ${unit}`;
  const title = ({ startMs, energy: used, estimated }: Why["steps"][number]) => {
    const guessed = estimated > 0 ? `, ${energy(estimated)} of it estimated` : "";
    return `${stepTitle(startMs, step, formats)}: ${energy(used)}${worth(used, line, currency, formats)}${guessed}.`;
  };
  const bars = steps.map((one): BarView => ({
    key: one.startMs,
    ...stepLabel(one.startMs, step, formats),
    title: title(one),
    up: [{ tone: line.type === "feed-in" ? "export" : "use", value: one.energy }],
    down: [],
    estimated: one.energy > 0 ? Math.min(1, one.estimated / one.energy) : 0,
    isIncomplete: false,
    isAhead: false,
  }));
  const shown = steps.find(({ startMs }) => startMs === chosen) ?? steps.at(-1);
  return (
    <div className="mt-4" data-testid="why-energy">
      {line.type !== "demand" && (
        <BarChart
          bars={bars}
          label={`${line.name}: energy by ${step}`}
          unit={unit}
          format={(value) => formats.number(value)}
          chosen={shown?.startMs ?? null}
          onChoose={setChosen}
        />
      )}
      {line.type === "demand" && <Peaks why={why} formats={formats} />}
      {line.type !== "demand" && shown && (
        <div className="mt-2 flex items-start justify-between gap-4">
          <p aria-live="polite">{title(shown)}</p>
          <CsvButton
            rows={() => whyRows(why, measured)}
            name={[line.name, "energy"]}
            label={`Download the energy of ${line.name} as CSV`}
          />
        </div>
      )}
      {measured && <Simulated {...{ why, measured, formats }} />}
      <Stretches name="Estimated" stretches={why.estimated} text={({ energy: kwh }) => energy(kwh)} formats={formats} />
      <Stretches name="No data" stretches={why.missing} text={() => "not billed"} formats={formats} />
      <Events why={why} formats={formats} />
      {shown && frozenMs > shown.startMs && (
        <div className="mt-3">
          <FrozenNote beforeMs={frozenMs} formats={formats} />
        </div>
      )}
      {shown && meters.length > 0 && (
        <p className="mt-3">
          {meters.map(({ channelId, deviceId, name }, i) => (
            <span key={channelId}>
              {i > 0 && " · "}
              <Link
                to={`/sites/${siteId}/devices/${deviceId}?channel=${channelId}&range=${chartRange[step]}&to=${shown.endMs}&why=${shown.startMs}-${shown.endMs}`}
                className="font-medium underline"
              >
                {name} at that time{measured && ", as it was measured"}
              </Link>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function* whyRows({ steps, unit }: Why, measured: number[] | null): Generator<Cell[]> {
  const name = unit.toLowerCase();
  const energy = measured ? [`simulated_${name}`, `measured_${name}`] : [`energy_${name}`];
  yield ["start", "end", ...energy, `estimated_${name}`];
  for (const [i, step] of steps.entries()) {
    const amounts = measured ? [step.energy, measured[i]!] : [step.energy];
    yield [utc(step.startMs), utc(step.endMs), ...amounts.map(amount), amount(step.estimated)];
  }
}

/** The range of a meter's chart that holds a step. */
const chartRange = { "15m": "day", hour: "day", day: "day", month: "month", year: "year" } as const;

/** What was made up beside what the meters counted, step by step: the way on leads to the readings of the latter. */
function Simulated({
  why: { step, steps, unit },
  measured,
  formats,
}: {
  why: Why;
  measured: number[];
  formats: Formats;
}) {
  const energy = (value: number) => `${formats.number(value, 1)} ${unitSign(unit)}`;
  const sum = (of: number[]) => of.reduce((all, value) => all + value, 0);
  const rows = [
    ...steps.map(({ startMs, energy: made }, i) => ({ key: startMs, name: stepTitle(startMs, step, formats), made, was: measured[i]! })),
    { key: "all", name: "Together", made: sum(steps.map((one) => one.energy)), was: sum(measured) },
  ]; // prettier-ignore
  return (
    <table className="mt-3 w-full" data-testid="measured-and-simulated">
      <thead className="text-xs text-slate-600 dark:text-slate-300">
        <tr>
          <td />
          {["Measured", "Simulated", "Difference"].map((text) => (
            <th key={text} scope="col" className="py-1 pl-3 text-right font-medium">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, made, was }) => (
          <tr key={key} className="tabular-nums last:font-semibold">
            <th scope="row" className="py-0.5 text-left font-normal">
              {name}
            </th>
            <td className="pl-3 text-right">{energy(was)}</td>
            <td className="pl-3 text-right">{energy(made)}</td>
            <td className="pl-3 text-right">{energy(made - was)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function worth(
  used: number,
  { unitPrice, isMean, unit }: WhyProps["line"],
  currency: string,
  formats: Formats,
): string {
  if (unitPrice === null || isMean || (unit !== "kWh" && unit !== "m3")) return "";
  return `, ${formats.money(String(used * unitPrice), currency)}`;
}

function Peaks({ why: { steps }, formats }: { why: Why; formats: Formats }) {
  return (
    <ul className="space-y-1">
      {steps.map(({ startMs, endMs, energy }) => (
        <li key={startMs}>
          {formats.shortDateTime(startMs)} – {formats.time(endMs)}:{" "}
          {formats.number(energy / ((endMs - startMs) / 3_600_000), 3)} kW
        </li>
      ))}
    </ul>
  );
}

function Events({ why: { events, meters }, formats }: { why: Why; formats: Formats }) {
  if (!events.length) return null;
  return (
    <div className="mt-3">
      <h4 className="font-semibold">What the meter did</h4>
      <ul className="mt-1 space-y-0.5">
        {events.map((event) => (
          <li key={`${event.channelId} ${event.timeMs}`}>
            {meters.length > 1 && `${meters.find(({ channelId }) => channelId === event.channelId)!.name}: `}
            {eventSentence(event, event.unit, formats)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Stretches<T extends { startMs: number; endMs: number }>({
  name,
  stretches,
  text,
  formats,
}: {
  name: string;
  stretches: T[];
  text: (stretch: T) => string;
  formats: Formats;
}) {
  if (!stretches.length) return null;
  return (
    <div className="mt-3">
      <h4 className="font-semibold">{name}</h4>
      <ul className="mt-1 space-y-0.5">
        {stretches.map((one) => (
          <li key={one.startMs}>
            {formats.shortDateTime(one.startMs)} – {formats.shortDateTime(one.endMs)}: {text(one)}
          </li>
        ))}
      </ul>
    </div>
  );
}
