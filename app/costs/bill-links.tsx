import { Link } from "@remix-run/react";
import { dayAfter, daysQuery } from "./bill-periods.ts";

interface BilledDays {
  /** Local days, the last one included. */
  first: string;
  last: string;
  /** Of a period that is cut within its last day: up to when. */
  untilMs?: number;
}

/** Where the bill of a contract is; `id` null: the price of the settings. */
export const billPath = (siteId: string, id: string | null, { first, last, untilMs }: BilledDays): string =>
  `/sites/${siteId}/contracts/${id ?? "price"}/bill?${daysQuery({ from: first, to: dayAfter(last), ...(untilMs !== undefined && { untilMs }) })}`;

interface LinksProps {
  /** null: for a reader who sees the amount and nothing else. */
  siteId: string | null;
  contracts: readonly { id: string | null; name: string }[];
  days: { first: string; last: string };
}

/** From an amount to the bills that it is made of: each line opens its prices, its arithmetic, and the readings behind it. */
export function BillLinks({ siteId, contracts, days }: LinksProps) {
  if (!contracts.length || siteId === null) return null;
  return (
    <span className="text-sm" data-testid="bill-links">
      Why?{" "}
      {contracts.map(({ id, name }, i) => (
        <span key={id ?? "price"}>
          {i > 0 && " · "}
          <Link
            to={billPath(siteId, id, days)}
            className="font-medium text-emerald-700 underline dark:text-emerald-400"
          >
            {name}
          </Link>
        </span>
      ))}
    </span>
  );
}
