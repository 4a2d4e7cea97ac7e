import { Link, NavLink } from "@remix-run/react";
import { ArrowLeft, ChevronsUpDown, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { OrganizationSwitch, type OrganizationName } from "../components/organization-switch.tsx";
import { SupportBanner, type SupportNotice } from "../support/support-banner.tsx";
import { LogoutButton, ThemeSwitch } from "../components/site-frame.tsx";

export interface OrganizationTab {
  to: string;
  label: string;
}

interface FrameProps {
  organization: OrganizationName;
  others: OrganizationName[];
  mayFound: boolean;
  tabs: readonly OrganizationTab[];
  support: SupportNotice | null;
  children: ReactNode;
}

const item =
  "flex min-h-11 w-full items-center gap-3 rounded-lg px-3 text-sm font-medium text-slate-700 hover:bg-slate-100 dark:text-slate-200 dark:hover:bg-slate-800";

/** The pages of an organization as a whole: its name with the switch to others, and a row of tabs. */
export function OrganizationFrame({ children, tabs, support, ...chooser }: FrameProps) {
  return (
    <>
      <SupportBanner notice={support} />
      <header className="border-b border-slate-200 bg-white dark:border-slate-800 dark:bg-slate-900">
        <div className="mx-auto flex max-w-5xl items-center gap-1 px-3 py-2 sm:px-6">
          <Link to="/" aria-label="Back to the places" className={`${item} !w-11 shrink-0 justify-center !px-0`}>
            <ArrowLeft className="h-5 w-5" aria-hidden />
          </Link>
          <OrganizationChooser {...chooser} />
          <div className="ml-auto flex shrink-0">
            <ThemeSwitch isSmall />
            <LogoutButton isSmall />
          </div>
        </div>
        <nav aria-label="Organization" className="mx-auto flex max-w-5xl overflow-x-auto px-3 sm:px-6">
          {tabs.map(({ to, label }) => (
            <NavLink
              key={to}
              to={to}
              end
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
      <main className="mx-auto max-w-5xl px-4 py-6 sm:px-6 lg:py-8">{children}</main>
    </>
  );
}

function OrganizationChooser({ organization, others, mayFound }: Omit<FrameProps, "children" | "tabs" | "support">) {
  if (!others.length && !mayFound) return <p className="truncate text-sm font-semibold">{organization.name}</p>;
  return (
    <details className="relative min-w-0">
      <summary
        aria-label={`${organization.name}: choose an organization`}
        className="flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-lg px-3 text-sm font-semibold hover:bg-slate-100 dark:hover:bg-slate-800 [&::-webkit-details-marker]:hidden"
      >
        <span className="min-w-0 truncate">{organization.name}</span>
        <ChevronsUpDown className="h-4 w-4 shrink-0 text-slate-500 dark:text-slate-400" aria-hidden />
      </summary>
      <div className="absolute left-0 top-full z-30 mt-1 max-h-80 w-64 overflow-y-auto rounded-xl border border-slate-200 bg-white p-1 shadow-lg dark:border-slate-700 dark:bg-slate-900">
        <OrganizationSwitch others={others} className={item} />
        {mayFound && (
          <Link to="/organization/new" className={`${item} !text-emerald-700 dark:!text-emerald-400`}>
            <Plus className="h-4 w-4" aria-hidden /> New organization
          </Link>
        )}
      </div>
    </details>
  );
}
