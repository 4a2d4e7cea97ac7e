import type { ReactNode } from "react";

/** Named figures in a row that wraps. */
export function Figures({ of }: { of: readonly [label: string, value: ReactNode][] }) {
  return (
    <dl className="grid grid-cols-2 gap-4 text-sm sm:grid-cols-4">
      {of.map(([label, value]) => (
        <div key={label}>
          <dt className="text-slate-600 dark:text-slate-300">{label}</dt>
          <dd className="mt-0.5 font-medium tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface Column<Row> {
  label: string;
  isNumber?: boolean;
  cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  columns: readonly Column<Row>[];
  /** Said in place of an empty table. */
  empty: string;
}

/** A table that scrolls by itself where the screen is narrow. */
export function Table<Row>({ label, rows, rowKey, columns, empty }: TableProps<Row>) {
  if (!rows.length) return <p className="text-sm text-slate-600 dark:text-slate-300">{empty}</p>;
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-sm">
        <thead className="text-xs text-slate-600 dark:text-slate-300">
          <tr>
            {columns.map(({ label, isNumber }) => (
              <th key={label} scope="col" className={`px-2 pb-2 font-medium ${isNumber ? "text-right" : "text-left"}`}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-slate-100 dark:divide-slate-800">
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ label, isNumber, cell }) => (
                <td key={label} className={`px-2 py-2.5 align-top ${isNumber ? "text-right tabular-nums" : ""}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
