import { Link, useFetcher, useLocation } from "@remix-run/react";
import { ChevronDown } from "lucide-react";
import { useEffect, useState } from "react";
import type { BillJson, LineJson } from "../../domain/tariff/bill-json.ts";
import { unitSign, type Formats } from "../charts/formats.ts";
import type { loader as whyLoader } from "../routes/sites.$siteId.contracts.$contractId.bill.why.ts";
import { isOfEnergy } from "./kinds.ts";
import { WhyView } from "./why-view.tsx";

interface LinesProps {
  bill: BillJson;
  siteId: string;
  contractId: string;
  /** "from=2026-03-01&to=2026-04-01" */
  query: string;
  formats: Formats;
}

/** The lines as on a paper bill; each opens what it is made of. */
export function BillLines({ bill, ...rest }: LinesProps) {
  const { currency, lines, total, roundingDifference } = bill;
  const { formats } = rest;
  return (
    <div>
      <ul
        className="divide-y divide-slate-100 border-y border-slate-200 dark:divide-slate-800 dark:border-slate-800"
        data-testid="bill-lines"
      >
        {lines.map((line, i) => (
          <BillLine key={`${line.component} ${line.rate} ${line.from}`} {...{ line, number: i, bill }} {...rest} />
        ))}
      </ul>
      <div className="flex justify-between gap-4 py-3 text-lg font-semibold">
        <span>Total</span>
        <span className="tabular-nums" data-testid="bill-total">
          {formats.money(String(total), currency)}
        </span>
      </div>
      <p className="text-sm text-slate-600 dark:text-slate-300">
        {roundingDifference === 0
          ? "Rounding changed nothing."
          : `Each line is rounded by itself: together ${formats.price(String(Math.abs(roundingDifference)), currency)} ${roundingDifference > 0 ? "more" : "less"} than the exact sum.`}
      </p>
    </div>
  );
}

type LineProps = LinesProps & { line: LineJson; number: number };

function BillLine({ line, number, bill, siteId, contractId, query, formats }: LineProps) {
  const [isOpen, setOpen] = useState(false);
  const fetcher = useFetcher<typeof whyLoader>();
  const { currency } = bill;
  // A link from another page names a component: its lines are open.
  const isNamed = useLocation().hash === `#${line.component}`;
  useEffect(() => {
    if (isNamed) setOpen(true);
  }, [isNamed]);
  const hasEnergy = line.buckets.length > 0 && isOfEnergy(line.type);
  function toggle(open: boolean) {
    setOpen(open);
    if (open && hasEnergy && !fetcher.data && fetcher.state === "idle")
      fetcher.load(`/sites/${siteId}/contracts/${contractId}/bill/why?${query}&line=${number}`);
  }
  return (
    <li id={line.component}>
      <details open={isOpen} onToggle={(event) => toggle(event.currentTarget.open)} className="group">
        <summary className="flex cursor-pointer list-none items-start gap-3 py-2.5 [&::-webkit-details-marker]:hidden">
          <span className="min-w-0 flex-1">
            <span className="font-medium">{line.name}</span>
            {line.estimated > 0 && (
              <span className="ml-2 text-xs text-amber-800 dark:text-amber-300">
                {formats.number(line.estimated, 1)} {unitSign(line.unit)} estimated
              </span>
            )}
            <span className="block text-sm tabular-nums text-slate-600 dark:text-slate-300">
              {quantityText(line, currency, formats)}
            </span>
          </span>
          <span className="tabular-nums">{formats.money(String(line.amount), currency)}</span>
          <ChevronDown
            className="mt-1 h-4 w-4 shrink-0 text-slate-500 transition-transform group-open:rotate-180 print:hidden dark:text-slate-400"
            aria-hidden
          />
          <span className="sr-only">Why this amount?</span>
        </summary>
        <div className="mb-3 rounded-xl bg-slate-50 p-4 text-sm dark:bg-slate-950" data-testid="why">
          <h3 className="font-semibold">Why this amount?</h3>
          <p className="mt-1 break-words font-mono text-xs" data-testid="arithmetic">
            {line.arithmetic} = {line.exact}
            {Number(line.exact) !== line.amount && `, rounded to ${line.amount}`} {currency}
          </p>
          <VersionLine line={line} siteId={siteId} contractId={contractId} formats={formats} />
          {line.on && line.on.length > 0 && <p className="mt-1">On: {namesOf(line.on, bill).join(", ")}.</p>}
          {line.notes.map((note) => (
            <p key={note} className="mt-1 text-amber-900 dark:text-amber-200">
              {note}
            </p>
          ))}
          {isOpen && hasEnergy && (
            <WhyView why={fetcher.data?.why ?? null} line={line} {...{ currency, siteId, formats }} />
          )}
        </div>
      </details>
    </li>
  );
}

/** "312.5 kWh × 0.32 €": what stands in the middle of a paper bill's line. */
function quantityText(
  { quantity, unit, unitPrice, isMean, type }: LineJson,
  currency: string,
  formats: Formats,
): string {
  if (type === "tax" && unitPrice !== null)
    return `${formats.number(unitPrice * 100, 3)} % on ${formats.money(String(quantity), currency)}`;
  const amount = `${formats.number(quantity, 3)} ${unitSign(unit)}`;
  if (unitPrice === null) return `${amount}, no price is known`;
  return `${amount} × ${isMean ? "mean " : ""}${formats.price(String(unitPrice), currency)}`;
}

function VersionLine({
  line,
  siteId,
  contractId,
  formats,
}: Pick<LineProps, "line" | "siteId" | "contractId" | "formats">) {
  const [from, to] = [Date.parse(line.from), Date.parse(line.to)];
  const when = `For ${formats.day(from)} – ${formats.day(to - 1)} ${formats.year(to - 1)}`;
  const since = line.validFrom === null ? "" : `, by the prices that hold since ${line.validFrom}`;
  return (
    <p className="mt-1">
      {when}
      {since}.{" "}
      <Link
        to={contractId === "price" ? `/sites/${siteId}/settings` : `/sites/${siteId}/contracts/${contractId}`}
        className="underline"
      >
        {contractId === "price" ? "The price" : "The tariff"}
      </Link>
    </p>
  );
}

const namesOf = (components: readonly string[], { lines }: BillJson): string[] => [
  ...new Set(lines.filter(({ component }) => components.includes(component)).map(({ name }) => name)),
];
