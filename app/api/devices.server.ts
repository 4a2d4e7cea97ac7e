import { z } from "zod";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import { createDevice, deleteDevice, getDevice, listDevices, updateDevice, type Device } from "../../db/devices.ts";
import { listSites } from "../../db/sites.ts";
import { newCredential } from "../auth/new-credential.server.ts";
import { iso, listOf, operation, page, paging } from "./operation.server.ts";
import { ApiProblem, notFound } from "./problem.server.ts";
import { defined, raise } from "./sites.server.ts";

const device = z
  .object({
    id: z.uuid(),
    siteId: z.uuid(),
    name: z.string(),
    kind: z.enum(["device", "gateway"]),
    externalId: z.string().nullable().describe("The name its messages give it"),
    gatewayId: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
    lastHeardAt: z.iso.datetime().nullable(),
    credential: z.object({ username: z.string(), createdAt: z.iso.datetime(), revokedAt: z.iso.datetime().nullable() }).nullable(),
  })
  .meta({ id: "Device" });

const secrets = z.object({ username: z.string(), password: z.string(), token: z.string() }).describe("Shown once");
const made = z.object({ ...device.shape, credential: secrets }).meta({ id: "CreatedDevice" });
const id = z.object({ id: z.string() });
const name = z.string().trim().min(1).max(100);
const kind = z.enum(["device", "gateway"]);
const config = z.record(z.string(), z.unknown()).describe("What its decoder is told, such as full_topic of a Tasmota");

function asJson({ config: _, createdAt, lastHeardMs, credential, ...rest }: Device) {
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    lastHeardAt: lastHeardMs === null ? null : iso(lastHeardMs),
    credential: credential && {
      username: credential.username,
      createdAt: credential.createdAt.toISOString(),
      revokedAt: credential.revokedAt?.toISOString() ?? null,
    },
  };
}

export const deviceOperations = [
  operation({
    method: "GET",
    path: "/devices",
    id: "listDevices",
    summary: "The devices, oldest first",
    scope: "read",
    query: paging.extend({ siteId: z.string().optional() }),
    status: 200,
    response: listOf(device),
    handle: async ({ organizationId, query }) => page((await listDevices(organizationId, { siteId: query.siteId })).map(asJson), query),
  }),
  operation({
    method: "POST",
    path: "/devices",
    id: "createDevice",
    summary: "Adds a device or a gateway; its credential is in this answer alone",
    scope: "write",
    body: z.strictObject({ name, siteId: z.string().optional().describe("Absent: the first site"), kind: kind.default("device"), config: config.optional() }),
    status: 201,
    response: made,
    handle: async ({ organizationId, body }) => {
      const siteId = body.siteId ?? (await listSites(organizationId))[0]?.id;
      if (!siteId) throw new ApiProblem(409, "The organization has no site yet: add one first.");
      const { shown, kept } = newCredential();
      const found = await createDevice(organizationId, { siteId, name: body.name, kind: body.kind, ...(body.config && { config: body.config }) }, kept);
      if (!found) throw notFound("site");
      return { ...asJson(found), credential: shown };
    },
  }),
  operation({
    method: "GET",
    path: "/devices/{id}",
    id: "getDevice",
    summary: "One device",
    scope: "read",
    params: id,
    status: 200,
    response: device,
    handle: async ({ organizationId, params }) => asJson((await getDevice(organizationId, params.id)) ?? raise("device")),
  }),
  operation({
    method: "PATCH",
    path: "/devices/{id}",
    id: "updateDevice",
    summary: "Renames a device, moves it to another site, makes it a gateway, or tells its decoder something",
    scope: "write",
    params: id,
    body: z.strictObject({ name, siteId: z.string(), kind, config }).partial(),
    status: 200,
    response: device,
    handle: async ({ organizationId, params, body }) =>
      asJson((await updateDevice(organizationId, params.id, defined(body))) ?? raise("device, or no such site to move it to")),
  }),
  operation({
    method: "DELETE",
    path: "/devices/{id}",
    id: "deleteDevice",
    summary: "Deletes a device with all its data",
    scope: "write",
    params: id,
    status: 204,
    handle: async ({ organizationId, params }) => {
      if (!(await deleteDevice(organizationId, params.id))) throw notFound("device");
    },
  }),
  operation({
    method: "POST",
    path: "/devices/{id}/credential",
    id: "rotateCredential",
    summary: "A new credential in place of the old, which ends at once; the history stays",
    scope: "write",
    params: id,
    status: 201,
    response: secrets,
    handle: async ({ organizationId, params }) => {
      const { shown, kept } = newCredential();
      if (!(await rotateCredential(organizationId, params.id, kept))) throw notFound("device with a credential of its own");
      return shown;
    },
  }),
  operation({
    method: "DELETE",
    path: "/devices/{id}/credential",
    id: "revokeCredential",
    summary: "Locks the device out until it gets a new credential; the history stays",
    scope: "write",
    params: id,
    status: 204,
    handle: async ({ organizationId, params }) => {
      if (!(await getDevice(organizationId, params.id))) throw notFound("device");
      await revokeCredential(organizationId, params.id);
    },
  }),
  operation({
    method: "GET",
    path: "/devices/{id}/rejects",
    id: "listRejects",
    summary: "What was refused in the last 30 days, by reason",
    scope: "read",
    params: id,
    query: paging,
    status: 200,
    response: listOf(z.object({ reason: z.string(), count: z.number(), lastAt: z.iso.datetime(), detail: z.string(), transport: z.string(), address: z.string(), sample: z.string() })),
    handle: async ({ organizationId, params, query }) => {
      if (!(await getDevice(organizationId, params.id))) throw notFound("device");
      const rejects = await deviceRejects(organizationId, params.id);
      return page(rejects.map(({ lastMs, ...rest }) => ({ ...rest, lastAt: iso(lastMs) })), query);
    },
  }),
];
