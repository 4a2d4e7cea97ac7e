import { Form, Link } from "@remix-run/react";
import { useState } from "react";
import type { Formats } from "../charts/formats.ts";
import { Dialog } from "../components/dialog.tsx";
import { Button, buttonClass } from "../components/form.tsx";
import { Badge } from "../components/frame.tsx";
import type { ContractView, VersionView } from "./contract-view.server.ts";
import { rateLook } from "./rate-looks.ts";
import { dayWordsOf, tariffWords } from "./version-words.ts";

interface VersionListProps {
  contract: ContractView;
  formats: Formats;
  mayChange: boolean;
}

/** The versions that hold, newest first, and what can be done with each. */
export function VersionList({ contract, formats, mayChange }: VersionListProps) {
  const { versions, current } = contract;
  const [leaving, setLeaving] = useState<VersionView | null>(null);
  const day = (iso: string) => dayWordsOf(iso, formats);
  return (
    <>
      <ol className="divide-y divide-slate-200 dark:divide-slate-800">
        {versions
          .map((version, i) => ({ version, i }))
          .reverse()
          .map(({ version, i }) => {
            const look = rateLook(i);
            const until = versions[i + 1]?.validFrom ?? contract.endsOn;
            return (
              <li key={version.id} className="py-4" data-testid="version">
                <div className="flex flex-wrap items-center gap-2">
                  <span
                    aria-hidden
                    className={`flex h-6 w-6 items-center justify-center rounded text-xs font-bold ${look.className}`}
                  >
                    {look.letter}
                  </span>
                  <h3 className="font-semibold">
                    From {day(version.validFrom)}
                    {until && ` until ${day(until)}`}
                  </h3>
                  {i === current && <Badge look="good">in force</Badge>}
                  {current !== null && i > current && <Badge look="warn">to come</Badge>}
                </div>
                <p className="mt-1">{tariffWords(version, formats)}</p>
                {version.note && <p className="mt-1 text-sm">“{version.note}”</p>}
                <p className="mt-1 text-sm text-slate-600 dark:text-slate-400">
                  Entered {formats.dateTime(version.createdMs)} by {version.by}
                </p>
                {mayChange && (
                  <div className="mt-3 flex flex-wrap gap-2">
                    <Link to={`version?as=correction&of=${version.id}`} className={buttonClass("secondary")}>
                      Correct it
                    </Link>
                    {versions.length > 1 && (
                      <Button type="button" look="secondary" onClick={() => setLeaving(version)}>
                        Take it back
                      </Button>
                    )}
                  </div>
                )}
              </li>
            );
          })}
      </ol>
      <Dialog open={leaving !== null} onClose={() => setLeaving(null)} title="Take these prices back?">
        {leaving && (
          <Form method="post" onSubmit={() => setTimeout(() => setLeaving(null))} className="space-y-4">
            <p>
              The prices from {day(leaving.validFrom)} on no longer hold
              {leaving.id === versions[0]!.id
                ? ": the contract begins with the next ones."
                : "; those before them go on."}{" "}
              All bills and costs are worked out anew. What was said is kept below.
            </p>
            <input type="hidden" name="intent" value="withdraw" />
            <input type="hidden" name="version" value={leaving.id} />
            <div className="flex gap-2">
              <Button look="danger">Take them back</Button>
              <Button type="button" look="secondary" onClick={() => setLeaving(null)}>
                Keep them
              </Button>
            </div>
          </Form>
        )}
      </Dialog>
    </>
  );
}
