import { Link } from "@remix-run/react";
import type { ImportState } from "../../db/imports.ts";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import type { Formats } from "../charts/formats.ts";

export const stateWords: Readonly<Record<ImportState, { word: string; look: "good" | "warn" | "bad" | "plain" }>> = {
  uploading: { word: "To be settled", look: "warn" },
  waiting: { word: "Waiting", look: "plain" },
  running: { word: "Running", look: "plain" },
  done: { word: "Done", look: "good" },
  failed: { word: "Failed", look: "bad" },
  cancelled: { word: "Cancelled", look: "plain" },
};

export interface ListedImport {
  id: string;
  fileName: string;
  deviceName: string;
  state: ImportState;
  stored: number;
  refused: number;
  createdMs: number;
}

/** Earlier imports of the site, newest first. */
export function ImportList({ imports, formats }: { imports: ListedImport[]; formats: Formats }) {
  return (
    <Card>
      <CardTitle>Imports</CardTitle>
      {!imports.length && <p className="text-sm text-slate-600 dark:text-slate-300">None yet.</p>}
      <ul className="-mx-2 divide-y divide-slate-100 dark:divide-slate-800">
        {imports.map(({ id, fileName, deviceName, state, stored, refused, createdMs }) => (
          <li key={id}>
            <Link
              to={id}
              className="flex min-h-14 items-center gap-3 rounded-lg px-2 py-2 hover:bg-slate-50 dark:hover:bg-slate-800"
            >
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm font-medium">{fileName}</span>
                <span className="block truncate text-sm text-slate-600 dark:text-slate-300">
                  {deviceName} · {formats.shortDateTime(createdMs)}
                  {stored > 0 && ` · ${formats.number(stored)} readings`}
                  {refused > 0 && ` · ${formats.number(refused)} refused`}
                </span>
              </span>
              <Badge look={stateWords[state].look}>{stateWords[state].word}</Badge>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
