import { redirect, type ActionFunctionArgs } from "@remix-run/node";
import { enterForSupport, leaveSupport } from "../../db/support-access.ts";
import { requirePlatformAdmin } from "../admin/require-platform-admin.server.ts";
import { rememberOrganization } from "../auth/chosen-organization.server.ts";
import { readForm } from "../components/read-form.server.ts";

export const loader = () => redirect("/admin/organizations");

/** Goes into an organization whose owner consents, and out again. */
export async function action({ request }: ActionFunctionArgs) {
  const { id } = await requirePlatformAdmin(request);
  const form = await readForm(request);
  const organizationId = String(form.get("organization"));
  if (form.get("intent") === "leave") {
    await leaveSupport(id, organizationId);
    return redirect("/admin/organizations");
  }
  if (!(await enterForSupport(id, organizationId))) throw new Response("Not found", { status: 404 });
  return redirect("/", { headers: { "set-cookie": rememberOrganization(organizationId) } });
}
