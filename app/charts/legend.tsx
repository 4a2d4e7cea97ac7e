import { tones, type Tone } from "./tones.ts";

/** What the colours mean. Estimated and incomplete are named only where a chart shows them. */
export function Legend({
  shown,
  hasEstimated = false,
  hasIncomplete = false,
}: {
  shown: Tone[];
  hasEstimated?: boolean;
  hasIncomplete?: boolean;
}) {
  if (shown.length < 2 && !hasEstimated && !hasIncomplete) return null;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-slate-600 dark:text-slate-300">
      {shown.length > 1 &&
        shown.map((tone) => (
          <li key={tone} className="flex items-center gap-1.5">
            <span aria-hidden className={`h-2.5 w-2.5 rounded-sm ${tones[tone].bg}`} />
            {tones[tone].name}
          </li>
        ))}
      {hasEstimated && (
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="relative h-2.5 w-2.5 overflow-hidden rounded-sm bg-slate-500">
            <span className={`absolute inset-0 ${hatch}`} />
          </span>
          Estimated
        </li>
      )}
      {hasIncomplete && (
        <li className="flex items-center gap-1.5">
          <span
            aria-hidden
            className="h-2.5 w-2.5 rounded-sm border border-dashed border-slate-500 bg-slate-200 dark:bg-slate-700"
          />
          Incomplete
        </li>
      )}
    </ul>
  );
}

/** Stripes over a colour: this part is an estimate. */
export const hatch =
  "pointer-events-none bg-[repeating-linear-gradient(135deg,rgba(255,255,255,0.7)_0_2px,transparent_2px_5px)] dark:bg-[repeating-linear-gradient(135deg,rgba(15,23,42,0.75)_0_2px,transparent_2px_5px)]";
