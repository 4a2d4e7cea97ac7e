import { membershipsOf } from "../../db/accounts.ts";
import { isPlatformAdmin } from "../../db/platform.ts";
import { listSites } from "../../db/sites.ts";
import { mayHandle } from "../../domain/access/membership.ts";
import {
  isOfSite,
  may,
  mayInOrganization,
  roles,
  type MemberRole,
  type Permission,
} from "../../domain/access/permissions.ts";
import type { Environment } from "../../platform/env.ts";
import { otherOrganizations } from "../auth/chosen-organization.server.ts";
import type { OrganizationMember } from "../auth/require-member.server.ts";
import type { Tab } from "../components/tabbed-frame.tsx";
import { loadSupportNotice } from "../support/load-support.server.ts";

/** The pages of an organization; each is there for who may open it. */
const tabs: readonly (Tab & { permission: Permission })[] = [
  { to: "/organization", label: "Organization", permission: "site.read" },
  { to: "/organization/members", label: "Members", permission: "member.read" },
  { to: "/organization/usage", label: "Usage", permission: "usage.read" },
  { to: "/organization/roles", label: "Roles", permission: "site.read" },
  { to: "/organization/keys", label: "API keys", permission: "key.read" },
  { to: "/organization/webhooks", label: "Webhooks", permission: "webhook.change" },
  { to: "/organization/audit", label: "Audit log", permission: "audit.read" },
  { to: "/organization/retention", label: "Retention", permission: "member.read" },
  { to: "/organization/data", label: "Data", permission: "organization.export" },
  { to: "/organization/links", label: "Links", permission: "link.change" },
];

const isAllowed = (member: OrganizationMember, permission: Permission) =>
  isOfSite(permission) ? may(member.role, permission) : mayInOrganization(member, permission);

/** What the frame around those pages shows. */
export async function loadFrame(member: OrganizationMember, env: Environment) {
  const { user, organizationId, organization } = member;
  return {
    organization: { id: organizationId, name: organization },
    others: otherOrganizations(await membershipsOf(user.id), organizationId),
    mayFound: env.SIGNUP === "open",
    tabs: [
      ...tabs.filter(({ permission }) => isAllowed(member, permission)).map(({ to, label }) => ({ to, label })),
      ...((await isPlatformAdmin(user.id)) ? [{ to: "/admin", label: "Platform" }] : []),
    ],
    support: await loadSupportNotice(member),
  };
}

export const siteNames = async (organizationId: string) =>
  (await listSites(organizationId)).map(({ id, name }) => ({ id, name }));

/** The roles that somebody may give and take. */
export const handledRoles = (member: OrganizationMember): MemberRole[] =>
  roles.filter((role) => mayHandle(member, role));
