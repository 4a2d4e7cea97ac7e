import type { ReactNode } from "react";

/** Asks why a figure is what it is. */
export function WhyButton({ onClick, children = "Why this number?" }: { onClick: () => void; children?: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="min-h-11 text-sm font-medium text-emerald-700 underline dark:text-emerald-400"
    >
      {children}
    </button>
  );
}
