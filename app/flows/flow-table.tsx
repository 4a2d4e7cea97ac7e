import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Formats } from "../charts/formats.ts";
import { sinks, sources } from "../../domain/site/split.ts";
import { co2Text, leastKg } from "../costs/co2-words.ts";
import { typeNames } from "../costs/kinds.ts";
import type { WayWorth } from "./flow-worth.server.ts";
import type { ShownFlow, ShownWorth } from "./load-flows.server.ts";
import { sinkName, sourceName } from "./sankey-graph.ts";
import { WorthCells, WorthHeads } from "./worth-columns.tsx";

interface TableProps {
  total: ShownFlow;
  /** null: nothing is known of costs and emissions. */
  worth: ShownWorth | null;
  currency: string;
  formats: Formats;
  /** null: for a reader who sees this and nothing else. */
  siteId: string | null;
  /** The period, for the way to its costs. */
  query: string;
}

const cell = "py-2 pr-4";
const few = 0.005;

/** Each flow with its energy, its CO2 and what it cost; what belongs to none of them; and the sum, which is the site's. */
export function FlowTable({ total, worth, currency, formats, siteId, query }: TableProps) {
  const flows = sources.flatMap((from) =>
    sinks.flatMap((to) => {
      const kwh = total.ways[`${from}>${to}`];
      return kwh > 0.0005 ? [{ from, to, kwh, worth: worth?.ways[`${from}>${to}`] ?? null }] : [];
    }),
  );
  const hasCo2 = flows.some((flow) => flow.worth?.emittedKg != null);
  const hasMoney = worth?.total != null;
  return (
    <div className="self-start">
      <table className="w-full text-sm" data-testid="flow-table">
        <caption className="pb-1 text-left text-sm font-semibold">Source to sink</caption>
        <thead className="text-xs text-slate-500 dark:text-slate-400">
          <tr>
            <th scope="col" className={`${cell} text-left font-medium`}>
              From and to
            </th>
            <WorthHeads {...{ hasCo2, hasMoney }} />
          </tr>
        </thead>
        <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
          {flows.map(({ from, to, kwh, worth: own }) => (
            <Row
              key={`${from} ${to}`}
              name={`${sourceName(from)} → ${sinkName(to)}`}
              energy={formats.energy(kwh)}
              co2={hasCo2 && own && co2Words(own, formats)}
              cost={hasMoney && own && <Cost worth={own} {...{ currency, formats }} />}
              {...{ hasCo2, hasMoney }}
            />
          ))}
          {worth && <Rest {...{ worth, hasCo2, hasMoney, currency, formats }} />}
        </tbody>
        {(hasMoney || hasCo2) && (
          <tfoot className="border-t border-slate-300 font-semibold dark:border-slate-700">
            <Row
              name={
                <>
                  Together
                  {hasMoney && siteId && (
                    <Link to={`/sites/${siteId}/costs?${query}`} className="ml-2 font-normal underline">
                      Costs of electricity
                    </Link>
                  )}
                </>
              }
              co2={hasCo2 && co2Text(total.emissions?.importKg ?? 0, formats)}
              cost={hasMoney && <span data-testid="flow-costs">{formats.money(worth.total!, currency)}</span>}
              {...{ hasCo2, hasMoney }}
            />
          </tfoot>
        )}
      </table>
      {hasMoney && <Mismatch {...{ total, worth, formats }} />}
      {(hasMoney || hasCo2) && <Rules hasMoney={hasMoney} hasCo2={hasCo2} />}
    </div>
  );
}

interface RowProps {
  name: ReactNode;
  energy?: string;
  co2: ReactNode;
  cost: ReactNode;
  hasCo2: boolean;
  hasMoney: boolean;
}

/** On a phone, where four columns have no room, the figures of a flow are below each other. */
function Row({ name, energy, co2, cost, hasCo2, hasMoney }: RowProps) {
  return (
    <tr>
      <th scope="row" className={`${cell} text-left align-top font-normal [tfoot_&]:font-semibold`}>
        {name}
      </th>
      <WorthCells {...{ energy, co2, cost, hasCo2, hasMoney }} />
    </tr>
  );
}

function co2Words({ emittedKg, avoidedKg }: WayWorth, formats: Formats) {
  if (emittedKg === null) return "–";
  if (avoidedKg !== null && avoidedKg > leastKg)
    return (
      <>
        {emittedKg > leastKg && co2Text(emittedKg, formats)}
        <span className="block text-slate-600 dark:text-slate-300">{co2Text(avoidedKg, formats)} avoided</span>
      </>
    );
  return co2Text(emittedKg, formats);
}

