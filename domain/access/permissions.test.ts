import { describe, expect, test } from "vitest";
import {
  may,
  mayInOrganization,
  organizationPermissions,
  roles,
  sitePermissions,
  type OrganizationPermission,
  type SitePermission,
} from "./permissions.ts";

describe("what a member may do at a site", () => {
  const allowed: Record<SitePermission, string> = {
    "site.read": "owner admin operator viewer",
    "site.change": "owner admin",
    "contract.change": "owner admin",
    "device.change": "owner admin operator",
    "device.credential": "owner admin operator",
    "device.delete": "owner admin",
    "channel.change": "owner admin operator",
    "bill.check": "owner admin operator",
    "history.import": "owner admin operator",
    "link.change": "owner admin",
  };

  test.each(sitePermissions)("%s", (permission) => {
    expect(roles.filter((role) => may(role, permission)).join(" ")).toBe(allowed[permission]);
  });
});

describe("what a member may do in the organization", () => {
  const allowed: Record<OrganizationPermission, string> = {
    "site.create": "owner admin",
    "organization.change": "owner admin",
    "organization.export": "owner admin",
    "organization.delete": "owner",
    "member.read": "owner admin operator viewer",
    "member.invite": "owner admin",
    "member.change": "owner admin",
    "owner.make": "owner",
    "key.read": "owner admin",
    "key.change": "owner admin",
    "webhook.change": "owner admin",
    "audit.read": "owner admin",
    "usage.read": "owner admin operator viewer",
  };

  test.each(organizationPermissions)("%s", (permission) => {
    expect(roles.filter((role) => mayInOrganization({ role, siteIds: null }, permission)).join(" ")).toBe(
      allowed[permission],
    );
  });

  test.each(organizationPermissions)("%s: not for who is limited to some sites, or to none", (permission) => {
    for (const siteIds of [["00000000-0000-4000-8000-000000000001"], []])
      expect(roles.some((role) => mayInOrganization({ role, siteIds }, permission))).toBe(false);
  });
});
