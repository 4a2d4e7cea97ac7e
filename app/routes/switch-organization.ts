import { redirect, type ActionFunctionArgs } from "@remix-run/node";
import { rememberOrganization } from "../auth/chosen-organization.server.ts";
import { requireOrganization } from "../auth/require-member.server.ts";
import { readForm } from "../components/read-form.server.ts";

export const loader = () => redirect("/");

/** Goes to another organization that the person belongs to. */
export async function action({ request }: ActionFunctionArgs) {
  const wanted = String((await readForm(request)).get("organization"));
  const { organizationId } = await requireOrganization(request, "site.read", wanted);
  return redirect("/", { headers: { "set-cookie": rememberOrganization(organizationId) } });
}
