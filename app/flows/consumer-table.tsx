import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Formats } from "../charts/formats.ts";
import { co2Text } from "../costs/co2-words.ts";
import { indent } from "../meters/indent.ts";
import { Cost } from "./flow-table.tsx";
import type { UserWorth } from "./flow-worth.server.ts";
import type { Consumer, FlowsShown, ShownFlow } from "./load-flows.server.ts";
import { numeric, WorthCells, WorthHeads } from "./worth-columns.tsx";

interface TableProps {
  flows: Pick<FlowsShown, "consumers" | "untracked" | "worth">;
  total: ShownFlow;
  currency: string;
  formats: Formats;
  /** null: for a reader who sees this and nothing else. */
  siteId: string | null;
  query: string;
}

/** What used it, and what that cost and emitted: the top ones and what was not tracked together are what was used here. */
export function ConsumerTable({ flows: { consumers, untracked, worth }, total, siteId, query, ...given }: TableProps) {
  if (!consumers.length) return null;
  const { formats } = given;
  const hasCo2 = worth?.ways["grid>home"].emittedKg != null;
  const hasMoney = worth?.total != null;
  const shown = { ...given, hasCo2, hasMoney };
  const share = (part: number) => (total.consumption > 0 ? formats.percent(part / total.consumption) : "–");
  return (
    <table className="w-full self-start text-sm" data-testid="consumer-table">
      <caption className="pb-1 text-left text-sm font-semibold">What used it</caption>
      <thead className="text-xs text-slate-500 dark:text-slate-400">
        <tr>
          <th scope="col" className="py-2 pr-4 text-left font-medium">
            Meter
          </th>
          <th scope="col" className="py-2 pl-4 text-right font-medium">
            Share
          </th>
          <WorthHeads {...{ hasCo2, hasMoney }} />
        </tr>
      </thead>
      <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
        {rows(consumers).map(({ one, depth }) => (
          <Row
            key={one.id}
            {...shown}
            name={<Name {...{ one, siteId, query }} />}
            inset={indent(depth)}
            share={share(one.attributed)}
            kwh={one.amount}
            worth={one.worth}
          />
        ))}
        <Row {...shown} name="Not tracked" share={share(total.untracked)} kwh={total.untracked} worth={untracked} />
      </tbody>
    </table>
  );
}

function Name({ one, siteId, query }: { one: Consumer; siteId: string | null; query: string }) {
  if (siteId === null) return one.name;
  return (
    <Link
      to={`/sites/${siteId}/usage?${query}&meter=${one.id}`}
      className="underline decoration-slate-300 underline-offset-4 hover:decoration-current dark:decoration-slate-600"
    >
      {one.name}
    </Link>
  );
}

interface RowProps {
  name: ReactNode;
  inset?: string;
  share: string;
  kwh: number;
  worth: UserWorth | null;
  hasCo2: boolean;
  hasMoney: boolean;
  currency: string;
  formats: Formats;
}

/** On a phone, where five columns have no room, what it cost and emitted is below its energy. */
function Row({ name, inset = "", share, kwh, worth, hasCo2, hasMoney, currency, formats }: RowProps) {
  const co2 = hasCo2 && (worth === null || worth.emittedKg === null ? "–" : co2Text(worth.emittedKg, formats));
  const cost = hasMoney && (worth === null ? "–" : <Cost {...{ worth, currency, formats }} />);
  const own = ownWords(worth, formats);
  return (
    <tr>
      <th scope="row" className={`py-2 pr-4 text-left align-top font-normal ${inset}`}>
        {name}
      </th>
      <td className={numeric}>{share}</td>
      <WorthCells
        energy={
          <>
            {formats.energy(kwh)}
            {own !== null && <span className="block text-slate-600 dark:text-slate-300">{own}</span>}
          </>
        }
        {...{ co2, cost, hasCo2, hasMoney }}
      />
    </tr>
  );
}

/** "21% sun", "64% sun, battery": what of its energy these gave; null: nothing. */
function ownWords(worth: UserWorth | null, formats: Formats): string | null {
  if (!worth) return null;
  const { gridKwh, sunKwh, batteryKwh } = worth;
  const own = sunKwh + batteryKwh;
  if (own <= 0.0005) return null;
  const sources = [sunKwh > 0.0005 && "sun", batteryKwh > 0.0005 && "battery"].filter(Boolean).join(", ");
  return `${formats.percent(own / (own + gridKwh))} ${sources}`;
}

/** Parts below their whole, the largest first. */
function rows(
  consumers: readonly Consumer[],
  wholeId: string | null = null,
  depth = 0,
): { one: Consumer; depth: number }[] {
  return consumers
    .filter((one) => one.wholeId === wholeId)
    .sort((a, b) => b.attributed - a.attributed)
    .flatMap((one) => [{ one, depth }, ...rows(consumers, one.id, depth + 1)]);
}
