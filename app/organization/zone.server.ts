import { listSites } from "../../db/sites.ts";

/** In which zone an organization's own times are shown: its oldest place's; without one, UTC. */
export async function zoneOf(organizationId: string): Promise<string> {
  const [site] = await listSites(organizationId);
  return site?.timezone ?? "UTC";
}
