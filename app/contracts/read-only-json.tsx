/** A part of a tariff that has no fields here: shown as it is, and kept as it is. */
export function ReadOnlyJson({ title, value }: { title: string; value: unknown }) {
  return (
    <details className="rounded-lg border border-slate-200 px-4 dark:border-slate-800">
      <summary className="flex min-h-11 cursor-pointer items-center text-sm font-medium">{title}</summary>
      <pre tabIndex={0} aria-label={title} className="overflow-x-auto pb-4 text-xs">
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
