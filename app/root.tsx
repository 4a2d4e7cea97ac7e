import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, isRouteErrorResponse, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { ErrorPage } from "./components/error-page.tsx";
import { themeOf, type Theme } from "./components/theme.ts";
import "./tailwind.css";

export const meta: MetaFunction = () => [{ title: "Energy Tracking" }];

export const links: LinksFunction = () => [{ rel: "icon", href: "/favicon.svg", type: "image/svg+xml" }];

export function loader({ request, context }: LoaderFunctionArgs) {
  return {
    theme: themeOf(request.headers.get("cookie")),
    nonce: context.cspNonce,
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

export function Layout({ children }: { children: React.ReactNode }) {
  const data = useRouteLoaderData<typeof loader>("root");
  const theme: Theme = data?.theme ?? "system";
  return (
    <html lang="en" className={theme === "dark" ? "dark" : ""} suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" content="#059669" />
        <Meta />
        <Links />
        {theme === "system" && (
          // Before the first paint, so that a dark system never sees a white flash.
          <script
            nonce={data?.nonce ?? ""}
            suppressHydrationWarning
            dangerouslySetInnerHTML={{
              __html: `if(matchMedia("(prefers-color-scheme: dark)").matches)document.documentElement.classList.add("dark")`,
            }}
          />
        )}
      </head>
      <body className="min-h-screen font-sans">
        {children}
        <ScrollRestoration nonce={data?.nonce ?? ""} />
        <Scripts nonce={data?.nonce ?? ""} />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  const error = useRouteError();
  return <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />;
}
