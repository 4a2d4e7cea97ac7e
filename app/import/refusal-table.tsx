/** Rows that are no readings, and why. */
export function RefusalTable({ refusals }: { refusals: { row: number; reason: string }[] }) {
  return (
    <div tabIndex={0} role="region" aria-label="Refused rows" className="max-h-96 overflow-auto">
      <table className="w-full text-sm" data-testid="refusals">
        <thead className="text-left text-slate-600 dark:text-slate-300">
          <tr>
            <th className="py-1.5 pr-4 font-medium">Row</th>
            <th className="py-1.5 font-medium">Why it is refused</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
          {refusals.map(({ row, reason }, i) => (
            <tr key={i}>
              <td className="py-1.5 pr-4 align-top tabular-nums">{row || "–"}</td>
              <td className="break-words py-1.5">{reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
