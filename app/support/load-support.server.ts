import { data } from "@remix-run/node";
import { endSupport, grantSupport, supportHours, supportOf } from "../../db/support-access.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import type { OrganizationMember } from "../auth/require-member.server.ts";
import { utc } from "../admin/words.ts";
import type { SupportNotice } from "./support-banner.tsx";

/** What is told on every page while somebody may look in; null: nobody may. */
export async function loadSupportNotice(member: OrganizationMember): Promise<SupportNotice | null> {
  const { organizationId, organization, supportUntil } = member;
  if (supportUntil) return { side: "visitor", organizationId, organization, until: utc(supportUntil) };
  const support = await supportOf(organizationId);
  if (!support) return null;
  return { side: "member", until: utc(support.expiresAt), visitors: support.visitors };
}

/** Of the organization's own page. Only owners consent; every admin may end it. */
export async function loadSupport(member: OrganizationMember) {
  const support = await supportOf(member.organizationId);
  return {
    support: support && {
      grantedBy: support.grantedBy,
      until: utc(support.expiresAt),
      visitors: support.visitors,
      mayEnd: mayInOrganization(member, "organization.change"),
    },
    mayGrantSupport: mayInOrganization(member, "owner.make"),
  };
}

export async function changeSupport(
  member: OrganizationMember,
  intent: "grant-support" | "end-support",
  form: FormData,
) {
  if (intent === "end-support") {
    if (!mayInOrganization(member, "organization.change")) throw new Response("Not allowed", { status: 403 });
    await endSupport(member.organizationId);
    return data({ intent, done: "Ended: nobody can look in any more" });
  }
  if (!mayInOrganization(member, "owner.make")) throw new Response("Not allowed", { status: 403 });
  const hours = supportHours.find((one) => String(one) === form.get("hours"));
  if (!hours) throw new Response("Unknown number of hours", { status: 400 });
  const done = await grantSupport(member.organizationId, { userId: member.user.id, hours });
  if (!done) throw new Response("Not allowed", { status: 403 });
  return data({ intent, done: "Support can look in" });
}
