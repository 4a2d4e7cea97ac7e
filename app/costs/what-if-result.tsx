import type { Formats } from "../charts/formats.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { typeNames } from "./kinds.ts";
import type { WhatIf } from "./what-if.server.ts";
import { YearLines } from "./year-lines.tsx";

interface ResultProps {
  result: WhatIf;
  siteId: string;
  /** The question, as the page's address has it. */
  fields: Record<string, string>;
  formats: Formats;
}

/** The answer: the time with and without, why, and on what assumptions. */
export function WhatIfResult({ result, siteId, fields, formats }: ResultProps) {
  const { currency, saved, paybackYears, days, tariff, why, assumptions } = result;
  const better = Number(saved);
  const money = (amount: string) => formats.money(amount, currency);
  return (
    <div className="space-y-4">
      <Card>
        <CardTitle>{better >= 0 ? "Saved" : "Dearer by"}</CardTitle>
        <p className="text-3xl font-semibold tabular-nums" data-testid="saved">
          {money(String(Math.abs(better)))}
        </p>
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
          on your own last {days} days, by {tariff}.
          {paybackYears !== null && ` What it costs comes back in ${formats.number(paybackYears, 1)} years.`}
        </p>
        <Arithmetic result={result} investment={fields["investment"]} formats={formats} />
        <table className="mt-4 w-full text-sm" data-testid="with-and-without">
          <thead>
            <tr className="text-right text-slate-600 dark:text-slate-300">
              <td />
              <th scope="col" className="py-1 pl-3 font-medium">
                As it was
              </th>
              <th scope="col" className="py-1 pl-3 font-medium">
                With it
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
            <Row name="Costs" before={money(result.without.total)} after={money(result.with.total)} />
            <Row
              name="From the grid"
              before={formats.energy(result.without.importKwh)}
              after={formats.energy(result.with.importKwh)}
            />
            <Row
              name="To the grid"
              before={formats.energy(result.without.exportKwh)}
              after={formats.energy(result.with.exportKwh)}
            />
            <Row
              name="Self-sufficiency"
              before={percentOf(result.without.selfSufficiency, formats)}
              after={percentOf(result.with.selfSufficiency, formats)}
            />
          </tbody>
        </table>
      </Card>
      <Card>
        <CardTitle>Why</CardTitle>
        <dl className="space-y-1 text-sm">
          {why.map(({ type, amount, before, after }) => (
            <Fact
              key={type}
              name={`${typeNames[type]}: ${money(after)} − ${money(before)}`}
              value={`${Number(amount) > 0 ? "+" : ""}${money(amount)}`}
            />
          ))}
          {result.productionKwh > 0 && (
            <>
              <Fact name="Produced" value={formats.energy(result.productionKwh)} />
              <Fact name="of it used here" value={formats.energy(result.selfConsumedKwh)} />
            </>
          )}
          {result.chargedKwh > 0 && (
            <>
              <Fact name="Into the battery" value={formats.energy(result.chargedKwh)} />
              <Fact name="Out of it" value={formats.energy(result.dischargedKwh)} />
              <Fact name="Lost in it" value={formats.energy(result.lossKwh)} />
            </>
          )}
          {result.movedKwh > 0 && <Fact name="Moved to another time" value={formats.energy(result.movedKwh)} />}
        </dl>
      </Card>
      <Card>
        <CardTitle>Line by line</CardTitle>
        <p className="-mt-2 mb-3 text-sm text-slate-600 dark:text-slate-300">
          Each line opens its arithmetic and its energy. As it was, that is what the meters read; with it, the simulated
          energy stands beside the measured.
        </p>
        <div className="space-y-5">
          {(["with", "without"] as const).map((of) => (
            <YearLines
              key={of}
              testId={`lines-${of}`}
              title={of === "with" ? "With it: simulated" : "As it was: measured"}
              lines={result[of].lines}
              question={{ method: "get", action: `/sites/${siteId}/costs/what-if/why`, fields: { ...fields, of } }}
              {...{ currency, siteId, formats }}
            />
          ))}
        </div>
      </Card>
      <Card>
        <CardTitle>What this rests on</CardTitle>
        <ul className="list-disc space-y-1 pl-5 text-sm text-slate-700 dark:text-slate-200" data-testid="assumptions">
          {assumptions.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

/** How the headline comes about, in figures that stand below. */
function Arithmetic({
  result,
  investment,
  formats,
}: {
  result: WhatIf;
  investment: string | undefined;
  formats: Formats;
}) {
  const { currency, saved, paybackYears, days } = result;
  const money = (amount: string) => formats.money(amount, currency);
  return (
    <p className="mt-2 text-sm tabular-nums text-slate-600 dark:text-slate-300" data-testid="saved-arithmetic">
      {money(result.without.total)} as it was − {money(result.with.total)} with it = {money(saved)}
      {paybackYears !== null && investment && (
        <>
          ; {money(investment.replace(",", "."))} ÷ ({money(saved)} × 365.2425 ÷ {days} days) ={" "}
          {formats.number(paybackYears, 1)} years
        </>
      )}
      .
    </p>
  );
}

const percentOf = (share: number | null, formats: Formats) => (share === null ? "–" : formats.percent(share));

function Row({ name, before, after }: { name: string; before: string; after: string }) {
  return (
    <tr>
      <th scope="row" className="py-1.5 text-left font-normal text-slate-600 dark:text-slate-300">
        {name}
      </th>
      <td className="py-1.5 pl-3 text-right tabular-nums">{before}</td>
      <td className="py-1.5 pl-3 text-right font-semibold tabular-nums">{after}</td>
    </tr>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-slate-600 dark:text-slate-300">{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </div>
  );
}
