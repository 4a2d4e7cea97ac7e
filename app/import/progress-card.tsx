import { Form, Link } from "@remix-run/react";
import { Download } from "lucide-react";
import type { ImportRow } from "../../db/imports.ts";
import type { Formats } from "../charts/formats.ts";
import { Button, buttonClass, FormError } from "../components/form.tsx";
import { Card, CardTitle } from "../components/frame.tsx";
import { useLookAgain } from "../components/use-look-again.ts";
import { Progress } from "./progress.tsx";
import { RefusalTable } from "./refusal-table.tsx";

type Shown = Pick<
  ImportRow,
  "size" | "readBytes" | "stored" | "refused" | "ambiguous" | "firstMs" | "lastMs" | "refusals" | "state" | "error"
>;

interface ProgressProps {
  row: Shown;
  devicePath: string;
  importPath: string;
  formats: Formats;
}

/** How far the import is, looked at every second until it has ended; then what became of it. */
export function ProgressCard({ row, devicePath, importPath, formats }: ProgressProps) {
  const isUnderWay = row.state === "waiting" || row.state === "running";
  useLookAgain(isUnderWay);
  return (
    <Card>
      <CardTitle>{titles[row.state]}</CardTitle>
      <div className="space-y-4">
        <FormError>{row.error}</FormError>
        {isUnderWay && <Progress label="Imported" share={row.readBytes / row.size} />}
        <p role="status" className="text-sm" data-testid="outcome">
          {formats.number(row.stored)} readings stored, {formats.number(row.refused)} refused
          {row.firstMs !== null && `, from ${formats.dateTime(row.firstMs)} to ${formats.dateTime(row.lastMs!)}`}.
        </p>
        {row.ambiguous > 0 && (
          <p className="text-sm text-slate-600 dark:text-slate-300">
            {row.ambiguous === 1 ? "1 row lies" : `${formats.number(row.ambiguous)} rows lie`} in the hour that the
            clock shows twice; the order of the file told which of the two it was.
          </p>
        )}
        {isUnderWay ? (
          <Form method="post">
            <Button name="intent" value="cancel" look="secondary">
              Stop here
            </Button>
          </Form>
        ) : (
          <Link to={devicePath} className={buttonClass()}>
            Open the device
          </Link>
        )}
        {row.refusals.length > 0 && <Refused row={row} importPath={importPath} formats={formats} />}
      </div>
    </Card>
  );
}

const titles = {
  uploading: "Not complete",
  waiting: "Waiting for its turn",
  running: "Importing",
  done: "Done",
  failed: "It failed",
  cancelled: "Cancelled: what was stored stays",
} as const;

function Refused({ row, importPath, formats }: Omit<ProgressProps, "devicePath">) {
  const more = row.refused - row.refusals.length;
  return (
    <div className="space-y-2">
      <RefusalTable refusals={row.refusals} />
      {more > 0 && <p className="text-sm text-slate-600 dark:text-slate-300">… and {formats.number(more)} more.</p>}
      <a href={`${importPath}/refusals`} className={buttonClass("secondary")} download>
        <Download className="h-4 w-4" aria-hidden /> Download them
      </a>
    </div>
  );
}
