import { Link } from "@remix-run/react";
import { ChevronsUpDown, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { OrganizationSwitch, type OrganizationName } from "../components/organization-switch.tsx";
import { SupportBanner, type SupportNotice } from "../support/support-banner.tsx";
import { TabbedFrame, type Tab } from "../components/tabbed-frame.tsx";

interface FrameProps {
  organization: OrganizationName;
  others: OrganizationName[];
  mayFound: boolean;
  tabs: readonly Tab[];
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
      <TabbedFrame name="Organization" title={<OrganizationChooser {...chooser} />} tabs={tabs}>
        {children}
      </TabbedFrame>
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
