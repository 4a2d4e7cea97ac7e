import type { LoaderFunctionArgs } from "@remix-run/node";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { requireImport } from "../import/require-import.server.ts";

/** What was refused, by row, as a file. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { row } = await requireImport(request, params);
  const rows = row.refusals.map((refusal) => [refusal.row, refusal.reason]);
  return csvResponse(csvText([["row", "reason"], ...rows]), csvFileName(row.fileName, "refused"));
}
