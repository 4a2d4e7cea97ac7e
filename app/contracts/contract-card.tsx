import { Link } from "@remix-run/react";
import { ChevronRight } from "lucide-react";
import type { Formats } from "../charts/formats.ts";
import { Badge, Card } from "../components/frame.tsx";
import type { ContractView } from "./contract-view.server.ts";
import { dayWordsOf, tariffWords } from "./version-words.ts";

/** A contract in the list: what it costs now, since when, and what comes next. */
export function ContractCard({
  contract,
  meter,
  formats,
}: {
  contract: ContractView;
  /** The meter that it is for; null: the whole place. */
  meter: string | null;
  formats: Formats;
}) {
  const { versions, current, hasEnded, endsOn } = contract;
  const held = versions[current ?? versions.length - 1]!;
  const next = current === null ? undefined : versions[current + 1];
  const day = (iso: string) => dayWordsOf(iso, formats);
  return (
    <Card className="h-full">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <h3 className="font-semibold">
          <Link to={contract.id} className="inline-flex min-h-8 items-center gap-1 hover:underline">
            {contract.name} <ChevronRight className="h-4 w-4" aria-hidden />
          </Link>
        </h3>
        {hasEnded ? (
          <Badge>ended</Badge>
        ) : current === null ? (
          <Badge look="warn">not begun</Badge>
        ) : (
          <Badge look="good">in force</Badge>
        )}
      </div>
      {meter && <p className="text-sm text-slate-600 dark:text-slate-300">Only {meter}</p>}
      <p className="mt-2">{tariffWords(held, formats)}</p>
      <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">
        Since {day(held.validFrom)}
        {endsOn && `, ${hasEnded ? "ended" : "ends"} on ${day(endsOn)}`}
      </p>
      {next && (
        <p className="mt-2 text-sm">
          <span className="font-medium">From {day(next.validFrom)}:</span> {tariffWords(next, formats)}
        </p>
      )}
    </Card>
  );
}
