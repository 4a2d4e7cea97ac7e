import { getDevice, type Device } from "../../db/devices.ts";
import type { SitePermission } from "../../domain/access/permissions.ts";
import { requireSite, type Member } from "./require-member.server.ts";

/**
 * A member and a device of the site in the address.
 * @throws Response 404 for a device of another site or of others, 403 where the role does not allow what is asked.
 */
export async function requireDevice(
  request: Request,
  params: { siteId?: string | undefined; deviceId?: string | undefined },
  permission: SitePermission = "site.read",
): Promise<Member & { device: Device }> {
  const member = await requireSite(request, params.siteId, permission);
  const device = await getDevice(member.organizationId, params.deviceId ?? "");
  if (!device || device.siteId !== member.site.id) throw new Response("Not found", { status: 404 });
  return { ...member, device };
}
