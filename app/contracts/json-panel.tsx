import { useState } from "react";
import { tariffFaults } from "../../domain/tariff/contract.ts";
import { tariffOf, type TariffDraft } from "../../domain/tariff/draft.ts";
import { TextAreaField } from "../components/form.tsx";
import { smallButton } from "./fields.tsx";

/** The tariff as JSON, to be read, copied, changed and put back. */
export function JsonPanel({ draft, onDraft }: { draft: TariffDraft; onDraft: (draft: TariffDraft) => void }) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | undefined>();
  const put = () => {
    const read = readDraft(text ?? "");
    if (!read.ok) return setError(read.error);
    onDraft(read.draft);
    setText(null);
    setError(undefined);
  };
  return (
    <details className="rounded-2xl border border-slate-200 bg-white px-5 dark:border-slate-800 dark:bg-slate-900">
      <summary className="flex min-h-12 cursor-pointer items-center text-sm font-medium">As JSON, for experts</summary>
      <div className="space-y-3 pb-5">
        <TextAreaField
          label="The tariff"
          rows={16}
          spellCheck={false}
          value={text ?? JSON.stringify(tariffOf(draft), null, 2)}
          onChange={(event) => setText(event.target.value)}
          error={error}
        />
        <button type="button" className={smallButton} disabled={text === null} onClick={put}>
          Take it over
        </button>
      </div>
    </details>
  );
}

const mostFaults = 8;

/** A tariff from text. What is wrong is told field by field. */
export function readDraft(text: string): { ok: true; draft: TariffDraft } | { ok: false; error: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, error: `This is not JSON: ${(error as Error).message}` };
  }
  const faults = tariffFaults(json);
  if (faults.length === 0) return { ok: true, draft: json as TariffDraft };
  const told = faults.slice(0, mostFaults).map(({ path, message }) => `${path || "the tariff"}: ${message}`);
  const more = faults.length > mostFaults ? [`and ${faults.length - mostFaults} more`] : [];
  return { ok: false, error: [...told, ...more].join("; ") };
}
