import type { DeviceHealth } from "../../db/device-health.ts";
import type { Formats } from "../charts/formats.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import { spanWords } from "./words.ts";

interface GapsCardProps {
  gaps: DeviceHealth["gaps"];
  /** From when on they are known; null: there is nothing to find gaps in. */
  fromMs: number | null;
  nowMs: number;
  days: number;
  formats: Formats;
}

const mostShown = 20;
const dayMs = 86_400_000;

/** Where its data has holes: a strip of the last days, and the list. */
export function GapsCard({ gaps, fromMs, nowMs, days, formats }: GapsCardProps) {
  const startMs = nowMs - days * dayMs;
  const lostS = gaps.reduce((sum, gap) => sum + (gap.toMs - gap.fromMs) / 1000, 0);
  const sentence = gaps.length
    ? `${gaps.length === 1 ? "1 gap" : `${gaps.length} gaps`} in ${days} days, ${spanWords(lostS)} in all`
    : `No gap in ${days} days`;
  const at = (ms: number) => Math.min(100, Math.max(0, (100 * (ms - startMs)) / (nowMs - startMs)));
  const piece = (from: number, to: number) => ({ x: `${at(from)}%`, width: `${Math.max(0, at(to) - at(from))}%` });
  return (
    <Card>
      <CardTitle
        aside={<span className="text-sm text-slate-600 dark:text-slate-300">{fromMs !== null && sentence}</span>}
      >
        Gaps
      </CardTitle>
      {fromMs === null ? (
        <p className="text-slate-600 dark:text-slate-300">It has no readings of these days to find gaps in.</p>
      ) : (
        <>
          <div
            role="img"
            aria-label={sentence}
            className="h-8 overflow-hidden rounded-lg bg-slate-200 dark:bg-slate-800"
          >
            <svg className="h-full w-full" aria-hidden>
              <rect {...piece(fromMs, nowMs)} height="100%" className="fill-emerald-600 dark:fill-emerald-500" />
              {gaps.map((gap) => (
                <g key={gap.fromMs} className="fill-rose-300 dark:fill-rose-800">
                  <rect {...piece(gap.fromMs, gap.toMs)} height="100%" />
                  {/* Seen however short it is. */}
                  <rect {...piece(gap.fromMs, gap.toMs)} width="2" height="100%" />
                </g>
              ))}
            </svg>
          </div>
          <div className="mt-1 flex justify-between text-xs text-slate-600 dark:text-slate-300">
            <span>{formats.shortDateTime(startMs)}</span>
            <span>now</span>
          </div>
          <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-slate-600 dark:text-slate-300">
            <Key look="bg-emerald-600 dark:bg-emerald-500">Data</Key>
            <Key look="bg-rose-300 dark:bg-rose-800">Gap</Key>
            {fromMs > startMs + dayMs / 24 && <Key look="bg-slate-200 dark:bg-slate-800">Not here yet</Key>}
          </ul>
          {gaps.length > 0 && <GapTable gaps={gaps} formats={formats} />}
        </>
      )}
    </Card>
  );
}

function Key({ look, children }: { look: string; children: string }) {
  return (
    <li className="flex items-center gap-1.5">
      <span aria-hidden className={`h-2.5 w-2.5 rounded-sm ring-1 ring-slate-400/50 ${look}`} />
      {children}
    </li>
  );
}

function GapTable({ gaps, formats }: Pick<GapsCardProps, "gaps" | "formats">) {
  const newest = gaps.toReversed().slice(0, mostShown);
  const head = "py-2 pr-4 font-medium";
  return (
    <div className="mt-4 overflow-x-auto">
      <table className="w-full text-left text-sm" data-testid="gaps">
        <caption className="sr-only">Gaps, newest first</caption>
        <thead className="text-slate-600 dark:text-slate-300">
          <tr>
            <th scope="col" className={head}>
              From
            </th>
            <th scope="col" className={head}>
              To
            </th>
            <th scope="col" className="py-2 text-right font-medium">
              Length
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-slate-100 border-t border-slate-100 dark:divide-slate-800 dark:border-slate-800">
          {newest.map(({ fromMs, toMs }) => (
            <tr key={fromMs}>
              <td className="whitespace-nowrap py-2 pr-4">{formats.shortDateTime(fromMs)}</td>
              <td className="whitespace-nowrap py-2 pr-4">{formats.shortDateTime(toMs)}</td>
              <td className="whitespace-nowrap py-2 text-right tabular-nums">{spanWords((toMs - fromMs) / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {gaps.length > mostShown && (
        <p className="mt-2 text-sm text-slate-600 dark:text-slate-300">And {gaps.length - mostShown} older ones.</p>
      )}
    </div>
  );
}
