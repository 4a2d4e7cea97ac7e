/** What a member may do, in two tables that the server and the pages both read. */
export const roles = ["owner", "admin", "operator", "viewer"] as const;
export type MemberRole = (typeof roles)[number];

const everybody = roles;
const operators = ["owner", "admin", "operator"] as const;
const admins = ["owner", "admin"] as const;
const owners = ["owner"] as const;

/** At a site, for everybody who may see that site. */
const atSite = {
  "site.read": everybody,
  "site.change": admins,
  "contract.change": admins,
  "device.change": operators,
  "device.credential": operators,
  "device.delete": admins,
  "channel.change": operators,
  "bill.check": operators,
  "history.import": operators,
  "link.change": admins,
} as const satisfies Record<string, readonly MemberRole[]>;

/** Of the organization as a whole: never for a member who is limited to some sites. */
const inOrganization = {
  "site.create": admins,
  "organization.change": admins,
  "organization.export": admins,
  "organization.delete": owners,
  "member.read": everybody,
  "member.invite": admins,
  "member.change": admins,
  "owner.make": owners,
  "key.read": admins,
  "key.change": admins,
  "webhook.change": admins,
  "audit.read": admins,
  "usage.read": everybody,
} as const satisfies Record<string, readonly MemberRole[]>;

export type SitePermission = keyof typeof atSite;
export type OrganizationPermission = keyof typeof inOrganization;
export type Permission = SitePermission | OrganizationPermission;

export const sitePermissions = Object.keys(atSite) as SitePermission[];
export const organizationPermissions = Object.keys(inOrganization) as OrganizationPermission[];

export const isOfSite = (permission: Permission): permission is SitePermission => permission in atSite;

/** At a site that the member may see. */
export function may(role: MemberRole, permission: SitePermission): boolean {
  return (atSite[permission] as readonly MemberRole[]).includes(role);
}

/** In the organization as a whole. `siteIds`: the sites that the member is limited to; null: none. */
export function mayInOrganization(
  { role, siteIds }: { role: MemberRole; siteIds: readonly string[] | null },
  permission: OrganizationPermission,
): boolean {
  return siteIds === null && (inOrganization[permission] as readonly MemberRole[]).includes(role);
}
