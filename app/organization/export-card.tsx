import { Form } from "@remix-run/react";
import { Download } from "lucide-react";
import type { Formats } from "../charts/formats.ts";
import { Button, buttonClass, FormError } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { Progress } from "../import/progress.tsx";

interface ListedExport {
  id: string;
  state: "waiting" | "running" | "done" | "failed";
  error: string | null;
  written: number;
  files: number;
  size: number;
  createdAt: number;
  expiresAt: number | null;
}

interface ExportProps {
  exports: readonly ListedExport[];
  /** How long a file waits to be fetched. */
  days: number;
  /** The organization is being deleted. */
  isStopped: boolean;
  formats: Formats;
}

/** Asks for everything as a file, shows how far it is, and hands it out. */
export function ExportCard({ exports, days, isStopped, formats }: ExportProps) {
  const isUnderWay = exports.some(({ state }) => state === "waiting" || state === "running");
  return (
    <Card>
      <CardTitle>Take everything along</CardTitle>
      <div className="space-y-4 text-sm">
        <p className="text-slate-600 dark:text-slate-300">
          One ZIP with all readings and energy as CSV and all the rest as JSON Lines: places, devices, contracts,
          members, the audit log. Passwords, tokens and keys are not in it. Another installation takes it with{" "}
          <code className="whitespace-nowrap">energy org import</code>.
        </p>
        {exports.map((row) => (
          <ExportLine key={row.id} row={row} formats={formats} />
        ))}
        {!isUnderWay && !isStopped && (
          <Form method="post">
            <Button name="intent" value="export" look={exports.length ? "secondary" : "primary"}>
              {exports.length ? "Make a new one" : "Make the file"}
            </Button>
            <p className="mt-2 text-slate-600 dark:text-slate-300">
              It waits here for {days} days; a new one takes the place of the one before.
            </p>
          </Form>
        )}
      </div>
    </Card>
  );
}

const sizeWords = (bytes: number, formats: Formats) =>
  bytes < 1e6 ? `${formats.number(Math.ceil(bytes / 1e3))} kB` : `${formats.number(bytes / 1e6, 1)} MB`;

function ExportLine({ row, formats }: { row: ListedExport; formats: Formats }) {
  if (row.state === "failed") return <FormError>{row.error}</FormError>;
  if (row.state !== "done") {
    return (
      <div className="space-y-2" data-testid="export-progress">
        <p role="status">{row.state === "waiting" ? "Waiting for its turn" : "Being written"}</p>
        <Progress label="Written" share={row.files ? row.written / row.files : 0} />
      </div>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2" data-testid="export-done">
      <a href={`/organization/data/${row.id}/download`} className={buttonClass()} download>
        <Download className="h-4 w-4" aria-hidden /> Download
      </a>
      <p>
        As it was on {formats.dateTime(row.createdAt)}, {sizeWords(row.size, formats)}; until{" "}
        {formats.dateTime(row.expiresAt!)}
      </p>
    </div>
  );
}
