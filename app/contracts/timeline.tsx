import type { Formats } from "../charts/formats.ts";
import { Room } from "../charts/share-bar.tsx";
import type { ContractView } from "./contract-view.server.ts";
import { rateLook } from "./rate-looks.ts";
import { dayWordsOf } from "./version-words.ts";

const dayMs = 86_400_000;

/** The versions of a contract along time, the present day marked. The list below says the same in words. */
export function Timeline({ contract, today, formats }: { contract: ContractView; today: string; formats: Formats }) {
  const { versions, endsOn } = contract;
  const at = (iso: string) => Date.parse(iso);
  const first = at(versions[0]!.validFrom);
  const newest = Math.max(at(today), at(versions.at(-1)!.validFrom), endsOn ? at(endsOn) : 0);
  // Some room after the last change, so that what is to come can be seen.
  const last = newest + Math.max(30 * dayMs, (newest - first) * 0.12);
  const place = (ms: number) => Math.max(0, Math.min(100, ((ms - first) / (last - first)) * 100));
  const until = endsOn ? Math.min(at(endsOn), last) : last;
  return (
    <div aria-hidden className="mb-2 pt-6" data-testid="timeline">
      <div className="relative flex h-12">
        {versions.map(({ id, validFrom }, i) => {
          const from = place(at(validFrom));
          const to = place(Math.min(until, versions[i + 1] ? at(versions[i + 1]!.validFrom) : last));
          const look = rateLook(i);
          return (
            <svg
              key={id}
              width={`${Math.max(0, to - from)}%`}
              height="100%"
              className={`shrink-0 border-r-2 border-white text-xs font-semibold dark:border-slate-900 ${look.className} ${i === 0 ? "rounded-l-lg" : ""}`}
            >
              <foreignObject width="100%" height="100%">
                <div className="flex h-full items-center px-2">
                  <span className="truncate">{to - from > 12 ? dayWordsOf(validFrom, formats) : look.letter}</span>
                </div>
              </foreignObject>
            </svg>
          );
        })}
        <div className="absolute inset-x-0 -top-5 bottom-0 flex">
          <Room percent={place(at(today))} />
          <div className="relative border-l-2 border-slate-900 dark:border-white">
            <span className="absolute -left-5 -top-1 w-10 bg-white text-center text-xs font-medium dark:bg-slate-900">
              today
            </span>
          </div>
        </div>
      </div>
    </div>
  );
}