export function Cost({
  worth: { cost, saved },
  currency,
  formats,
}: {
  worth: Pick<WayWorth, "cost" | "saved">;
  currency: string;
  formats: Formats;
}) {
  return (
    <>
      {cost === null ? "–" : formats.money(cost, currency)}
      {saved !== null && Math.abs(Number(saved)) >= few && (
        <span className="block text-slate-600 dark:text-slate-300">{formats.money(saved, currency)} saved</span>
      )}
    </>
  );
}

interface RestProps {
  worth: ShownWorth;
  hasCo2: boolean;
  hasMoney: boolean;
  currency: string;
  formats: Formats;
}

function Rest({ worth: { rest, restKg }, hasCo2, hasMoney, currency, formats }: RestProps) {
  const name = (type: (typeof rest)[number]["type"]) => (type === "tax" ? "Taxes on these" : typeNames[type]);
  const amounts = hasMoney ? rest.filter(({ amount }) => Math.abs(Number(amount)) >= few) : [];
  return (
    <>
      {amounts.map(({ type, amount }) => (
        <Row
          key={type}
          name={<span className="text-slate-600 dark:text-slate-300">{name(type)}, in no flow</span>}
          co2={null}
          cost={formats.money(amount, currency)}
          {...{ hasCo2, hasMoney }}
        />
      ))}
      {hasCo2 && restKg > leastKg && (
        <Row
          name={
            <span className="text-slate-600 dark:text-slate-300">
              Emissions in no flow: of energy that was taken, but flowed nowhere by the meters
            </span>
          }
          co2={co2Text(restKg, formats)}
          cost={null}
          {...{ hasCo2, hasMoney }}
        />
      )}
    </>
  );
}

/** Where the contracts bill another energy than what flowed from the grid, the flows are not what the amounts are for. */
function Mismatch({ total, worth, formats }: Pick<TableProps, "total" | "formats"> & { worth: ShownWorth }) {
  const { billedKwh } = worth;
  const off = Math.abs(billedKwh - total.importKwh);
  if (off < 0.05 || off < total.importKwh * 0.005) return null;
  const why = total.hasGrid
    ? "a contract may hold for a part of the time, or for a meter of its own"
    : "there is no grid meter, so the contract bills what the consumers took, wherever it came from";
  return (
    <p role="note" className="mt-2 text-sm text-amber-900 dark:text-amber-200" data-testid="flow-mismatch">
      The contracts bill {formats.energy(billedKwh)}, and {formats.energy(total.importKwh)} came from the grid: {why}.
      The amounts add up to the bill all the same.
    </p>
  );
}

function Rules({ hasMoney, hasCo2 }: { hasMoney: boolean; hasCo2: boolean }) {
  return (
    <details className="mt-2 text-sm text-slate-600 dark:text-slate-300" data-testid="flow-rules">
      <summary className="cursor-pointer underline">By which rules?</summary>
      <ul className="mt-1 list-disc space-y-1 pl-5">
        <li>
          By the quarter-hour: what came from the grid has{" "}
          {hasMoney && hasCo2 ? "the price and the CO₂" : hasMoney ? "the price" : "the CO₂"} of its own time, wherever
          it went.
        </li>
        <li>
          Energy into the battery counts when it is charged. What the battery gives later costs and emits nothing more,
          so nothing counts twice.
        </li>
        <li>
          Who used it: in each quarter-hour all have the same mix of grid, sun and battery, each as much of it as it
          used. What no meter measured is not tracked, and has its share too.
        </li>
        <li>
          The sun&apos;s energy costs and emits nothing: what the roof cost, and what making it emitted, is not in these
          figures.
        </li>
        {hasMoney && (
          <>
            <li>What is fed in earns its feed-in: such an amount is below zero.</li>
            <li>
              Saved is what the sun&apos;s and the battery&apos;s energy would have cost from the grid, by the price of
              one more kWh at that time. It is in no sum.
            </li>
            <li>
              Standing charges, peaks and credits, with the taxes on them, are in no flow. Amounts are not rounded line
              by line, as a bill&apos;s are.
            </li>
          </>
        )}
        {hasCo2 && (
          <li>
            Avoided is what the grid would have emitted at that time for the energy that was fed in; it is in no sum.
          </li>
        )}
      </ul>
    </details>
  );
}
