import { Link, useFetcher } from "@remix-run/react";
import { useState } from "react";
import { unitSign, type Formats } from "../charts/formats.ts";
import { Dialog } from "../components/dialog.tsx";
import { WhyButton } from "../components/why-button.tsx";
import { periodQuery, type Comparison, type Period } from "../period/period.ts";
import { billPath } from "./bill-links.tsx";
import type { ChangeShown, CostDifference, DifferenceAnswer, SideShown } from "./difference.server.ts";

interface WhyProps {
  siteId: string;
  period: Period;
  by: Comparison;
  /** "than a year before". */
  words: string;
  currency: string;
  formats: Formats;
}

/** Why a period cost more or less than another one: line by line, with the way to both bills and their readings. */
export function DifferenceWhy({ siteId, period, by, words, currency, formats }: WhyProps) {
  const fetcher = useFetcher<DifferenceAnswer>();
  const [isOpen, setIsOpen] = useState(false);
  const found = fetcher.data;
  function open() {
    setIsOpen(true);
    fetcher.load(`/sites/${siteId}/costs/difference?${periodQuery(period)}&by=${by}`);
  }
  return (
    <>
      <WhyButton onClick={open}>Why?</WhyButton>
      <Dialog open={isOpen} onClose={() => setIsOpen(false)} title={`Why more or less ${words}?`}>
        {!found && <p className="text-sm">Setting both bills against each other …</p>}
        {found?.ok === false && <p className="text-sm">{found.error}</p>}
        {found?.ok && <Difference found={found.difference} {...{ siteId, currency, formats }} />}
      </Dialog>
    </>
  );
}

interface ViewProps {
  found: CostDifference;
  siteId: string;
  currency: string;
  formats: Formats;
}

function Difference({ found: { now, then, difference, contracts }, siteId, currency, formats }: ViewProps) {
  const signed = (amount: string) => `${Number(amount) > 0 ? "+" : ""}${formats.money(amount, currency)}`;
  return (
    <div
      className="max-h-[70vh] space-y-4 overflow-y-auto text-sm"
      tabIndex={0}
      role="region"
      aria-label="Why"
      data-testid="difference"
    >
      <p>
        Together {signed(difference)}. Each line is split: what was used more or less counts at the price of then, and a
        new price for all that is used now.
      </p>
      {contracts.map(({ id, name, total, changes }) => (
        <section key={id ?? "price"}>
          <h3 className="flex justify-between gap-4 font-semibold">
            {name}
            <span className="tabular-nums">{signed(total)}</span>
          </h3>
          <ul className="mt-1 divide-y divide-slate-100 border-y border-slate-200 dark:divide-slate-800 dark:border-slate-800">
            {changes.map((one, i) => (
              <li key={i} className="py-2">
                <p className="flex justify-between gap-4">
                  <span className="font-medium">{one.name}</span>
                  <span className="tabular-nums">{signed(one.difference)}</span>
                </p>
                <p className="tabular-nums text-slate-600 dark:text-slate-300">
                  {partsOf(one, signed)}
                  {(
                    [
                      ["Now", one.now, now],
                      ["Then", one.then, then],
                    ] as const
                  ).map(([when, side, span]) => (
                    <span key={when} className="block">
                      {when}: {side ? sideWords(side, one, { currency, formats }) : "none"}{" "}
                      {side && (
                        <Link to={`${billPath(siteId, id, span)}#${one.component}`} className="underline">
                          Its bill
                        </Link>
                      )}
                    </span>
                  ))}
                </p>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function partsOf({ byQuantity, byPrice, type }: ChangeShown, signed: (amount: string) => string): string | null {
  const isSplit = Math.abs(Number(byQuantity)) >= 0.005 && Math.abs(Number(byPrice)) >= 0.005;
  if (!isSplit) return null;
  return `${signed(byQuantity)} by ${type === "tax" ? "what is taxed" : "quantity"}, ${signed(byPrice)} by price`;
}

function sideWords(
  { quantity, unitPrice, amount }: SideShown,
  { unit, type }: ChangeShown,
  { currency, formats }: { currency: string; formats: Formats },
): string {
  const sum = formats.money(amount, currency);
  if (unitPrice === null) return sum;
  if (type === "tax") return `${formats.number(Number(unitPrice) * 100, 3)} % on ${formats.money(String(quantity), currency)} = ${sum}`; // prettier-ignore
  return `${formats.number(quantity, 3)} ${unitSign(unit)} × ${formats.price(Number(unitPrice).toFixed(6), currency)} = ${sum}`;
}
