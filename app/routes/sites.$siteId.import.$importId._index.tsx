import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { cancelImport, setImportOptions, startImport, type ImportRow } from "../../db/imports.ts";
import { formatNames } from "../../domain/history/options.ts";
import type { Guess } from "../../domain/history/detect.ts";
import { useFormats } from "../charts/use-formats.ts";
import { FormError } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { guessOf } from "../import/guess.server.ts";
import { MissingForm } from "../import/missing-form.tsx";
import { previewOf } from "../import/preview.ts";
import { PreviewCard } from "../import/preview-card.tsx";
import { ProgressCard } from "../import/progress-card.tsx";
import { requireImport } from "../import/require-import.server.ts";
import { readSettings } from "../import/settings.ts";
import { SettleForm } from "../import/settle-form.tsx";
import { zoneNames } from "../overview/site-values.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.row.fileName ?? "File"}: import · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, row } = await requireImport(request, params);
  const { options: _, createdAt: __, finishedAt: ___, ...shown } = row;
  const page = { site: { id: site.id, timezone: site.timezone }, row: shown, zones: zoneNames() };
  if (row.state !== "uploading") return { ...page, settle: null };
  const { head, ...guess } = await guessed(organizationId, row, { request, timezone: site.timezone });
  if (!guess.ok) return { ...page, settle: { ok: false as const, format: guess.format, error: guess.error } };
  const options = row.options ?? guess.options;
  const doubts = row.options ? [] : (guess.csv?.doubts ?? []);
  return { ...page, settle: { ok: true as const, options, csv: guess.csv, doubts, preview: previewOf(head, options) } };
}

interface Known {
  request: Request;
  timezone: string;
}

/** The guess, helped by what the address says: the time's column and pattern, or a PHPFina feed's start. */
async function guessed(
  organizationId: string,
  row: ImportRow,
  { request, timezone }: Known,
): Promise<Guess & { head: Uint8Array }> {
  const query = new URL(request.url).searchParams;
  const [column, pattern] = [query.get("time"), query.get("pattern")];
  const time = { ...(column && { columns: [column] }), ...(pattern && { pattern }) };
  const guess = await guessOf(organizationId, row, { timezone, time });
  if (guess.ok || guess.format !== "phpfina") return guess;
  const [startS, intervalS] = [Number(query.get("start")), Number(query.get("interval"))];
  if (!Number.isInteger(startS) || !Number.isInteger(intervalS) || startS < 1 || intervalS < 1) return guess;
  const feed = { metric: row.fileName.replace(/\.dat(\.gz)?$/i, "") || "feed", unit: null };
  return { ok: true, options: { format: "phpfina", feed, startS, intervalS }, csv: null, head: guess.head };
}

export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site, row } = await requireImport(request, params);
  const form = await readForm(request);
  const intent = form.get("intent");
  if (intent === "cancel") {
    await cancelImport(organizationId, row.id);
    throw redirect(`/sites/${site.id}/import`);
  }
  const guess = await guessed(organizationId, row, { request, timezone: site.timezone });
  if (!guess.ok) return data({ error: guess.error }, { status: 400 });
  const settled = readSettings(form, row.options ?? guess.options, guess.csv);
  if (!settled.ok) return data({ error: settled.error }, { status: 400 });
  if (intent === "look") await setImportOptions(organizationId, row.id, settled.options);
  else {
    const started = await startImport(organizationId, row.id, settled.options);
    if (typeof started === "object") {
      return data({ error: "The file did not arrive whole: do not import it, and send it again." }, { status: 400 });
    }
  }
  return data({ error: null });
}

export default function ImportPage() {
  const { site, row, zones, settle } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const formats = useFormats(site.timezone);
  return (
    <>
      <PageTitle>{row.fileName}</PageTitle>
      <p className="-mt-4 mb-5 text-sm text-slate-600 dark:text-slate-300">
        For {row.deviceName}
        {settle?.ok && ` · ${settle.csv?.origin ?? formatNames[settle.options.format]}`}
      </p>
      <div className="space-y-4">
        <FormError>{settle && answer?.error}</FormError>
        {settle === null && (
          <ProgressCard
            row={row}
            devicePath={`/sites/${site.id}/devices/${row.deviceId}`}
            importPath={`/sites/${site.id}/import/${row.id}`}
            formats={formats}
          />
        )}
        {settle?.ok === false && <MissingForm format={settle.format} error={settle.error} />}
        {settle?.ok && (
          <>
            <PreviewCard preview={settle.preview} doubts={settle.doubts} formats={formats} />
            <SettleForm key={JSON.stringify(settle.options)} options={settle.options} csv={settle.csv} zones={zones} />
          </>
        )}
      </div>
    </>
  );
}
