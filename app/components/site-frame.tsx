import { Form, Link, NavLink, useLocation } from "@remix-run/react";
import {
  ChartPie,
  ChevronsUpDown,
  CircleUserRound,
  Coins,
  FileText,
  Gauge,
  LayoutGrid,
  LogOut,
  Moon,
  Plug,
  Plus,
  Settings,
  Sun,
  Users,
  Waypoints,
} from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { SupportBanner, type SupportNotice } from "../support/support-banner.tsx";
import { OrganizationSwitch, type OrganizationName } from "./organization-switch.tsx";

interface FrameProps {
  site: { id: string; name: string };
  sites: { id: string; name: string }[];
  organization: OrganizationName;
  /** The others that the person belongs to. */
  others: OrganizationName[];
  email: string;
  mayCreate: boolean;
  /** Devices in the inbox. */
  waiting: number;
  support: SupportNotice | null;
  children: ReactNode;
}

const pages = [
  { to: "", end: true, label: "Overview", icon: Gauge },
  { to: "flows", end: false, label: "Flows", icon: Waypoints },
  { to: "usage", end: false, label: "Usage", icon: ChartPie },
  { to: "costs", end: false, label: "Costs", icon: Coins },
  { to: "devices", end: false, label: "Devices", icon: Plug },
  { to: "contracts", end: false, label: "Contracts", icon: FileText },
  { to: "settings", end: false, label: "Settings", icon: Settings },
];

/** A site's frame: navigation on the side on a desk, at the bottom on a phone. */
export function SiteFrame({ children, support, ...props }: FrameProps) {
  return (
    <div className="lg:flex">
      <a
        href="#main"
        className="sr-only z-50 rounded-lg bg-white px-4 py-3 font-medium text-slate-900 focus:not-sr-only focus:fixed focus:left-4 focus:top-4"
      >
        Skip to the content
      </a>
      <SideBar {...props} />
      <div className="min-w-0 flex-1">
        <TopBar {...props} />
        <SupportBanner notice={support} />
        <main id="main" className="mx-auto max-w-6xl px-4 pb-28 pt-6 sm:px-6 lg:pb-12 lg:pt-8">
          {children}
        </main>
        <BottomBar siteId={props.site.id} waiting={props.waiting} />
      </div>
    </div>
  );
}

type ChooserProps = Pick<FrameProps, "site" | "sites" | "mayCreate" | "organization" | "others">;

function SideBar({ email, waiting, ...chooser }: Omit<FrameProps, "children" | "support">) {
  return (
    <aside className="hidden w-60 shrink-0 print:!hidden border-r border-slate-200 bg-white px-4 py-6 lg:sticky lg:top-0 lg:flex lg:h-screen lg:flex-col dark:border-slate-800 dark:bg-slate-900">
      <div className="flex items-center gap-2.5 px-1">
        <img src="/favicon.svg" alt="" className="h-8 w-8" />
        <span className="font-semibold">Energy Tracking</span>
      </div>
      <div className="mt-6">
        <SiteChooser {...chooser} />
      </div>
      <nav aria-label="Pages" className="mt-4 flex flex-col gap-1">
        {pages.map(({ to, end, label, icon: Icon }) => (
          <NavLink
            key={label}
            to={pagePath(chooser.site.id, to)}
            end={end}
            className={({ isActive }) => sideLink(isActive)}
          >
            <Icon className="h-5 w-5" aria-hidden /> {label}
            {to === "devices" && <Waiting count={waiting} />}
          </NavLink>
        ))}
      </nav>
      <div className="mt-auto border-t border-slate-200 pt-4 dark:border-slate-800">
        <Link to="/account" className={sideLink(false)} title={`Your account: ${email}`}>
          <CircleUserRound className="h-5 w-5 shrink-0" aria-hidden /> <span className="truncate">{email}</span>
        </Link>
        <ThemeSwitch />
        <LogoutButton />
      </div>
    </aside>
  );
}

function TopBar(chooser: ChooserProps) {
  return (
    <header className="sticky top-0 z-20 flex print:hidden items-center gap-2 border-b border-slate-200 bg-white/95 px-3 py-2 backdrop-blur lg:hidden dark:border-slate-800 dark:bg-slate-900/95">
      <img src="/favicon.svg" alt="" className="h-8 w-8 shrink-0" />
      <div className="min-w-0 flex-1">
        <SiteChooser {...chooser} />
      </div>
      <Link to="/account" className={iconButton} aria-label="Your account">
        <CircleUserRound className="h-5 w-5" aria-hidden />
      </Link>
      <ThemeSwitch isSmall />
      <LogoutButton isSmall />
    </header>
  );
}

function BottomBar({ siteId, waiting }: { siteId: string; waiting: number }) {
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 flex print:hidden border-t border-slate-200 bg-white/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:hidden dark:border-slate-800 dark:bg-slate-900/95"
    >
      {pages.map(({ to, end, label, icon: Icon }) => (
        <NavLink key={label} to={pagePath(siteId, to)} end={end} className={({ isActive }) => bottomLink(isActive)}>
          <Icon className="h-5 w-5" aria-hidden />
          {label}
          {to === "devices" && (
            <span className="absolute left-1/2 top-1 ml-2">
              <Waiting count={waiting} />
            </span>
          )}
        </NavLink>
      ))}
    </nav>
  );
}

