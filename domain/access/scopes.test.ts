import { expect, test } from "vitest";
import { organizationPermissions, sitePermissions, type Permission } from "./permissions.ts";
import { scopeFor } from "./scopes.ts";

const ofScope = (scope: string): Permission[] =>
  [...sitePermissions, ...organizationPermissions].filter((permission) => scopeFor(permission) === scope);

test("what reads, and what changes what is measured and paid", () => {
  expect(ofScope("read")).toEqual(["site.read"]);
  const sorts = ["bill", "channel", "contract", "device", "history", "site"];
  expect([...new Set(ofScope("write").map((permission) => permission.split(".")[0]))].sort()).toEqual(sorts);
  expect(ofScope("ingest")).toEqual([]);
});

test("what manages the organization, and what no scope names, needs admin", () => {
  for (const permission of organizationPermissions.filter((one) => one !== "site.create"))
    expect(scopeFor(permission)).toBe("admin");
  expect(scopeFor("a.new.one" as Permission)).toBe("admin");
});
