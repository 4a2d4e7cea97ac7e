import { changeMember, getMember, listMembers, removeMember, type OrganizationMember } from "../../db/members.ts";
import { changeOrganization, getOrganization, type Organization } from "../../db/organization.ts";
import { keyActor } from "../../domain/access/membership.ts";
import { roles } from "../../domain/access/permissions.ts";
import { accessFault } from "./access-fault.server.ts";
import { cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound } from "./problem.server.ts";
import { instantOut, listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const requiresSecondFactor = z.boolean().openapi({
  description: "Members without a second factor see nothing of the organization until they have set one up",
});

const OrganizationSchema = z
  .object({
    id: z.string().openapi({ format: "uuid" }),
    name: z.string(),
    requiresSecondFactor,
    createdAt: instantOut,
  })
  .openapi("Organization");

const shownOrganization = ({ createdAt, ...shown }: Organization) => ({ ...shown, createdAt: createdAt.toISOString() });

export const memberRole = z.enum(roles);
export const memberSites = z
  .array(siteId)
  .max(500)
  .nullable()
  .openapi({ description: "The sites that they see, and nothing of the organization as a whole; null: every site" });

const memberId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: memberId });

const MemberSchema = z
  .object({
    id: memberId,
    name: z.string(),
    email: z.string(),
    role: memberRole,
    siteIds: memberSites,
    createdAt: instantOut.openapi({ description: "Since when they belong" }),
  })
  .openapi("Member");

const shownMember = ({ userId, name, email, role, siteIds, createdAt }: OrganizationMember) => ({
  ...{ id: userId, name, email, role, siteIds },
  createdAt: createdAt.toISOString(),
});

export const organizationOperations = [
  operation({
    id: "getOrganization",
    method: "GET",
    path: "/organization",
    tag: "Access",
    summary: "The organization that the key belongs to",
    permission: "site.read",
    response: OrganizationSchema,
    handle: async ({ organizationId }) => shownOrganization(await getOrganization(organizationId)),
  }),
  operation({
    id: "updateOrganization",
    method: "PATCH",
    path: "/organization",
    tag: "Access",
    summary: "Change the organization's name, and whether members need a second factor",
    permission: "organization.change",
    body: z.strictObject({ name, requiresSecondFactor }).partial().openapi("OrganizationPatch"),
    response: OrganizationSchema,
    handle: async ({ organizationId, body }) => shownOrganization(await changeOrganization(organizationId, body)),
  }),
  operation({
    id: "listMembers",
    method: "GET",
    path: "/members",
    tag: "Access",
    summary: "The members, owners first",
    permission: "member.read",
    query: z.strictObject(listPaging),
    response: listOf(MemberSchema),
    async handle({ organizationId, query }) {
      const { items, nextCursor } = cut(await listMembers(organizationId), query, ({ userId }) => userId);
      return { items: items.map(shownMember), nextCursor };
    },
  }),
  operation({
    id: "getMember",
    method: "GET",
    path: "/members/{id}",
    tag: "Access",
    summary: "A member",
    permission: "member.read",
    params,
    response: MemberSchema,
    async handle({ organizationId, params: { id } }) {
      const member = await getMember(organizationId, id);
      if (!member) throw notFound("member");
      return shownMember(member);
    },
  }),
  operation({
    id: "updateMember",
    method: "PATCH",
    path: "/members/{id}",
    tag: "Access",
    summary: "Give a member another role, or other sites to see",
    description: "A key acts as an admin: only an owner makes, changes and removes owners, on the pages.",
    permission: "member.change",
    params,
    body: z.strictObject({ role: memberRole, siteIds: memberSites }).partial().openapi("MemberPatch"),
    response: MemberSchema,
    problems: [403, 409],
    async handle({ organizationId, params: { id }, body }) {
      const changed = await changeMember(organizationId, { by: keyActor, userId: id }, body);
      if (typeof changed === "string") throw accessFault(changed, "member");
      return shownMember(changed);
    },
  }),
  operation({
    id: "removeMember",
    method: "DELETE",
    path: "/members/{id}",
    tag: "Access",
    summary: "Remove a member who is no owner",
    permission: "member.change",
    params,
    problems: [403, 409],
    async handle({ organizationId, params: { id } }) {
      const outcome = await removeMember(organizationId, { by: keyActor, userId: id });
      if (outcome !== "removed") throw accessFault(outcome, "member");
    },
  }),
];
