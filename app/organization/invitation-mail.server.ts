import { invitationDays, type InvitationMail } from "../../db/invitations.ts";
import { publicUrl, type Environment } from "../../platform/env.ts";
import { makeSecret } from "../auth/secret-link.server.ts";

/** A new link for an invitation, and the mail that carries it. */
export function invitationMail(env: Environment): InvitationMail {
  const { secret, hash } = makeSecret();
  const url = `${publicUrl(env)}/invitations/${secret}`;
  return {
    tokenHash: hash,
    write: ({ to, organization, inviter, role }) => ({
      to,
      template: "invitation",
      data: { organization, inviter, role, url, days: invitationDays },
    }),
  };
}
