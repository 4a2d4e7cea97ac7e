import type { ReactNode } from "react";
import { TabbedFrame } from "../components/tabbed-frame.tsx";

const tabs = [
  { to: "/admin", label: "Health" },
  { to: "/admin/organizations", label: "Organizations" },
  { to: "/admin/plans", label: "Plans" },
  { to: "/admin/queue", label: "Jobs and mail" },
];

/** The pages of the people who run the platform. */
export function AdminFrame({ children }: { children: ReactNode }) {
  return (
    <TabbedFrame name="Platform" title={<p className="truncate text-sm font-semibold">Platform</p>} tabs={tabs}>
      {children}
    </TabbedFrame>
  );
}
