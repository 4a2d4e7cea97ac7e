import type { OrganizationPermission, SitePermission } from "../../domain/access/permissions.ts";

/** What each permission lets somebody do. One that is missing here does not compile. */
export const sitePermissionWords: Record<SitePermission, string> = {
  "site.read": "See what is measured, what it costs, and download it",
  "device.change": "Add, name and configure devices; accept them from the inbox",
  "device.credential": "Make a device a new password, or revoke it",
  "channel.change": "Change channels, meters and rooms; correct readings",
  "history.import": "Import history from files",
  "bill.check": "Check suppliers' bills",
  "contract.change": "Enter and change contracts",
  "site.change": "Change a place's name, time zone, currency and price",
  "device.delete": "Delete devices with their data, merge and move them",
  "link.change": "Share one page of a place by a link, and revoke links",
};

export const organizationPermissionWords: Record<OrganizationPermission, string> = {
  "member.read": "See who the members are",
  "usage.read": "See what is used of the plan",
  "site.create": "Add places",
  "organization.change": "Rename the organization",
  "member.invite": "Invite people, except as owners",
  "member.change": "Change roles and places of members, remove them; except owners",
  "key.read": "See API keys",
  "key.change": "Make and revoke API keys",
  "webhook.change": "Make webhooks, and see what was sent to them",
  "audit.read": "Read the audit log",
  "organization.export": "Export everything",
  "owner.make": "Make, change and remove owners; hand over the ownership",
  "organization.delete": "Delete the organization for good",
};
