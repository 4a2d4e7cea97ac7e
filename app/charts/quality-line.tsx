import type { Formats } from "./formats.ts";
import type { Quality } from "./quality.ts";

/** "98.7 % measured, 1.3 % estimated, complete to 14:45": beside every figure, in these words. */
export function qualityWords(
  { measured, estimated, missing, toMs }: Quality,
  formats: Formats,
  /** On another day than today, the time alone would mislead. */
  nowMs: number,
): string {
  const parts = [`${formats.percent(measured)} measured`];
  if (estimated > 0.0005) parts.push(`${formats.percent(estimated)} estimated`);
  if (missing > 0.005) parts.push(`${formats.percent(missing)} missing`);
  if (toMs !== null) {
    const isToday = formats.isoDate(toMs) === formats.isoDate(nowMs);
    parts.push(`complete to ${isToday ? formats.time(toMs) : formats.shortDateTime(toMs)}`);
  }
  return parts.join(", ");
}

interface LineProps {
  quality: Quality;
  formats: Formats;
  nowMs: number;
  /** What it speaks of: "Today". */
  of?: string;
}

export function QualityLine({ quality, formats, nowMs, of }: LineProps) {
  return (
    <p className="mt-3 px-1 text-sm text-slate-500 dark:text-slate-400" data-testid="completeness">
      {of ? `${of}: ` : ""}
      {qualityWords(quality, formats, nowMs)}.
    </p>
  );
}
