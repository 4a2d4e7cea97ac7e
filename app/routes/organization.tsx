import { redirect, type LoaderFunctionArgs } from "@remix-run/node";
import { Link, NavLink, Outlet, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import { may } from "../../domain/access/permissions.ts";
import { requireOrganization } from "../auth/require-member.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { organization, role } = await requireOrganization(request, "site.read").catch(toNone);
  const pages = [
    { to: "/organization/audit", label: "Audit log", isOpen: may(role, "audit.read") },
    { to: "/organization/data", label: "Data", isOpen: may(role, "organization.export") },
  ];
  return { organization, pages: pages.filter(({ isOpen }) => isOpen) };
}

/** Whoever has just deleted their only one is told so. */
function toNone(error: unknown): never {
  if (error instanceof Response && error.status === 404) throw redirect("/organization/none");
  throw error;
}

/** The frame of what belongs to the organization as a whole. */
export default function OrganizationLayout() {
  const { organization, pages } = useLoaderData<typeof loader>();
  return (
    <div className="mx-auto max-w-4xl px-4 py-6 sm:px-6">
      <header className="mb-6 flex flex-wrap items-center gap-x-6 gap-y-2">
        <Link
          to="/"
          className="inline-flex min-h-11 min-w-0 items-center gap-2 text-sm font-semibold hover:underline"
          aria-label={`Back to the places of ${organization}`}
        >
          <ChevronLeft className="h-4 w-4 shrink-0" aria-hidden /> <span className="truncate">{organization}</span>
        </Link>
        <nav aria-label="Organization" className="flex gap-1">
          {pages.map(({ to, label }) => (
            <NavLink
              key={to}
              to={to}
              className={({ isActive }) =>
                `inline-flex min-h-11 items-center rounded-lg px-3 text-sm font-medium ${
                  isActive
                    ? "bg-emerald-50 text-emerald-800 dark:bg-emerald-950 dark:text-emerald-300"
                    : "text-slate-700 hover:bg-slate-100 dark:text-slate-200 dark:hover:bg-slate-800"
                }`
              }
            >
              {label}
            </NavLink>
          ))}
        </nav>
      </header>
      <main>
        <Outlet />
      </main>
    </div>
  );
}
