import { redirect, type LoaderFunctionArgs } from "@remix-run/node";
import { membershipsOf } from "../../db/accounts.ts";
import { admit } from "../../db/admission.ts";
import { listSites } from "../../db/sites.ts";
import { chosenOrganization } from "../auth/chosen-organization.server.ts";
import { lackingSecondFactor, requireUser } from "../auth/require-member.server.ts";

/** The front door: to one's first site, of the organization that was chosen last. */
export async function loader({ request }: LoaderFunctionArgs) {
  const user = await requireUser(request);
  const memberships = await membershipsOf(user.id);
  const last = chosenOrganization(request);
  memberships.sort((a, b) => Number(b.organizationId === last) - Number(a.organizationId === last));
  for (const { organizationId, siteIds, lacksSecondFactor } of memberships) {
    if (lacksSecondFactor) lackingSecondFactor(request);
    admit(organizationId, siteIds);
    const [site] = await listSites(organizationId);
    if (site) return redirect(`/sites/${site.id}`);
  }
  return redirect(memberships.length ? "/organization" : "/organization/new");
}
