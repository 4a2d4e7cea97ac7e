import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, NavLink, Outlet, isRouteErrorResponse, useLoaderData, useLocation, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { Gauge, LogOut, Moon, Plug, Settings, Sun } from "lucide-react";
import { listSites } from "../../db/sites.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ErrorPage } from "../components/error-page.tsx";
import type { loader as rootLoader } from "../root.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.site.name ?? "Site"} · Energy Tracking` }];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const { user, organizationId, role, site } = await requireSite(request, params["siteId"]);
  const sites = await listSites(organizationId);
  return { site, role, email: user.email, sites: sites.map(({ id, name }) => ({ id, name })) };
}

const pages = [
  { to: "", end: true, label: "Overview", icon: Gauge },
  { to: "devices", end: false, label: "Devices", icon: Plug },
  { to: "settings", end: false, label: "Settings", icon: Settings },
];

/** A site's frame: navigation on the side on a desk, at the bottom on a phone. */
export default function SiteLayout() {
  const { site, sites, email } = useLoaderData<typeof loader>();
  return (
    <div className="lg:flex">
      <aside className="hidden w-60 shrink-0 border-r border-slate-200 bg-white px-4 py-6 lg:sticky lg:top-0 lg:flex lg:h-screen lg:flex-col dark:border-slate-800 dark:bg-slate-900">
        <Brand />
        <SiteChooser sites={sites} current={site.id} />
        <nav aria-label="Pages" className="mt-6 flex flex-col gap-1">
          {pages.map(({ to, end, label, icon: Icon }) => (
            <NavLink key={label} to={to} end={end} className={({ isActive }) => sideLink(isActive)}>
              <Icon className="h-5 w-5" aria-hidden /> {label}
            </NavLink>
          ))}
        </nav>
        <div className="mt-auto space-y-3">
          <ThemeSwitch />
          <p className="truncate text-sm text-slate-500 dark:text-slate-400" title={email}>
            {email}
          </p>
          <LogoutButton />
        </div>
      </aside>
      <div className="min-w-0 flex-1">
        <header className="flex items-center justify-between gap-3 border-b border-slate-200 bg-white px-4 py-3 lg:hidden dark:border-slate-800 dark:bg-slate-900">
          <Brand />
          <div className="flex items-center gap-1">
            <ThemeSwitch isSmall />
            <LogoutButton isSmall />
          </div>
        </header>
        <main className="mx-auto max-w-6xl px-4 pb-28 pt-6 sm:px-6 lg:pb-12 lg:pt-8">
          <div className="lg:hidden">
            <SiteChooser sites={sites} current={site.id} />
          </div>
          <Outlet />
        </main>
        <nav
          aria-label="Pages"
          className="fixed inset-x-0 bottom-0 z-10 flex border-t border-slate-200 bg-white pb-[env(safe-area-inset-bottom)] lg:hidden dark:border-slate-800 dark:bg-slate-900"
        >
          {pages.map(({ to, end, label, icon: Icon }) => (
            <NavLink key={label} to={to} end={end} className={({ isActive }) => bottomLink(isActive)}>
              <Icon className="h-5 w-5" aria-hidden />
              {label}
            </NavLink>
          ))}
        </nav>
      </div>
    </div>
  );
}

const sideLink = (isActive: boolean) =>
  `flex min-h-11 items-center gap-3 rounded-lg px-3 text-sm font-medium ${
    isActive
      ? "bg-emerald-50 text-emerald-800 dark:bg-emerald-950 dark:text-emerald-300"
      : "text-slate-600 hover:bg-slate-50 dark:text-slate-300 dark:hover:bg-slate-800"
  }`;

const bottomLink = (isActive: boolean) =>
  `flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium ${
    isActive ? "text-emerald-700 dark:text-emerald-400" : "text-slate-600 dark:text-slate-300"
  }`;

function Brand() {
  return (
    <div className="flex items-center gap-2.5">
      <img src="/favicon.svg" alt="" className="h-8 w-8" />
      <span className="font-semibold">Energy Tracking</span>
    </div>
  );
}

function SiteChooser({ sites, current }: { sites: { id: string; name: string }[]; current: string }) {
  if (sites.length < 2) return null;
  return (
    <nav aria-label="Sites" className="mb-4 mt-0 flex flex-wrap gap-2 lg:mb-0 lg:mt-6">
      {sites.map(({ id, name }) => (
        <NavLink
          key={id}
          to={`/sites/${id}`}
          className={`rounded-full px-3 py-1.5 text-sm ${id === current ? "bg-slate-900 text-white dark:bg-slate-100 dark:text-slate-900" : "bg-slate-100 text-slate-700 dark:bg-slate-800 dark:text-slate-200"}`}
        >
          {name}
        </NavLink>
      ))}
    </nav>
  );
}

function ThemeSwitch({ isSmall = false }: { isSmall?: boolean }) {
  const theme = useRouteLoaderData<typeof rootLoader>("root")?.theme ?? "system";
  const { pathname } = useLocation();
  const next = theme === "dark" ? "light" : "dark";
  const Icon = next === "dark" ? Moon : Sun;
  return (
    <Form method="post" action="/theme" reloadDocument>
      <input type="hidden" name="theme" value={next} />
      <input type="hidden" name="next" value={pathname} />
      <button aria-label={`Use the ${next} theme`} className={sideLink(false)}>
        <Icon className="h-5 w-5" aria-hidden /> {!isSmall && (next === "dark" ? "Dark" : "Light")}
      </button>
    </Form>
  );
}

function LogoutButton({ isSmall = false }: { isSmall?: boolean }) {
  return (
    <Form method="post" action="/logout">
      <button aria-label="Log out" className={sideLink(false)}>
        <LogOut className="h-5 w-5" aria-hidden /> {!isSmall && "Log out"}
      </button>
    </Form>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />;
}
