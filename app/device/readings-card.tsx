import { useFetcher } from "@remix-run/react";
import { Pencil } from "lucide-react";
import { useEffect, useState } from "react";
import type { Formats } from "../charts/formats.ts";
import { Button } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { CsvLink } from "../overview/period-controls.tsx";

/** A page of raw readings, newest first. */
export interface ReadingsPage {
  channelId: number;
  readings: { timeMs: number; value: number | string }[];
  hasMore: boolean;
}

interface ReadingsCardProps {
  /** The device's address. */
  path: string;
  channelId: number;
  unit: string | null;
  csvHref: string;
  formats: Formats;
  /** A reading is to be corrected; null: this person may not, or it has no number. */
  onCorrect: ((atMs: number) => void) | null;
}

/** Readings as they are stored, newest first, a page at a time. */
export function ReadingsCard({ path, channelId, unit, csvHref, formats, onCorrect }: ReadingsCardProps) {
  const { load, data, state } = useFetcher<ReadingsPage>();
  // Where the pages begin that lead to the one that is shown: back is the one before.
  const [trail, setTrail] = useState<(number | null)[]>([null]);
  const before = trail.at(-1)!;
  useEffect(() => setTrail([null]), [channelId]);
  useEffect(
    () => load(`${path}/readings?channel=${channelId}${before === null ? "" : `&before=${before}`}`),
    [load, path, channelId, before],
  );
  const readings = data?.channelId === channelId ? data.readings : null;
  const oldest = readings?.at(-1);
  return (
    <Card>
      <CardTitle
        aside={
          <div className="-my-2 -mr-2">
            <CsvLink href={csvHref} label="Download all readings of the chart's time as CSV" />
          </div>
        }
      >
        Raw readings
      </CardTitle>
      <div
        tabIndex={0}
        role="region"
        aria-label="Raw readings"
        aria-busy={state !== "idle"}
        className={`h-96 overflow-y-auto ${state !== "idle" && readings ? "opacity-60" : ""}`}
      >
        {readings === null && <Skeleton />}
        {readings?.length === 0 && <p className="py-8 text-center text-sm text-slate-500 dark:text-slate-400">None.</p>}
        {readings !== null && readings.length > 0 && (
          <table className="w-full text-sm">
            <thead className="sr-only">
              <tr>
                <th>Time</th>
                <th>Value</th>
                {onCorrect && <th>Correct</th>}
              </tr>
            </thead>
            <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
              {readings.map(({ timeMs, value }) => (
                <tr key={timeMs}>
                  <td className="whitespace-nowrap py-1.5 text-xs text-slate-500 dark:text-slate-400">
                    {formats.dateTime(timeMs)}
                  </td>
                  <td className="py-1.5 pl-2 text-right tabular-nums">
                    {typeof value === "number" ? exact(value, unit, formats) : formats.value(value, null)}
                  </td>
                  {onCorrect && (
                    <td className="w-9 text-right">
                      <button
                        type="button"
                        onClick={() => onCorrect(timeMs)}
                        aria-label={`Correct the reading of ${formats.dateTime(timeMs)}`}
                        className="inline-flex h-9 w-9 items-center justify-center rounded-lg text-slate-500 hover:bg-slate-100 dark:text-slate-400 dark:hover:bg-slate-800"
                      >
                        <Pencil className="h-4 w-4" aria-hidden />
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <div className="flex justify-between gap-2 border-t border-slate-100 pt-3 dark:border-slate-800">
        <Button
          type="button"
          look="secondary"
          disabled={trail.length === 1}
          onClick={() => setTrail(trail.length > 2 ? trail.slice(0, -1) : [null])}
        >
          Newer
        </Button>
        <Button
          type="button"
          look="secondary"
          disabled={!data?.hasMore || !oldest}
          onClick={() => oldest && setTrail([...trail, oldest.timeMs])}
        >
          Older
        </Button>
      </div>
    </Card>
  );
}

/** As it was sent, in the channel's unit: nothing rounded away but the noise of binary fractions. */
const exact = (value: number, unit: string | null, formats: Formats) =>
  unit === "W" ? `${formats.number(value, 6)} W` : formats.value(Number(value.toPrecision(12)), unit);

function Skeleton() {
  return (
    <div aria-hidden className="space-y-2">
      {Array.from({ length: 10 }, (_, i) => (
        <div key={i} className="h-6 animate-pulse rounded bg-slate-100 dark:bg-slate-800" />
      ))}
    </div>
  );
}
