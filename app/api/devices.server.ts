import { rotateCredential, revokeCredential } from "../../db/credentials.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import { createDevice, deleteDevice, devicesPage, getDevice, updateDevice, type Device } from "../../db/devices.ts";
import { getSite, sitesPage } from "../../db/sites.ts";
import { newCredential, recordShown } from "../auth/new-credential.server.ts";
import { afterRow, cursorOfRow, cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantOut, iso, isStorable, listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

export const deviceId = z.string().openapi({ format: "uuid" });
export const deviceParams = z.object({ id: deviceId });
const kind = z.enum(["device", "gateway"]).openapi({
  description: "device: speaks for itself; gateway: speaks for many, which appear when they are first heard",
});
const largestConfig = 20_000;
const config = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= largestConfig, `expected at most ${largestConfig} characters`)
  .refine(isStorable, "expected texts without the character 0")
  .openapi({
    type: "object",
    description: "What its decoder must know: full_topic, timezone, map …",
    example: { full_topic: "%prefix%/%topic%/" },
  });

const fields = {
  id: deviceId,
  siteId,
  name: z.string(),
  kind,
  externalId: z.string().nullable().openapi({ description: "What its messages call it; null: none has come yet" }),
  gatewayId: z.string().nullable().openapi({ description: "The gateway that speaks for it" }),
  config: z.record(z.string(), z.unknown()).openapi({ type: "object" }),
  createdAt: instantOut,
  acceptedAt: instantOut
    .nullable()
    .openapi({ description: "null: first heard through its gateway, it waits in the inbox and does not count yet" }),
  lastHeardAt: instantOut.nullable(),
};

export const DeviceSchema = z
  .object({
    ...fields,
    credential: z
      .object({ username: z.string(), createdAt: instantOut, revokedAt: instantOut.nullable() })
      .nullable()
      .openapi({ description: "null: a gateway speaks for it" }),
  })
  .openapi("Device");

const CredentialSchema = z
  .object({
    username: z.string(),
    password: z.string().openapi({ description: "32 hex digits; also an emoncms key" }),
    token: z.string().openapi({ description: "88 URL-safe characters" }),
  })
  .openapi("Credential", { description: "Shown once: only its SHA-256 is kept" });

const NewDeviceSchema = z.object({ ...fields, credential: CredentialSchema }).openapi("CreatedDevice");

const RejectSchema = z
  .object({
    reason: z.string(),
    count: z.number().int(),
    lastAt: instantOut,
    detail: z.string().openapi({ description: "What was wrong with the newest one" }),
    transport: z.string(),
    address: z.string().openapi({ description: "Topic, or method and path" }),
    sample: z.string().openapi({ description: "The newest one, cut" }),
  })
  .openapi("Reject");

function plain({ createdAt, acceptedAt, lastHeardMs, ...device }: Device) {
  const { id, siteId, name, kind, externalId, gatewayId, config } = device;
  return {
    ...{ id, siteId, name, kind, externalId, gatewayId, config },
    createdAt: createdAt.toISOString(),
    acceptedAt: acceptedAt?.toISOString() ?? null,
    lastHeardAt: lastHeardMs === null ? null : iso(lastHeardMs),
  };
}

export function shownDevice(device: Device) {
  const { credential } = device;
  return {
    ...plain(device),
    credential: credential && {
      username: credential.username,
      createdAt: credential.createdAt.toISOString(),
      revokedAt: credential.revokedAt?.toISOString() ?? null,
    },
  };
}

/** The device, or the same 404 for one that never was and one of somebody else's. */
export async function requiredDevice(organizationId: string, id: string): Promise<Device> {
  const device = await getDevice(organizationId, id);
  if (!device) throw notFound("device");
  return device;
}

export async function requireSite(organizationId: string, id: string | undefined): Promise<void> {
  if (id !== undefined && !(await getSite(organizationId, id))) throw notFound("site");
}

/** The site that a device goes to where none is named: the oldest. */
async function usualSite(organizationId: string): Promise<string> {
  const [first] = (await sitesPage(organizationId, { after: null, limit: 1 })).items;
  if (!first) throw new Problem(409, "The organization has no site yet: make one first, with POST /sites.");
  return first.id;
}

