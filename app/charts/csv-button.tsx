import { Download } from "lucide-react";
import { csvFileName, csvText, type Cell } from "./csv.ts";

interface ButtonProps {
  /** What the chart shows, its head first. */
  rows: () => Iterable<readonly Cell[]>;
  /** What the file's name is made of. */
  name: string[];
  label: string;
}

/** What a chart shows, as a file: of charts whose figures the page has already, so that nothing is asked for anew. */
export function CsvButton({ rows, name, label }: ButtonProps) {
  function save() {
    const url = URL.createObjectURL(new Blob([csvText(rows())], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: csvFileName(...name) });
    link.click();
    URL.revokeObjectURL(url);
  }
  return (
    <button
      type="button"
      onClick={save}
      aria-label={label}
      title={label}
      className="inline-flex h-11 w-11 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800"
    >
      <Download className="h-5 w-5" aria-hidden />
    </button>
  );
}
