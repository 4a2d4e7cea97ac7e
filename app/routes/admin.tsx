import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Outlet, isRouteErrorResponse, useRouteError } from "@remix-run/react";
import { AdminFrame } from "../admin/admin-frame.tsx";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { ErrorPage } from "../components/error-page.tsx";

export const meta: MetaFunction = () => [{ title: "Platform · Energy Tracking" }];

export async function loader({ request }: LoaderFunctionArgs) {
  await requirePlatformAdmin(request);
  return null;
}

export default function AdminLayout() {
  return (
    <AdminFrame>
      <Outlet />
    </AdminFrame>
  );
}

/** Without the frame: who is no admin is not shown what there would be. */
export function ErrorBoundary() {
  const error = useRouteError();
  return (
    <main>
      <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />
    </main>
  );
}
