import { useFetcher } from "@remix-run/react";
import { useEffect } from "react";
import type { Formats } from "../charts/formats.ts";
import { amountWords } from "../usage/usage-cards.tsx";
import { formulaWords } from "./formula-words.ts";
import type { Preview } from "./preview.server.ts";

interface PreviewProps {
  siteId: string;
  formula: string;
  medium: string;
  id: number | null;
  formats: Formats;
}

/** While somebody types, not at each key. */
const waitMs = 300;

/** What the formula gives, as it is typed; or where it goes wrong. */
export function FormulaPreview({ siteId, formula, medium, id, formats }: PreviewProps) {
  const { load, data } = useFetcher<Preview>();
  useEffect(() => {
    if (!formula.trim()) return;
    const query = new URLSearchParams({ formula, medium, ...(id !== null && { id: String(id) }) });
    const timer = setTimeout(() => load(`/sites/${siteId}/meters/preview?${query.toString()}`), waitMs);
    return () => clearTimeout(timer);
  }, [siteId, formula, medium, id, load]);
  if (!formula.trim() || !data) return null;
  if (!data.ok) return <Fault formula={formula} position={data.fault.position} words={formulaWords(data.fault)} />;
  const most = Math.max(1e-9, ...data.hours.map(({ amount }) => amount));
  return (
    <div className="rounded-xl bg-slate-50 p-3 dark:bg-slate-800/60" data-testid="preview">
      <p className="break-words text-sm">{data.words}</p>
      <p className="mt-1 text-lg font-semibold tabular-nums">
        {amountWords(data.total, data.unit, formats)}{" "}
        <span className="text-sm font-normal text-slate-600 dark:text-slate-300">
          in the last 24 hours, {formats.percent(data.known)} known
        </span>
      </p>
      <div aria-hidden className="mt-2 flex h-14 items-end gap-0.5">
        {data.hours.map(({ startMs, amount }) => (
          <svg
            key={startMs}
            height={`${(100 * Math.max(0, amount)) / most}%`}
            className="min-h-px min-w-0 flex-1 rounded-t-sm bg-emerald-600 dark:bg-emerald-500"
          >
            <title>{`${formats.time(startMs)}: ${amountWords(amount, data.unit, formats)}`}</title>
            <rect width="100%" height="100%" className="fill-transparent" />
          </svg>
        ))}
      </div>
    </div>
  );
}

/** The formula with a mark below the place. */
function Fault({ formula, position, words }: { formula: string; position: number; words: string }) {
  return (
    <div
      role="status"
      className="rounded-xl border border-amber-300 bg-amber-50 p-3 text-sm text-amber-950 dark:border-amber-800 dark:bg-amber-950 dark:text-amber-100"
      data-testid="preview"
    >
      <pre aria-hidden className="overflow-x-auto font-mono">
        {formula}
        {"\n"}
        {" ".repeat(Math.min(position, formula.length))}^
      </pre>
      <p className="mt-1">{words}</p>
    </div>
  );
}
