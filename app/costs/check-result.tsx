import { Link } from "@remix-run/react";
import type { Cause } from "../../domain/bill-check/bill-check.ts";
import type { Formats } from "../charts/formats.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import type { CheckShown } from "./bill-check.server.ts";

export const causeNames: Record<Cause, string> = {
  energy: "Other energy",
  rates: "Other prices",
  days: "Other days",
  missing: "Data missing here",
  rounding: "Rounding",
  other: "Other",
};

interface ResultProps {
  check: CheckShown;
  currency: string;
  /** Our bill's address. */
  bill: string;
  formats: Formats;
}

/** How far apart the bills are, why, and what to do about it. */
export function CheckResult({ check, currency, bill, formats }: ResultProps) {
  const difference = Number(check.difference);
  const money = (amount: string) => formats.money(amount, currency);
  const causes = (Object.keys(causeNames) as Cause[]).filter((cause) => Math.abs(Number(check.split[cause])) >= 0.005);
  return (
    <div className="space-y-4">
      <Card>
        <p className="text-2xl font-semibold tabular-nums" data-testid="check-difference">
          {Math.abs(difference) < 0.005
            ? "The bills agree"
            : `${money(String(Math.abs(difference)))} ${difference > 0 ? "more than we reckon" : "less than we reckon"}`}
        </p>
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
          Supplier {money(check.theirs)}, ours {money(check.ours)}.
        </p>
        {causes.length > 0 && (
          <table className="mt-4 w-full max-w-md text-sm" data-testid="check-split">
            <caption className="pb-1 text-left font-semibold">Where the difference comes from</caption>
            <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
              {causes.map((cause) => (
                <tr key={cause}>
                  <th scope="row" className="py-1.5 text-left font-normal text-slate-600 dark:text-slate-300">
                    {causeNames[cause]}
                  </th>
                  <td className="py-1.5 text-right tabular-nums">{signed(check.split[cause], money)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Card>
        <CardTitle>What to do</CardTitle>
        <ul className="space-y-2 text-sm" data-testid="advice">
          {check.advice.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
          {check.notes.map((note) => (
            <li key={note} className="text-slate-600 dark:text-slate-300">
              {note}
            </li>
          ))}
        </ul>
      </Card>
      <Items check={check} bill={bill} money={money} />
    </div>
  );
}

const signed = (amount: string, money: (amount: string) => string) =>
  `${Number(amount) > 0 ? "+" : ""}${money(amount)}`;

function Items({ check, bill, money }: { check: CheckShown; bill: string; money: (amount: string) => string }) {
  return (
    <Card>
      <CardTitle>Item by item</CardTitle>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Item by item">
        <table className="w-full text-sm">
          <thead>
            <tr className="text-right text-slate-600 dark:text-slate-300">
              <th scope="col" className="py-1 text-left font-medium">
                Item
              </th>
              <th scope="col" className="py-1 pl-3 font-medium">
                Supplier
              </th>
              <th scope="col" className="py-1 pl-3 font-medium">
                Ours
              </th>
              <th scope="col" className="hidden py-1 pl-3 font-medium sm:table-cell">
                Because of
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
            {check.items.map(({ name, component, theirs, ours, split }, i) => (
              <tr key={`${name} ${i}`}>
                <th scope="row" className="py-1.5 text-left font-normal">
                  {name}
                  <span className="block text-slate-600 sm:hidden dark:text-slate-300">{reasons(split, money)}</span>
                </th>
                <td className="py-1.5 pl-3 text-right tabular-nums">{theirs === null ? "–" : money(theirs)}</td>
                <td className="py-1.5 pl-3 text-right tabular-nums">
                  {ours === null ? (
                    "–"
                  ) : (
                    <Link to={`${bill}#${component}`} className="underline">
                      {money(ours)}
                    </Link>
                  )}
                </td>
                <td className="hidden py-1.5 pl-3 text-right text-slate-600 sm:table-cell dark:text-slate-300">
                  {reasons(split, money)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function reasons(split: Record<Cause, string>, money: (amount: string) => string): string {
  const found = (Object.keys(causeNames) as Cause[]).filter((cause) => Math.abs(Number(split[cause])) >= 0.005);
  return found.map((cause) => `${causeNames[cause].toLowerCase()} ${signed(split[cause], money)}`).join(", ") || "–";
}
