import { getImport, type ImportRow } from "../../db/imports.ts";
import { requireSite, type Member } from "../auth/require-member.server.ts";

/**
 * A member who may import, and an import of the site in the address.
 * @throws Response 404 for one of another site or of others, 403 where the role does not allow it.
 */
export async function requireImport(
  request: Request,
  params: { siteId?: string | undefined; importId?: string | undefined },
): Promise<Member & { row: ImportRow }> {
  const member = await requireSite(request, params.siteId, "history.import");
  const row = await getImport(member.organizationId, params.importId ?? "");
  if (!row || row.siteId !== member.site.id) throw new Response("Not found", { status: 404 });
  return { ...member, row };
}
