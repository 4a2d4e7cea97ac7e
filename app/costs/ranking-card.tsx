import type { Cell } from "../charts/csv.ts";
import { CsvButton } from "../charts/csv-button.tsx";
import type { Formats } from "../charts/formats.ts";
import { ShareBar } from "../charts/share-bar.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import type { RankedShown, RankingShown, SumShown } from "./compare.server.ts";
import { typeNames } from "./kinds.ts";
import { dayText, YearLines } from "./year-lines.tsx";

interface CardProps {
  ranking: RankingShown;
  siteId: string;
  /** The tariff that was pasted, as JSON; empty: none was. */
  pasted: string;
  formats: Formats;
}

/** Tariffs from the cheapest to the dearest, each with the reasons. */
export function RankingCard({ ranking, siteId, pasted, formats }: CardProps) {
  const { ranked, currency, against, isOwn, from, to, days, covered, left } = ranking;
  const base = ranked.find(({ id }) => id === against);
  const most = Math.max(...ranked.map(({ total }) => Number(total)), 0);
  return (
    <Card>
      <CardTitle
        aside={
          <CsvButton
            rows={() => rankedRows(ranking)}
            name={["tariffs", from, to]}
            label="Download this ranking as CSV"
          />
        }
      >
        From the cheapest
      </CardTitle>
      <p className="-mt-2 mb-3 text-sm text-slate-600 dark:text-slate-300">
        On your own {days} days, {dayText(from, formats)} to {dayText(to, formats, -1)}
        {covered < 0.995 && `; ${formats.percent(1 - covered)} of the time has no data and is billed by none of them`}.
        {base && ` Compared with ${base.name}.`}
      </p>
      <ol className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="ranking">
        {ranked.map((one, i) => (
          <li key={one.id} className="py-3">
            <Tariff
              one={one}
              place={i + 1}
              base={base}
              isOwn={isOwn}
              {...{ currency, formats, most, siteId, pasted }}
            />
          </li>
        ))}
      </ol>
      {left.length > 0 && (
        <p className="mt-3 text-sm text-slate-600 dark:text-slate-300">
          Left out: {left.map(({ name, reason }) => `${name} (${reason})`).join("; ")}.
        </p>
      )}
    </Card>
  );
}

/** A tariff's total, then its lines. */
function* rankedRows({ ranked, currency }: RankingShown): Generator<Cell[]> {
  const unit = currency.toLowerCase();
  yield ["place", "tariff", "line", "quantity", "unit", `unit_price_${unit}`, `amount_${unit}`, `difference_${unit}`];
  for (const [i, { name, total, difference, lines }] of ranked.entries()) {
    yield [i + 1, name, "total", null, null, null, Number(total), Number(difference)];
    for (const line of lines) {
      const price = line.unitPrice === null ? null : Number(line.unitPrice);
      yield [i + 1, name, line.name, Number(line.quantity), line.unit, price, Number(line.amount), null];
    }
  }
}

interface TariffProps extends Pick<CardProps, "siteId" | "pasted"> {
  one: RankedShown;
  place: number;
  /** What it is compared with, and whether that is one's own. */
  base: RankedShown | undefined;
  isOwn: boolean;
  currency: string;
  formats: Formats;
  most: number;
}

function Tariff({ one, place, base, isOwn, currency, formats, most, siteId, pasted }: TariffProps) {
  const isBase = one.id === base?.id;
  const { name, total, difference, byType, lines, why, unpricedKwh, meanPrice } = one;
  const more = Number(difference);
  return (
    <details className="group">
      <summary className="cursor-pointer list-none [&::-webkit-details-marker]:hidden">
        <span className="flex items-baseline gap-3">
          <span className="w-5 text-right text-sm tabular-nums text-slate-500 dark:text-slate-400">{place}</span>
          <span className="min-w-0 flex-1 font-medium">
            {name} {isBase && isOwn && <Badge look="good">yours</Badge>}
          </span>
          <span className="text-right tabular-nums">
            <span className="font-semibold">{formats.money(total, currency)}</span>
            {!isBase && Number(unpricedKwh) === 0 && (
              <span className="block text-sm text-slate-600 dark:text-slate-300">
                {more === 0
                  ? "the same"
                  : `${formats.money(String(Math.abs(more)), currency)} ${more > 0 ? "more" : "less"}`}
              </span>
            )}
          </span>
        </span>
        <span className="ml-8 mt-1.5 block">
          <ShareBar
            percent={most > 0 ? (100 * Number(total)) / most : 0}
            look="fill-emerald-600 dark:fill-emerald-500"
            height={6}
          />
        </span>
        {Number(unpricedKwh) > 0 && (
          <span className="ml-8 mt-1 block text-sm text-amber-900 dark:text-amber-200">
            {formats.energy(Number(unpricedKwh))} have no known price here, so it looks cheaper than it is: it needs a
            channel with the market&apos;s prices.
          </span>
        )}
        <span className="ml-8 mt-1 block text-sm text-slate-600 underline dark:text-slate-300">Why?</span>
      </summary>
      <div className="ml-8 mt-2 grid gap-4 text-sm sm:grid-cols-2">
        <Sums title="What it is made of" sums={byType} {...{ currency, formats }} />
        {!isBase && why.length > 0 && (
          <Sums title={`Against ${base?.name}`} sums={why} isSigned {...{ currency, formats }} />
        )}
        <div className="sm:col-span-2">
          <YearLines
            title="Line by line"
            testId="ranked-lines"
            lines={lines}
            question={{
              ...{ method: "post", action: `/sites/${siteId}/costs/compare/why` },
              fields: { of: one.id, ...(one.id.startsWith("pasted-") && { json: pasted }) },
            }}
            {...{ currency, siteId, formats }}
          />
        </div>
        {meanPrice !== null && (
          <p className="text-slate-600 sm:col-span-2 dark:text-slate-300">
            {formats.price(Number(meanPrice).toFixed(4), currency)} per kWh taken, all in.
          </p>
        )}
      </div>
    </details>
  );
}

function Sums({
  title,
  sums,
  isSigned = false,
  currency,
  formats,
}: {
  title: string;
  sums: SumShown[];
  isSigned?: boolean;
  currency: string;
  formats: Formats;
}) {
  return (
    <table className="w-full self-start">
      <caption className="pb-1 text-left font-semibold">{title}</caption>
      <tbody>
        {sums.map(({ type, amount }) => (
          <tr key={type}>
            <th scope="row" className="py-0.5 pr-4 text-left font-normal text-slate-600 dark:text-slate-300">
              {typeNames[type]}
            </th>
            <td className="text-right tabular-nums">
              {isSigned && Number(amount) > 0 && "+"}
              {formats.money(amount, currency)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
