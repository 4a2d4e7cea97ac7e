import { CheckCircle2 } from "lucide-react";
import { useEffect, useState } from "react";

/** A word that something was done; goes away by itself. `shown` is the action's answer: each new one shows it anew. */
export function Toast({
  shown,
  besideMenu = true,
  children,
}: {
  shown: unknown;
  /** Whether the page has the menu at its left, so that the middle is not the window's. */
  besideMenu?: boolean;
  children: string;
}) {
  // What was said stays while it is seen, also where the page is read anew meanwhile and the action's answer is gone.
  const [words, setWords] = useState<string | null>(null);
  useEffect(() => {
    if (!shown) return;
    setWords(children);
    const timer = setTimeout(() => setWords(null), 4_000);
    return () => clearTimeout(timer);
  }, [shown, children]);
  return (
    <div
      role="status"
      className={`pointer-events-none fixed inset-x-0 bottom-20 z-30 flex justify-center px-4 lg:bottom-8 ${besideMenu ? "lg:left-60" : ""}`}
    >
      {words !== null && (
        <p className="flex items-center gap-2 rounded-full bg-slate-900 px-5 py-3 text-sm font-medium text-white shadow-lg dark:bg-slate-100 dark:text-slate-900">
          <CheckCircle2 className="h-4 w-4 text-emerald-400 dark:text-emerald-700" aria-hidden /> {words}
        </p>
      )}
    </div>
  );
}
