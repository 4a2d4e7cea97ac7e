import {
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  mostGroups,
  renameGroup,
  type SavedGroup,
} from "../../db/meter-groups.ts";
import type { MeterGroup } from "../../db/meters.ts";
import { cut } from "./cursor.server.ts";
import { requireSite } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const params = z.object({ id: z.string() });
const GroupSchema = z
  .object({ id: z.string(), siteId, name: z.string() })
  .openapi("MeterGroup", { description: "A room, or whatever meters are summed by" });

const shown = ({ id, siteId, name }: MeterGroup) => ({ id: String(id), siteId, name });

const numberOf = (id: string): number => {
  const number = Number(id);
  if (!/^[1-9]\d{0,9}$/.test(id) || number > 2_147_483_647) throw notFound("group");
  return number;
};

function groupOf(saved: SavedGroup) {
  if (saved.ok) return shown(saved.group);
  if (saved.reason === "not-found") throw notFound("group");
  throw new Problem(
    409,
    saved.reason === "too-many"
      ? `A site has at most ${mostGroups} groups.`
      : "Another group of the site has this name.",
  );
}

export const groupOperations = [
  operation({
    id: "listGroups",
    method: "GET",
    path: "/groups",
    tag: "Meters",
    summary: "The groups (rooms) of a site, by name",
    permission: "site.read",
    query: z.strictObject({ siteId, ...listPaging }),
    response: listOf(GroupSchema),
    problems: [404],
    async handle({ organizationId, query: { siteId, ...page } }) {
      await requireSite(organizationId, siteId);
      return cut((await listGroups(organizationId, siteId)).map(shown), page, ({ id }) => id);
    },
  }),
  operation({
    id: "createGroup",
    method: "POST",
    path: "/groups",
    tag: "Meters",
    summary: "Make a group; a channel or virtual meter is put into it by its groupId",
    permission: "channel.change",
    body: z.strictObject({ siteId, name }).openapi("NewMeterGroup"),
    status: 201,
    response: GroupSchema,
    problems: [404, 409],
    location: ({ id }) => `/groups/${id}`,
    async handle({ organizationId, body: { siteId, name } }) {
      await requireSite(organizationId, siteId);
      return groupOf(await createGroup(organizationId, siteId, name));
    },
  }),
  operation({
    id: "getGroup",
    method: "GET",
    path: "/groups/{id}",
    tag: "Meters",
    summary: "A group",
    permission: "site.read",
    params,
    response: GroupSchema,
    async handle({ organizationId, params: { id } }) {
      const group = await getGroup(organizationId, numberOf(id));
      if (!group) throw notFound("group");
      return shown(group);
    },
  }),
  operation({
    id: "renameGroup",
    method: "PATCH",
    path: "/groups/{id}",
    tag: "Meters",
    summary: "Rename a group",
    permission: "channel.change",
    params,
    body: z.strictObject({ name }).openapi("MeterGroupPatch"),
    response: GroupSchema,
    problems: [409],
    handle: async ({ organizationId, params: { id }, body: { name } }) =>
      groupOf(await renameGroup(organizationId, numberOf(id), name)),
  }),
  operation({
    id: "deleteGroup",
    method: "DELETE",
    path: "/groups/{id}",
    tag: "Meters",
    summary: "Delete a group; its meters are then in none",
    permission: "channel.change",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await deleteGroup(organizationId, numberOf(id)))) throw notFound("group");
    },
  }),
];