/** How many devices wait in the inbox. */
function Waiting({ count }: { count: number }) {
  if (!count) return null;
  return (
    <span
      className="ml-auto inline-flex min-w-5 justify-center rounded-full bg-emerald-700 px-1.5 text-xs font-semibold leading-5 text-white"
      data-testid="inbox-count"
    >
      {count}
      <span className="sr-only"> new</span>
    </span>
  );
}

const sideLink = (isActive: boolean) =>
  `flex min-h-11 w-full items-center gap-3 rounded-lg px-3 text-sm font-medium ${
    isActive
      ? "bg-emerald-50 text-emerald-800 dark:bg-emerald-950 dark:text-emerald-300"
      : "text-slate-700 hover:bg-slate-100 dark:text-slate-200 dark:hover:bg-slate-800"
  }`;

const bottomLink = (isActive: boolean) =>
  `relative flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium ${
    isActive ? "text-emerald-700 dark:text-emerald-400" : "text-slate-600 dark:text-slate-300"
  }`;

/** The name of the place; opens the list of the others, and of the organizations. */
function SiteChooser({ site, sites, mayCreate, organization, others }: ChooserProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    menu.current?.removeAttribute("open");
  }, [pathname]);
  return (
    <details
      ref={menu}
      className="group relative"
      onBlur={(event) => closeWhenLeft(event.currentTarget, event.relatedTarget)}
    >
      <summary
        aria-label={`${site.name}: choose a place`}
        className="flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-lg px-3 text-sm font-semibold hover:bg-slate-100 lg:border lg:border-slate-200 dark:hover:bg-slate-800 lg:dark:border-slate-700 [&::-webkit-details-marker]:hidden"
      >
        <span className="min-w-0 flex-1 truncate">{site.name}</span>
        <ChevronsUpDown className="h-4 w-4 shrink-0 text-slate-500 dark:text-slate-400" aria-hidden />
      </summary>
      <nav
        aria-label="Places"
        className="absolute inset-x-0 top-full z-30 mt-1 max-h-96 min-w-56 overflow-y-auto rounded-xl border border-slate-200 bg-white p-1 shadow-lg dark:border-slate-700 dark:bg-slate-900"
      >
        {sites.map(({ id, name }) => (
          <Link
            key={id}
            to={`/sites/${id}`}
            aria-current={id === site.id ? "true" : undefined}
            className={sideLink(id === site.id)}
          >
            <span className="truncate">{name}</span>
          </Link>
        ))}
        {sites.length > 1 && (
          <Link to="/sites" className={sideLink(false)}>
            <LayoutGrid className="h-4 w-4" aria-hidden /> All places
          </Link>
        )}
        {mayCreate && (
          <Link to="/sites/new" className={`${sideLink(false)} text-emerald-700 dark:text-emerald-400`}>
            <Plus className="h-4 w-4" aria-hidden /> Add a place
          </Link>
        )}
        <div className="mt-1 border-t border-slate-200 pt-1 dark:border-slate-700">
          <p className="truncate px-3 pt-2 text-xs font-medium text-slate-500 dark:text-slate-400">
            {organization.name}
          </p>
          <Link to="/organization" className={sideLink(false)}>
            <Users className="h-4 w-4" aria-hidden /> Members and access
          </Link>
          <OrganizationSwitch others={others} className={sideLink(false)} />
        </div>
      </nav>
    </details>
  );
}

function closeWhenLeft(menu: HTMLDetailsElement, focused: EventTarget | null): void {
  if (!(focused instanceof Node) || !menu.contains(focused)) menu.removeAttribute("open");
}

/** Which theme is on is known to the browser alone where it follows the system, so the icon and the next one follow the page. */
export function ThemeSwitch({ isSmall = false }: { isSmall?: boolean }) {
  const { pathname, search } = useLocation();
  return (
    <Form
      method="post"
      action="/theme"
      reloadDocument
      onSubmit={(event) => {
        const isDark = document.documentElement.classList.contains("dark");
        event.currentTarget.querySelector<HTMLInputElement>("[name=theme]")!.value = isDark ? "light" : "dark";
      }}
    >
      <input type="hidden" name="theme" defaultValue="dark" />
      <input type="hidden" name="next" value={pathname + search} />
      <button className={isSmall ? iconButton : sideLink(false)}>
        <Moon className="h-5 w-5 dark:hidden" aria-hidden />
        <Sun className="hidden h-5 w-5 dark:block" aria-hidden />
        <span className={isSmall ? "sr-only" : ""}>
          <span className="dark:hidden">Dark theme</span>
          <span className="hidden dark:inline">Light theme</span>
        </span>
      </button>
    </Form>
  );
}

export function LogoutButton({ isSmall = false }: { isSmall?: boolean }) {
  return (
    <Form method="post" action="/logout">
      <button className={isSmall ? iconButton : sideLink(false)}>
        <LogOut className="h-5 w-5" aria-hidden />
        <span className={isSmall ? "sr-only" : ""}>Log out</span>
      </button>
    </Form>
  );
}

const iconButton =
  "flex h-11 w-11 items-center justify-center rounded-lg text-slate-700 hover:bg-slate-100 dark:text-slate-200 dark:hover:bg-slate-800";

/** Without a slash at the end: with one, the overview's link would never be the current one. */
const pagePath = (siteId: string, page: string) => (page ? `/sites/${siteId}/${page}` : `/sites/${siteId}`);
