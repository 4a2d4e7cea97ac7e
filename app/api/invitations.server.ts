import {
  getInvitation,
  invitationDays,
  invite,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  type Invitation,
} from "../../db/invitations.ts";
import { isEmail } from "../../domain/access/email.ts";
import { keyActor } from "../../domain/access/membership.ts";
import { readEnvironment } from "../../platform/env.ts";
import { invitationMail } from "../organization/invitation-mail.server.ts";
import { accessFault } from "./access-fault.server.ts";
import { cut } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { memberRole, memberSites } from "./organization.server.ts";
import { notFound } from "./problem.server.ts";
import { instantOut, listOf, listPaging } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const params = z.object({ id: z.string().openapi({ format: "uuid" }) });

const InvitationSchema = z
  .object({
    id: z.string().openapi({ format: "uuid" }),
    email: z.string(),
    role: memberRole,
    siteIds: memberSites,
    invitedBy: z.string().nullable().openapi({ description: "null: a program, or no member any more" }),
    createdAt: instantOut,
    sentAt: instantOut.openapi({ description: "When the newest mail was written" }),
    expiresAt: instantOut,
  })
  .openapi("Invitation");

const shown = ({ id, email, role, siteIds, invitedBy, ...times }: Invitation) => ({
  ...{ id, email, role, siteIds, invitedBy },
  createdAt: times.createdAt.toISOString(),
  sentAt: times.sentAt.toISOString(),
  expiresAt: times.expiresAt.toISOString(),
});

const email = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .refine(isEmail, "expected an e-mail address such as anna@example.org")
  .openapi({ example: "anna@example.org" });

export const invitationOperations = [
  operation({
    id: "listInvitations",
    method: "GET",
    path: "/invitations",
    tag: "Access",
    summary: "The invitations that wait or have run out, the newest first",
    permission: "member.invite",
    query: z.strictObject(listPaging),
    response: listOf(InvitationSchema),
    async handle({ organizationId, query }) {
      const { items, nextCursor } = cut(await listInvitations(organizationId), query, ({ id }) => id);
      return { items: items.map(shown), nextCursor };
    },
  }),
  operation({
    id: "createInvitation",
    method: "POST",
    path: "/invitations",
    tag: "Access",
    summary: "Invite somebody by e-mail",
    description: `The link in the mail works for ${invitationDays} days. One that waits for the address already is replaced.`,
    permission: "member.invite",
    body: z.strictObject({ email, role: memberRole, siteIds: memberSites.default(null) }).openapi("NewInvitation"),
    status: 201,
    response: InvitationSchema,
    problems: [403, 404, 409],
    location: ({ id }) => `/invitations/${id}`,
    async handle({ organizationId, body }) {
      const made = await invite(organizationId, { by: keyActor, ...body }, invitationMail(readEnvironment()));
      if (typeof made === "string") throw accessFault(made, "invitation");
      return shown(made);
    },
  }),
  operation({
    id: "getInvitation",
    method: "GET",
    path: "/invitations/{id}",
    tag: "Access",
    summary: "An invitation",
    permission: "member.invite",
    params,
    response: InvitationSchema,
    async handle({ organizationId, params: { id } }) {
      const found = await getInvitation(organizationId, id);
      if (!found) throw notFound("invitation");
      return shown(found);
    },
  }),
  operation({
    id: "resendInvitation",
    method: "POST",
    path: "/invitations/{id}/resend",
    tag: "Access",
    summary: "Send an invitation again, with a new link; the one before opens nothing any more",
    permission: "member.invite",
    params,
    response: InvitationSchema,
    problems: [403, 409],
    async handle({ organizationId, params: { id } }) {
      const sent = await resendInvitation(organizationId, { by: keyActor, id }, invitationMail(readEnvironment()));
      if (typeof sent === "string") throw accessFault(sent, "invitation");
      return shown(sent);
    },
  }),
  operation({
    id: "revokeInvitation",
    method: "DELETE",
    path: "/invitations/{id}",
    tag: "Access",
    summary: "Revoke an invitation: its link opens nothing any more",
    permission: "member.invite",
    params,
    problems: [403],
    async handle({ organizationId, params: { id } }) {
      const outcome = await revokeInvitation(organizationId, { by: keyActor, id });
      if (outcome !== "revoked") throw accessFault(outcome, "invitation");
    },
  }),
];
