import { newCredential } from "../../app/auth/new-credential.server.ts";
import { createDevice } from "../../db/devices.ts";
import { findDevices, findSites, type TargetSite } from "../../db/import-targets.ts";
import { SetupError } from "../../platform/env.ts";

export interface Target {
  site: TargetSite;
  deviceId: string;
  deviceName: string;
  /** There was none of this name. */
  isNew: boolean;
}

/**
 * The device that a file's history belongs to, by id or name; a name that no device has yet makes one, where it is clear at which
 * site. @throws SetupError
 */
export async function targetOf(
  device: string,
  { organization, site }: { organization?: string; site?: string },
): Promise<Target> {
  const sites = await findSites(organization ?? null, site ?? null);
  if (!sites.length) throw new SetupError("There is no such site: energy org create makes an organization with one.");
  const devices = await findDevices(
    sites.map(({ id }) => id),
    device,
  );
  if (devices.length > 1) {
    throw new SetupError(`${devices.length} devices are called "${device}": give its id, --site or --organization.`);
  }
  const [found] = devices;
  if (found) {
    const at = sites.find(({ id }) => id === found.siteId)!;
    return { site: at, deviceId: found.id, deviceName: found.name, isNew: false };
  }
  return makeDevice(device, sites);
}

async function makeDevice(name: string, sites: readonly TargetSite[]): Promise<Target> {
  const [site, other] = sites;
  if (other) {
    const names = sites.slice(0, 5).map((s) => `${s.organization} / ${s.name}`);
    throw new SetupError(`No device is called "${name}", and it could be made at ${names.join(", ")}: give --site.`);
  }
  const device = { siteId: site!.id, name: name.slice(0, 100), kind: "device" as const };
  const made = await createDevice(site!.organizationId, device, newCredential().kept);
  if (!made) throw new SetupError(`The site ${site!.name} is gone.`);
  return { site: site!, deviceId: made.id, deviceName: made.name, isNew: true };
}
