import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  isRouteErrorResponse,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import { useContext, type ReactNode } from "react";
import { ErrorPage } from "./components/error-page.tsx";
import { Nonce } from "./components/nonce.ts";
import { PendingBar } from "./components/pending-bar.tsx";
import { themeOf, type Theme } from "./components/theme.ts";
import "./no-eval.ts";
import "./tailwind.css";

export const meta: MetaFunction = () => [{ title: "Energy Tracking" }];

export const links: LinksFunction = () => [
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
  { rel: "apple-touch-icon", href: "/apple-touch-icon.png" },
  { rel: "manifest", href: "/site.webmanifest" },
];

export function loader({ request }: LoaderFunctionArgs) {
  return {
    theme: themeOf(request.headers.get("cookie")),
    locale: localeOf(request.headers.get("accept-language")),
  };
}

/** The browser's first language, so that numbers read the same on the server and in the browser. */
function localeOf(header: string | null): string {
  const wanted = header?.split(",")[0]?.split(";")[0]?.trim() ?? "";
  try {
    return Intl.NumberFormat.supportedLocalesOf(wanted)[0] ?? "en-GB";
  } catch {
    return "en-GB";
  }
}

// Before the first paint, so that a dark system never sees a white flash; and when the system changes its mind.
const followSystem = `(()=>{const q=matchMedia("(prefers-color-scheme: dark)"),set=()=>document.documentElement.classList.toggle("dark",q.matches);set();q.addEventListener("change",set)})()`;

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useContext(Nonce);
  const theme: Theme = useRouteLoaderData<typeof loader>("root")?.theme ?? "system";
  return (
    <html lang="en" className={theme === "dark" ? "dark" : ""} suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0f172a" />
        <Meta />
        <Links />
        {theme === "system" && (
          <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: followSystem }} />
        )}
      </head>
      <body className="min-h-screen font-sans">
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return (
    <>
      <PendingBar />
      <Outlet />
    </>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  return (
    <main>
      <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />
    </main>
  );
}
