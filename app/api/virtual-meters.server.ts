import { siteMeters, type VirtualMeter } from "../../db/meters.ts";
import {
  createVirtualMeter,
  deleteVirtualMeter,
  getVirtualMeter,
  mostVirtualMeters,
  updateVirtualMeter,
  type VirtualMeterFault,
} from "../../db/virtual-meters.ts";
import { longestFormula } from "../../domain/site/formula.ts";
import { readMeterId, virtualMeter } from "../../domain/site/meter.ts";
import { cut } from "./cursor.server.ts";
import { requireSite } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { place, placeFields, shownPlace } from "./places.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { listOf, listPaging, name, words } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const params = z.object({ id: z.string() });

const formula = z.string().trim().min(1).max(longestFormula).openapi({
  description: "Over channels (c12) and virtual meters (v3): + - * / ( ) min max",
  example: "c12 - c15 * 0.5",
});

const VirtualMeterSchema = z
  .object({
    id: z.string().openapi({ example: "v3" }),
    siteId,
    name: z.string(),
    formula,
    medium: words.medium,
    unit: z.string().openapi({ description: "Of its amounts: m3 for gas and water, else kWh" }),
    role: words.role,
    ...placeFields,
  })
  .openapi("VirtualMeter");

const fields = { name, formula, medium: words.medium, role: words.role };

const shown = (meter: VirtualMeter) => {
  const { id, siteId, name, formula, medium, unit, role } = meter;
  return { id: virtualMeter(id), siteId, name, formula, medium, unit, role, ...shownPlace(meter) };
};

const numberOf = (id: string): number => {
  const read = readMeterId(id);
  if (read?.kind !== "virtual") throw notFound("virtual meter");
  return read.number;
};

function refusal(fault: VirtualMeterFault): Problem {
  switch (fault.reason) {
    case "not-found":
      return notFound("virtual meter");
    case "name-taken":
      return new Problem(409, "Another virtual meter of the site has this name.");
    case "too-many":
      return new Problem(409, `A site has at most ${mostVirtualMeters} virtual meters.`);
    case "formula": {
      const { position, message } = fault.fault;
      const errors = [{ path: "formula", message: `at character ${position + 1}: ${message}` }];
      return new Problem(400, `The formula is wrong at character ${position + 1}: ${message}.`, { errors });
    }
  }
}

async function required(organizationId: string, id: string): Promise<VirtualMeter> {
  const meter = await getVirtualMeter(organizationId, numberOf(id));
  if (!meter) throw notFound("virtual meter");
  return meter;
}

export const virtualMeterOperations = [
  operation({
    id: "listVirtualMeters",
    method: "GET",
    path: "/virtual-meters",
    tag: "Meters",
    summary: "The virtual meters of a site, in order of creation",
    permission: "site.read",
    query: z.strictObject({ siteId, ...listPaging }),
    response: listOf(VirtualMeterSchema),
    problems: [404],
    async handle({ organizationId, query: { siteId, ...page } }) {
      await requireSite(organizationId, siteId);
      const { virtual } = await siteMeters(organizationId, siteId);
      return cut(virtual.map(shown), page, ({ id }) => id);
    },
  }),
  operation({
    id: "createVirtualMeter",
    method: "POST",
    path: "/virtual-meters",
    tag: "Meters",
    summary: "Make a virtual meter: a formula over other meters, worked out per quarter-hour",
    description: "With a role it counts in its site's flows; give it its place in the tree too.",
    permission: "channel.change",
    body: z
      .strictObject({
        siteId,
        ...fields,
        medium: fields.medium.default("electricity"),
        role: fields.role.default("none"),
      })
      .openapi("NewVirtualMeter"),
    status: 201,
    response: VirtualMeterSchema,
    problems: [404, 409],
    location: ({ id }) => `/virtual-meters/${id}`,
    async handle({ organizationId, body: { siteId, ...values } }) {
      await requireSite(organizationId, siteId);
      const saved = await createVirtualMeter(organizationId, siteId, values);
      if (!saved.ok) throw refusal(saved);
      return shown(saved.meter);
    },
  }),
  operation({
    id: "getVirtualMeter",
    method: "GET",
    path: "/virtual-meters/{id}",
    tag: "Meters",
    summary: "A virtual meter",
    permission: "site.read",
    params,
    response: VirtualMeterSchema,
    handle: async ({ organizationId, params: { id } }) => shown(await required(organizationId, id)),
  }),
  operation({
    id: "updateVirtualMeter",
    method: "PATCH",
    path: "/virtual-meters/{id}",
    tag: "Meters",
    summary: "Change a virtual meter, also for the past",
    permission: "channel.change",
    params,
    body: z
      .strictObject({ ...fields, ...placeFields })
      .partial()
      .openapi("VirtualMeterPatch"),
    response: VirtualMeterSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body: { parentId, groupId, ...values } }) {
      const before = await required(organizationId, id);
      await place(organizationId, before.siteId, virtualMeter(before.id), { parentId, groupId });
      const saved = await updateVirtualMeter(organizationId, before.id, values);
      if (!saved.ok) throw refusal(saved);
      return shown(saved.meter);
    },
  }),
  operation({
    id: "deleteVirtualMeter",
    method: "DELETE",
    path: "/virtual-meters/{id}",
    tag: "Meters",
    summary: "Delete a virtual meter; formulas that speak of it then give nothing",
    permission: "channel.change",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteVirtualMeter(organizationId, numberOf(id)))) throw notFound("virtual meter");
    },
  }),
];
