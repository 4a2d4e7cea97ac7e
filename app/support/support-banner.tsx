import { Form, Link } from "@remix-run/react";
import { LifeBuoy } from "lucide-react";
import type { ReactNode } from "react";

/** Who may look into the organization for support, as both sides see it on every page. */
export type SupportNotice =
  | { side: "visitor"; organizationId: string; organization: string; until: string }
  | { side: "member"; until: string; visitors: string[] };

export function SupportBanner({ notice }: { notice: SupportNotice | null }) {
  if (!notice) return null;
  if (notice.side === "visitor") {
    return (
      <Banner>
        <p className="min-w-0 flex-1 basis-60">
          You look into <span className="font-semibold">{notice.organization}</span> for support, as a viewer, until{" "}
          {notice.until}. Its members see that, and it is on record.
        </p>
        <Form method="post" action="/admin/support">
          <input type="hidden" name="organization" value={notice.organizationId} />
          <button name="intent" value="leave" className={link}>
            Leave
          </button>
        </Form>
      </Banner>
    );
  }
  return (
    <Banner>
      <p className="min-w-0 flex-1 basis-60">
        {notice.visitors.length
          ? `Support (${notice.visitors.join(", ")}) looks into this organization, until ${notice.until} at the latest.`
          : `Support may look into this organization until ${notice.until}.`}
      </p>
      <Link to="/organization" className={`${link} inline-flex items-center`}>
        See or end it
      </Link>
    </Banner>
  );
}

const link = "min-h-11 font-medium underline";

function Banner({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      data-testid="support-banner"
      className="flex flex-wrap items-center gap-x-4 border-b border-amber-300 bg-amber-100 px-4 py-1 text-sm text-amber-950 sm:px-6 dark:border-amber-800 dark:bg-amber-950 dark:text-amber-100"
    >
      <LifeBuoy className="h-5 w-5 shrink-0" aria-hidden />
      {children}
    </div>
  );
}
