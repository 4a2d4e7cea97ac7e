import { data, redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { invite, listInvitations, resendInvitation, revokeInvitation } from "../../db/invitations.ts";
import { changeMember, listMembers, removeMember } from "../../db/members.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { isEmail } from "../../domain/access/email.ts";
import { mayInOrganization } from "../../domain/access/permissions.ts";
import type { Environment } from "../../platform/env.ts";
import { requireOrganization, type OrganizationMember } from "../auth/require-member.server.ts";
import { FormError } from "../components/form.tsx";
import { PageTitle } from "../components/frame.tsx";
import { readForm } from "../components/read-form.server.ts";
import { Toast } from "../components/toast.tsx";
import { faultWords } from "../organization/error-words.server.ts";
import { invitationMail } from "../organization/invitation-mail.server.ts";
import { InvitationsCard } from "../organization/invitations-card.tsx";
import { handledRoles, siteNames } from "../organization/load-organization.server.ts";
import { MembersCard } from "../organization/members-card.tsx";
import { readRole, readSiteIds } from "../organization/read-access.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const member = await requireOrganization(request, "member.read");
  const { user, organizationId: id } = member;
  const mayInvite = mayInOrganization(member, "member.invite");
  const nowMs = Date.now();
  return {
    ...{ id, mayInvite, nowMs },
    self: user.id,
    members: (await listMembers(id)).map((one) => ({ ...one, createdAtMs: one.createdAt.getTime() })),
    invitations: mayInvite
      ? (await listInvitations(id)).map(({ expiresAt, ...one }) => ({ ...one, expiresAtMs: expiresAt.getTime() }))
      : [],
    sites: await siteNames(id),
    roles: handledRoles(member),
  };
}

export interface MembersAnswer {
  intent: string;
  done?: string;
  error?: string;
  email?: string;
}

interface Work {
  member: OrganizationMember;
  form: FormData;
  env: Environment;
}

/** Each answers what was done, or what is wrong. */
const intents: Record<string, (work: Work) => Promise<{ done: string } | { error: string }>> = {
  async invite({ member, form, env }) {
    const email = String(form.get("email") ?? "")
      .trim()
      .toLowerCase();
    if (!isEmail(email)) return { error: "Write an e-mail address such as anna@example.org." };
    const role = readRole(form);
    if (!role) return { error: "Choose a role." };
    const by = { userId: member.user.id };
    const asked = { by, email, role, siteIds: role === "owner" ? null : readSiteIds(form) };
    const made = await invite(member.organizationId, asked, invitationMail(env));
    return typeof made === "string" ? { error: faultWords[made] } : { done: `Invited ${email}` };
  },
  async resend({ member, form, env }) {
    const which = { by: { userId: member.user.id }, id: String(form.get("invitation")) };
    const sent = await resendInvitation(member.organizationId, which, invitationMail(env));
    return typeof sent === "string" ? { error: faultWords[sent] } : { done: `Sent to ${sent.email} again` };
  },
  async revoke({ member, form }) {
    const which = { by: { userId: member.user.id }, id: String(form.get("invitation")) };
    const outcome = await revokeInvitation(member.organizationId, which);
    return outcome === "revoked"
      ? { done: "Revoked: the link opens nothing any more" }
      : { error: faultWords[outcome] };
  },
  async change({ member, form }) {
    const role = readRole(form);
    if (!role) return { error: "Choose a role." };
    const who = { by: { userId: member.user.id }, userId: String(form.get("member")) };
    const siteIds = role === "owner" ? null : readSiteIds(form);
    const changed = await changeMember(member.organizationId, who, { role, siteIds });
    return typeof changed === "string" ? { error: faultWords[changed] } : { done: "Saved" };
  },
  async remove({ member, form }) {
    const who = { by: { userId: member.user.id }, userId: String(form.get("member")) };
    const outcome = await removeMember(member.organizationId, who);
    return outcome === "removed" ? { done: "Removed" } : { error: faultWords[outcome] };
  },
};

/** Too many members for the plan: said on the page. */
function quotaFault(error: unknown): { error: string } {
  if (error instanceof QuotaExceeded) return { error: error.message };
  throw error;
}

export async function action({ request, context }: ActionFunctionArgs) {
  const member = await requireOrganization(request, "member.invite");
  const form = await readForm(request);
  const intent = String(form.get("intent"));
  const run = intents[intent];
  if (!run) throw new Response("Unknown intent", { status: 400 });
  const outcome = await run({ member, form, env: context.env }).catch(quotaFault);
  // Who changed themselves may not see this page any more.
  if ("done" in outcome && form.get("member") === member.user.id) throw redirect("/organization");
  const email = String(form.get("email") ?? "");
  return data<MembersAnswer>({ intent, email, ...outcome }, { status: "error" in outcome ? 400 : 200 });
}

/** Who belongs here, as what, and who is asked to. */
export default function Members() {
  const loaded = useLoaderData<typeof loader>();
  const answer = useActionData<MembersAnswer>();
  const isOfInvite = answer?.intent === "invite";
  return (
    <>
      <PageTitle>Members</PageTitle>
      <div className="space-y-4">
        {!isOfInvite && <FormError>{answer?.error}</FormError>}
        <MembersCard {...loaded} />
        {loaded.mayInvite && <InvitationsCard {...loaded} answer={isOfInvite ? answer : undefined} />}
      </div>
      <Toast shown={answer?.done ? answer : null}>{answer?.done ?? ""}</Toast>
    </>
  );
}
