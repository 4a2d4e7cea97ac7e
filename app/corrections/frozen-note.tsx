import { formatsOf, type Formats } from "../charts/formats.ts";

/** Before when a channel is frozen, in UTC, as retention counts its days. */
export const frozenDate = (ms: number, { locale }: Formats): string => {
  const formats = formatsOf(locale, "UTC");
  return `${formats.day(ms)} ${formats.year(ms)}, ${formats.time(ms)} UTC`;
};

/** Frozen time, said where it matters: figures stay, but neither their readings nor a correction can be had. */
export function FrozenNote({ beforeMs, formats }: { beforeMs: number; formats: Formats }) {
  return (
    <p
      role="note"
      className="rounded-lg border border-sky-300 bg-sky-50 px-3 py-2 text-sm text-sky-950 dark:border-sky-800 dark:bg-sky-950 dark:text-sky-100"
      data-testid="frozen"
    >
      <strong className="font-semibold">Frozen before {frozenDate(beforeMs, formats)}.</strong> Raw readings of then are
      kept no longer, as the organization chose: energy, events and costs stay as they are, and can be neither corrected
      nor explained by single readings.
    </p>
  );
}
