import { useFetcher } from "@remix-run/react";
import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { formatsOf, unitSign, type Formats } from "../charts/formats.ts";
import { isOfEnergy } from "./kinds.ts";
import { WhyView } from "./why-view.tsx";
import type { YearLine, YearWhy } from "./year-lines.server.ts";

interface LinesProps {
  title: string;
  lines: readonly YearLine[];
  /** Where what is behind a line is asked for, once it is opened, and what is said beside the line. */
  question: { method: "get" | "post"; action: string; fields: Record<string, string> };
  currency: string;
  siteId: string;
  formats: Formats;
  testId: string;
}

/** "1,940 kWh × €0.19": how the amounts of a year come about; each line opens its bills, and the energy down to the readings. */
export function YearLines({ title, lines, testId, ...rest }: LinesProps) {
  return (
    <div data-testid={testId}>
      <h3 className="pb-1 text-sm font-semibold">{title}</h3>
      <ul className="divide-y divide-slate-100 border-y border-slate-200 text-sm dark:divide-slate-800 dark:border-slate-800">
        {lines.map((line) => (
          <Line key={`${line.component} ${line.rate} ${line.unit}`} line={line} {...rest} />
        ))}
      </ul>
    </div>
  );
}

type LineProps = Omit<LinesProps, "title" | "lines" | "testId"> & { line: YearLine };

function Line({ line, question, currency, siteId, formats }: LineProps) {
  const [isOpen, setOpen] = useState(false);
  const fetcher = useFetcher<{ why: YearWhy | null }>();
  const why = fetcher.data?.why;
  function toggle(open: boolean) {
    setOpen(open);
    if (!open || why !== undefined || fetcher.state !== "idle") return;
    const { method, action, fields } = question;
    const { component, rate, unit } = line;
    void fetcher.submit({ ...fields, component, unit, ...(rate !== null && { rate }) }, { method, action });
  }
  return (
    <li>
      <details open={isOpen} onToggle={(event) => toggle(event.currentTarget.open)} className="group/line">
        <summary className="flex min-h-11 cursor-pointer list-none items-start gap-3 py-2 [&::-webkit-details-marker]:hidden">
          <span className="min-w-0 flex-1">
            {line.name}
            <span className="block tabular-nums text-slate-600 dark:text-slate-300">
              {quantityWords(line, currency, formats)}
            </span>
          </span>
          <span className="tabular-nums">{formats.money(line.amount, currency)}</span>
          <ChevronDown
            className="mt-0.5 h-4 w-4 shrink-0 text-slate-500 transition-transform group-open/line:rotate-180 dark:text-slate-400"
            aria-hidden
          />
          <span className="sr-only">Why this amount?</span>
        </summary>
        {isOpen && (
          <div className="mb-3 rounded-xl bg-slate-50 p-4 dark:bg-slate-950" data-testid="year-why">
            <h4 className="font-semibold">Why this amount?</h4>
            {why === undefined && <p className="mt-2 text-slate-600 dark:text-slate-300">Working it out …</p>}
            {why === null && <p className="mt-2">It has changed meanwhile: ask again.</p>}
            {why && <Behind {...{ why, line, currency, siteId, formats }} />}
          </div>
        )}
      </details>
    </li>
  );
}

function quantityWords({ quantity, unit, unitPrice, type }: YearLine, currency: string, formats: Formats): string {
  if (type === "tax" && unitPrice !== null)
    return `${formats.number(Number(unitPrice) * 100, 3)} % on ${formats.money(quantity, currency)}`;
  const amount = `${formats.number(Number(quantity), unit === "kWh" ? 1 : 3)} ${unitSign(unit)}`;
  return unitPrice === null ? `${amount}, at prices that change` : `${amount} × ${formats.price(unitPrice, currency)}`;
}

type BehindProps = Pick<LineProps, "line" | "currency" | "siteId" | "formats"> & { why: YearWhy };

function Behind({ why: { bills, on, energy, measured }, line, currency, siteId, formats }: BehindProps) {
  const ofLine = { ...line, unitPrice: line.unitPrice === null ? null : Number(line.unitPrice), isMean: false };
  return (
    <>
      <ul className="mt-1 space-y-1">
        {bills.map(({ first, last, arithmetic, exact, amount, notes }) => (
          <li key={`${first} ${last}`}>
            <span className="text-slate-600 dark:text-slate-300">
              {dayText(first, formats)} – {dayText(last, formats)}
            </span>
            <span className="block break-words font-mono text-xs">
              {arithmetic} = {exact}
              {Number(exact) !== Number(amount) && `, rounded to ${amount}`} {currency}
            </span>
            {notes.map((note) => (
              <span key={note} className="block text-amber-900 dark:text-amber-200">
                {note}
              </span>
            ))}
          </li>
        ))}
      </ul>
      {on.length > 0 && <p className="mt-1">On: {[...new Set(on.map(({ name }) => name))].join(", ")}.</p>}
      {energy && isOfEnergy(line.type) && (
        <WhyView why={energy} line={ofLine} measured={measured} {...{ currency, siteId, formats }} />
      )}
    </>
  );
}

/** A local day is written without a zone, so it is read at noon in UTC. */
export function dayText(day: string, { locale }: Formats, plusDays = 0): string {
  const formats = formatsOf(locale, "UTC");
  const ms = Date.parse(`${day}T12:00:00Z`) + plusDays * 86_400_000;
  return `${formats.day(ms)} ${formats.year(ms)}`;
}
