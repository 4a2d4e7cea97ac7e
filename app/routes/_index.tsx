import { redirect, type LoaderFunctionArgs } from "@remix-run/node";
import { membershipsOf } from "../../db/accounts.ts";
import { admit } from "../../db/admission.ts";
import { listSites } from "../../db/sites.ts";
import { requireUser } from "../auth/require-member.server.ts";

/** The front door: to one's first site. */
export async function loader({ request }: LoaderFunctionArgs) {
  const user = await requireUser(request);
  for (const { organizationId, siteIds } of await membershipsOf(user.id)) {
    admit(organizationId, siteIds);
    const [site] = await listSites(organizationId);
    if (site) return redirect(`/sites/${site.id}`);
  }
  return redirect("/sites/new");
}