export const deviceOperations = [
  operation({
    id: "listDevices",
    method: "GET",
    path: "/devices",
    tag: "Devices",
    summary: "The devices, oldest first",
    permission: "site.read",
    query: z.strictObject({ siteId: siteId.optional(), ...listPaging }),
    response: listOf(DeviceSchema),
    problems: [404],
    async handle({ organizationId, query: { siteId, limit, cursor } }) {
      const after = afterRow(cursor);
      await requireSite(organizationId, siteId);
      const { items, next } = await devicesPage(organizationId, { siteId, after, limit });
      return { items: items.map(shownDevice), nextCursor: cursorOfRow(next) };
    },
  }),
  operation({
    id: "createDevice",
    method: "POST",
    path: "/devices",
    tag: "Devices",
    summary: "Add a device or a gateway; its credential is in this answer alone",
    description: "Without `siteId` it goes to the oldest site.",
    permission: "device.change",
    body: z
      .strictObject({ name, siteId: siteId.optional(), kind: kind.default("device"), config: config.optional() })
      .openapi("NewDevice"),
    status: 201,
    response: NewDeviceSchema,
    problems: [404, 409],
    location: ({ id }) => `/devices/${id}`,
    async handle({ organizationId, body: { name, kind, config = {}, siteId } }) {
      const { shown: secrets, kept } = newCredential();
      const at = siteId ?? (await usualSite(organizationId));
      const device = await createDevice(organizationId, { name, kind, config, siteId: at }, kept);
      if (!device) throw notFound("site");
      await recordShown(organizationId, device, secrets);
      return { ...plain(device), credential: secrets };
    },
  }),
  operation({
    id: "getDevice",
    method: "GET",
    path: "/devices/{id}",
    tag: "Devices",
    summary: "A device",
    permission: "site.read",
    params: deviceParams,
    response: DeviceSchema,
    handle: async ({ organizationId, params: { id } }) => shownDevice(await requiredDevice(organizationId, id)),
  }),
  operation({
    id: "updateDevice",
    method: "PATCH",
    path: "/devices/{id}",
    tag: "Devices",
    summary: "Rename a device, move it to another site, make it a gateway, or configure its decoder",
    description: "Its history, and the devices it speaks for, move with it. `config` replaces the whole of it.",
    permission: "device.change",
    params: deviceParams,
    body: z.strictObject({ name, siteId, kind, config }).partial().openapi("DevicePatch"),
    response: DeviceSchema,
    async handle({ organizationId, params: { id }, body }) {
      await requiredDevice(organizationId, id);
      const device = await updateDevice(organizationId, id, body);
      if (!device) throw notFound("site");
      return shownDevice(device);
    },
  }),
  operation({
    id: "deleteDevice",
    method: "DELETE",
    path: "/devices/{id}",
    tag: "Devices",
    summary: "Delete a device with all its data",
    description:
      "It is gone at once and its credential with it; its readings are removed soon after. A gateway takes along what it speaks for.",
    permission: "device.delete",
    params: deviceParams,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteDevice(organizationId, id))) throw notFound("device");
    },
  }),
  operation({
    id: "rotateCredential",
    method: "POST",
    path: "/devices/{id}/credential",
    tag: "Devices",
    summary: "A new credential in place of the old, which ends at once; the history stays",
    permission: "device.credential",
    params: deviceParams,
    status: 201,
    response: CredentialSchema,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      const device = await requiredDevice(organizationId, id);
      const { shown: secrets, kept } = newCredential();
      if (!(await rotateCredential(organizationId, id, kept))) {
        throw new Problem(409, "A gateway speaks for this device: it has no credential of its own.");
      }
      await recordShown(organizationId, device, secrets);
      return secrets;
    },
  }),
  operation({
    id: "revokeCredential",
    method: "DELETE",
    path: "/devices/{id}/credential",
    tag: "Devices",
    summary: "Lock a device out until it gets a new credential; the history stays",
    permission: "device.credential",
    params: deviceParams,
    async handle({ organizationId, params: { id } }) {
      await requiredDevice(organizationId, id);
      await revokeCredential(organizationId, id);
    },
  }),
  operation({
    id: "listRejects",
    method: "GET",
    path: "/devices/{id}/rejects",
    tag: "Devices",
    summary: "What was refused in the last 30 days, by reason, newest first",
    permission: "site.read",
    params: deviceParams,
    query: z.strictObject(listPaging),
    response: listOf(RejectSchema),
    async handle({ organizationId, params: { id }, query }) {
      await requiredDevice(organizationId, id);
      const rejects = await deviceRejects(organizationId, id);
      const { items, nextCursor } = cut(rejects, query, (reject) => reject.reason);
      return { items: items.map(({ lastMs, ...reject }) => ({ ...reject, lastAt: iso(lastMs) })), nextCursor };
    },
  }),
];
