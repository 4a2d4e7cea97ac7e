import { createDevice, getDevice } from "../../db/devices.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { createImport, largestFile, mostUnderWay } from "../../db/imports.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import type { Member } from "../auth/require-member.server.ts";

export type Announced = { ok: true; importId: string } | { ok: false; error: string; field: "device" | "file" };

/** Makes room for a file that the browser is about to send, and the device where it is a new one. */
export async function announce({ organizationId, site, user }: Member, form: FormData): Promise<Announced> {
  const fileName = String(form.get("fileName") ?? "").slice(0, 200);
  const size = Number(form.get("size"));
  if (!fileName || !(size > 0)) return { ok: false, field: "file", error: "Choose a file that is not empty." };
  if (size > largestFile) {
    return {
      ok: false,
      field: "file",
      error: `The file has more than ${largestFile / 1e6} MB: pack it with gzip or cut it.`,
    };
  }
  const deviceId = await deviceOf({ organizationId, site }, form).catch(asRefusal);
  if (deviceId instanceof QuotaExceeded) return { ok: false, field: "device", error: deviceId.message };
  if (!deviceId) return { ok: false, field: "device", error: "Choose a device, or name the new one." };
  const given = { deviceId, fileName, size: Math.floor(size), options: null, createdBy: user.id };
  const made = await createImport(organizationId, given);
  if (made === "no-device") return { ok: false, field: "device", error: "The device is gone: choose another." };
  if (made !== "too-many") return { ok: true, importId: made.id };
  const error = `${mostUnderWay} imports are under way already: wait for one of them, or cancel it.`;
  return { ok: false, field: "file", error };
}

async function deviceOf({ organizationId, site }: Pick<Member, "organizationId" | "site">, form: FormData) {
  const chosen = String(form.get("device") ?? "");
  if (chosen) {
    const device = await getDevice(organizationId, chosen);
    return device?.siteId === site.id ? device.id : null;
  }
  const name = String(form.get("name") ?? "").trim();
  if (!name || name.length > 100) return null;
  const made = await createDevice(organizationId, { siteId: site.id, name, kind: "device" }, newCredential().kept);
  return made?.id ?? null;
}

function asRefusal(error: unknown): QuotaExceeded {
  if (error instanceof QuotaExceeded) return error;
  throw error;
}
