import { Link, NavLink } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { LogoutButton, ThemeSwitch } from "./site-frame.tsx";

export interface Tab {
  to: string;
  label: string;
}

interface FrameProps {
  /** What the row of tabs is called for those who hear it. */
  name: string;
  /** At the top, beside the way back. */
  title: ReactNode;
  tabs: readonly Tab[];
  children: ReactNode;
}

/** Pages that belong to no single place: the way back, a title, and a row of tabs. */
export function TabbedFrame({ name, title, tabs, children }: FrameProps) {
  return (
    <>
      <header className="border-b border-slate-200 bg-white dark:border-slate-800 dark:bg-slate-900">
        <div className="mx-auto flex max-w-6xl items-center gap-1 px-3 py-2 sm:px-6">
          <Link
            to="/"
            aria-label="Back to the places"
            className="flex h-11 w-11 shrink-0 items-center justify-center rounded-lg text-slate-700 hover:bg-slate-100 dark:text-slate-200 dark:hover:bg-slate-800"
          >
            <ArrowLeft className="h-5 w-5" aria-hidden />
          </Link>
          {title}
          <div className="ml-auto flex shrink-0">
            <ThemeSwitch isSmall />
            <LogoutButton isSmall />
          </div>
        </div>
        <nav aria-label={name} className="mx-auto flex max-w-6xl overflow-x-auto px-3 sm:px-6">
          {tabs.map(({ to, label }) => (
            <NavLink
              key={to}
              to={to}
              // One whose address begins another's is chosen by its own page alone.
              end={tabs.some((other) => other.to.startsWith(`${to}/`))}
              className={({ isActive }) =>
                `inline-flex min-h-11 items-center whitespace-nowrap border-b-2 px-3 text-sm font-medium ${
                  isActive
                    ? "border-emerald-600 text-emerald-800 dark:border-emerald-500 dark:text-emerald-300"
                    : "border-transparent text-slate-600 hover:text-slate-900 dark:text-slate-300 dark:hover:text-white"
                }`
              }
            >
              {label}
            </NavLink>
          ))}
        </nav>
      </header>
      <main className="mx-auto max-w-6xl px-4 py-6 sm:px-6 lg:py-8">{children}</main>
    </>
  );
}
