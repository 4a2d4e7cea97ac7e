import type { Formats } from "../charts/formats.ts";
import { FormError } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import type { Preview } from "./preview.ts";
import { RefusalTable } from "./refusal-table.tsx";

/** What the first rows become, in the site's time. */
export function PreviewCard({ preview, doubts, formats }: { preview: Preview; doubts: string[]; formats: Formats }) {
  const metrics = [...new Set(preview.rows.flatMap(({ values }) => values.map(({ metric }) => metric)))];
  return (
    <Card>
      <CardTitle>The first rows</CardTitle>
      <div className="space-y-4">
        <FormError>{preview.error}</FormError>
        {doubts.map((doubt) => (
          <p
            key={doubt}
            className="rounded-lg border border-amber-200 bg-amber-50 px-4 py-3 text-sm text-amber-900 dark:border-amber-900 dark:bg-amber-950 dark:text-amber-200"
          >
            {doubt}
          </p>
        ))}
        {preview.rows.length > 0 && (
          <div tabIndex={0} role="region" aria-label="The first rows" className="overflow-x-auto">
            <table className="w-full text-sm" data-testid="preview">
              <thead className="text-left text-slate-600 dark:text-slate-300">
                <tr>
                  <th className="py-1.5 pr-4 font-medium">Row</th>
                  <th className="py-1.5 pr-4 font-medium">Time</th>
                  {metrics.map((metric) => (
                    <th key={metric} className="py-1.5 pr-4 text-right font-medium">
                      {metric}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
                {preview.rows.map(({ row, timeMs, values }) => (
                  <tr key={`${row} ${timeMs}`}>
                    <td className="py-1.5 pr-4 tabular-nums">{row}</td>
                    <td className="whitespace-nowrap py-1.5 pr-4">{formats.dateTime(timeMs)}</td>
                    {metrics.map((metric) => {
                      const value = values.find((v) => v.metric === metric);
                      return (
                        <td key={metric} className="whitespace-nowrap py-1.5 pr-4 text-right tabular-nums">
                          {value && formats.value(value.value, value.unit)}
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {preview.refusals.length > 0 && <RefusalTable refusals={preview.refusals} />}
      </div>
    </Card>
  );
}
