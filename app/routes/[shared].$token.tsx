import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { isRouteErrorResponse, useLoaderData, useRevalidator, useRouteError } from "@remix-run/react";
import { useEffect } from "react";
import { PageTitle } from "../components/frame.tsx";
import { loadShared } from "../sharing/load-shared.server.ts";
import { SharedCosts, SharedFlows, SharedOverview } from "../sharing/shared-pages.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Nothing here"} · Energy Tracking` },
  { name: "robots", content: "noindex, nofollow" },
];

export async function loader({ params }: LoaderFunctionArgs) {
  return loadShared(params["token"], Date.now());
}

const reloadEveryMs = 60_000;

/** One page of one site for whoever has its link: nothing to change, and no way on from here. */
export default function SharedPage() {
  const shared = useLoaderData<typeof loader>();
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const timer = setInterval(() => document.hidden || revalidate(), reloadEveryMs);
    return () => clearInterval(timer);
  }, [revalidate]);
  return (
    <main className="mx-auto max-w-6xl px-4 py-6 sm:px-6 lg:py-8">
      <PageTitle aside={<span className="text-sm text-slate-600 dark:text-slate-300">Shared to read</span>}>
        {shared.site.name}
      </PageTitle>
      {shared.what === "overview" && <SharedOverview {...shared} />}
      {shared.what === "flows" && <SharedFlows {...shared} />}
      {shared.what === "costs" && <SharedCosts {...shared} />}
    </main>
  );
}

/** The same for a link that is unknown, was revoked or has run out; and no way on from here either. */
export function ErrorBoundary() {
  const error = useRouteError();
  const isNothing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <main className="mx-auto flex min-h-screen max-w-md flex-col justify-center px-6 text-center">
      <h1 className="text-2xl font-semibold">{isNothing ? "Nothing here" : "Not available now"}</h1>
      <p className="mt-2 text-slate-600 dark:text-slate-300">
        {isNothing
          ? "This link shows nothing: it may have run out, or was revoked. Ask whoever gave it to you."
          : "Try again in a moment."}
      </p>
    </main>
  );
}
