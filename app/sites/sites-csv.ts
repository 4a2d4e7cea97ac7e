import type { Cell } from "../charts/csv.ts";
import { amount, stepRows } from "../charts/step-csv.ts";
import { co2Columns } from "../costs/co2-columns.ts";
import type { SiteLine } from "./load-sites.server.ts";

/** A site a row, its times on its own clock. */
export function* siteRows(lines: readonly SiteLine[]): Generator<Cell[]> {
  const co2 = co2Columns(lines);
  for (const [i, line] of lines.entries()) {
    const rows = stepRows([{ ...line, startMs: line.period.startMs, endMs: line.period.endMs }], {
      timezone: line.timezone,
      columns: [
        { name: "site", of: ({ name }) => name },
        { name: "used_kwh", of: ({ used }) => amount(used) },
        { name: "produced_kwh", of: ({ produced }) => amount(produced) },
        { name: "imported_kwh", of: ({ imported }) => amount(imported) },
        { name: "exported_kwh", of: ({ exported }) => amount(exported) },
        { name: "self_sufficiency", of: ({ selfSufficiency }) => amount(selfSufficiency) },
        ...co2,
      ],
      known: ({ completeness, used, estimated }) => ({ completeness, estimatedShare: used > 0 ? estimated / used : 0 }),
    });
    const [head, row] = rows;
    if (i === 0) yield head!;
    yield row!;
  }
}
