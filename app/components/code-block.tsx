import { CopyButton } from "./copy-button.tsx";

/** Something to paste, with its button. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="overflow-hidden rounded-xl border border-slate-200 bg-slate-50 dark:border-slate-700 dark:bg-slate-950">
      <div className="flex justify-end border-b border-slate-200 dark:border-slate-800">
        <CopyButton text={code} label={label} />
      </div>
      {/* Scrolls sideways, so it must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto p-4 font-mono text-[0.8125rem] leading-relaxed">
        {code}
      </pre>
    </div>
  );
}
