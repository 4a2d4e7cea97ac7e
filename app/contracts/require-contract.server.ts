import { getContract, type Contract } from "../../db/contracts.ts";
import type { SitePermission } from "../../domain/access/permissions.ts";
import { requireSite, type Member } from "../auth/require-member.server.ts";

/** The person, the site and its contract. @throws Response 404 where the site has no such contract. */
export async function requireContract(
  request: Request,
  params: { siteId?: string; contractId?: string },
  permission: SitePermission = "site.read",
): Promise<Member & { contract: Contract }> {
  const member = await requireSite(request, params.siteId, permission);
  const contract = await getContract(member.organizationId, params.contractId ?? "");
  if (!contract || contract.siteId !== member.site.id) throw new Response("Not found", { status: 404 });
  return { ...member, contract };
}
