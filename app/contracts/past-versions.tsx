import type { Formats } from "../charts/formats.ts";
import { Card, CardTitle } from "../components/frame.tsx";
import type { VersionView } from "./contract-view.server.ts";
import { dayWordsOf, tariffWords } from "./version-words.ts";

export interface PastVersionView extends VersionView {
  supersededMs: number;
  /** Who said so. */
  supersededBy: string;
}

/** What was said once and no longer holds: nothing that a bill was made by is ever lost. */
export function PastVersions({ past, formats }: { past: readonly PastVersionView[]; formats: Formats }) {
  if (past.length === 0) return null;
  return (
    <Card>
      <CardTitle>Corrected and taken back</CardTitle>
      <ol className="divide-y divide-slate-200 dark:divide-slate-800">
        {past.map((version) => (
          <li key={version.id} className="py-3" data-testid="past-version">
            <p className="font-medium">From {dayWordsOf(version.validFrom, formats)}</p>
            <p className="text-slate-700 dark:text-slate-300">{tariffWords(version, formats)}</p>
            {version.note && <p className="text-sm">“{version.note}”</p>}
            <p className="text-sm text-slate-600 dark:text-slate-400">
              Entered {formats.dateTime(version.createdMs)} by {version.by}, no longer holds since{" "}
              {formats.dateTime(version.supersededMs)}, by {version.supersededBy}
            </p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
