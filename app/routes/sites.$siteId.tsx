import { data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Outlet, isRouteErrorResponse, useLoaderData, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { membershipsOf } from "../../db/accounts.ts";
import { inboxSize } from "../../db/inbox.ts";
import { listSites } from "../../db/sites.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import { otherOrganizations, rememberIfOther } from "../auth/chosen-organization.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { ErrorPage } from "../components/error-page.tsx";
import { SiteFrame } from "../components/site-frame.tsx";
import { loadSupportNotice } from "../support/load-support.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.site.name ?? "Site"} · Energy Tracking` },
];

export async function loader({ request, params }: LoaderFunctionArgs) {
  const member = await requireSite(request, params["siteId"]);
  const { user, organizationId, organization, role, site } = member;
  const [sites, memberships] = [await listSites(organizationId), await membershipsOf(user.id)];
  const loaded = {
    site,
    role,
    email: user.email,
    sites: sites.map(({ id, name }) => ({ id, name })),
    waiting: await inboxSize(organizationId, site.id),
    mayCreate: mayInOrganization(member, "site.create"),
    organization: { id: organizationId, name: organization },
    others: otherOrganizations(memberships, organizationId),
    support: await loadSupportNotice(member),
  };
  // Pages of the organization as a whole are from here on of this site's.
  return data(loaded, { headers: rememberIfOther(request, organizationId) });
}

export default function SiteLayout() {
  return (
    <SiteFrame {...useLoaderData<typeof loader>()}>
      <Outlet />
    </SiteFrame>
  );
}

/** What goes wrong on a page of the site is shown inside its frame, so that the way on stays there. */
export function ErrorBoundary() {
  const error = useRouteError();
  const frame = useRouteLoaderData<typeof loader>("routes/sites.$siteId");
  const page = <ErrorPage status={isRouteErrorResponse(error) ? error.status : 500} />;
  return frame ? <SiteFrame {...frame}>{page}</SiteFrame> : <main>{page}</main>;
}
