import { expect, test } from "vitest";
import type { Scope } from "./credential.ts";
import { organizationPermissions, sitePermissions, type Permission } from "./permissions.ts";
import { scopeFor } from "./scopes.ts";

const expected: Partial<Record<Permission, Scope>> = {
  "site.read": "read",
  "site.create": "write",
  "site.change": "write",
  "contract.change": "write",
  "device.change": "write",
  "device.credential": "write",
  "device.delete": "write",
  "channel.change": "write",
  "bill.check": "write",
  "history.import": "write",
};

test.each([...sitePermissions, ...organizationPermissions])("%s", (permission) => {
  expect(scopeFor(permission)).toBe(expected[permission] ?? "admin");
});

test("what manages the organization is never given by a smaller scope", () => {
  for (const permission of organizationPermissions.filter((one) => one !== "site.create"))
    expect(scopeFor(permission)).toBe("admin");
});
