import { redirect, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Outlet, isRouteErrorResponse, useLoaderData, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { requireOrganization } from "../auth/require-member.server.ts";
import { ErrorPage } from "../components/error-page.tsx";
import { loadFrame } from "../organization/load-organization.server.ts";
import { OrganizationFrame } from "../organization/organization-frame.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.organization.name ?? "Organization"} · Energy Tracking` },
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const isNamed = new URL(request.url).searchParams.has("organization");
  const member = await requireOrganization(request, "site.read").catch((error: unknown) => {
    // Whoever has just deleted or left their only one.
    if (!isNamed && error instanceof Response && error.status === 404) throw redirect("/organization/new");
    throw error;
  });
  return loadFrame(member, context.env);
}

export default function OrganizationLayout() {
  return (
    <OrganizationFrame {...useLoaderData<typeof loader>()}>
      <Outlet />
    </OrganizationFrame>
  );
}

export function ErrorBoundary() {
  const error = useRouteError();
  const frame = useRouteLoaderData<typeof loader>("routes/organization");
  const page = <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />;
  return frame ? <OrganizationFrame {...frame}>{page}</OrganizationFrame> : <main>{page}</main>;
}
