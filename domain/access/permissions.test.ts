import { describe, expect, test } from "vitest";
import { may, roles, type Permission } from "./permissions.ts";

describe("what a member may do", () => {
  const allowed: [Permission, string][] = [
    ["site.read", "owner admin operator viewer"],
    ["site.create", "owner admin"],
    ["site.change", "owner admin"],
    ["device.change", "owner admin operator"],
    ["device.credential", "owner admin operator"],
    ["device.delete", "owner admin"],
    ["channel.change", "owner admin operator"],
    ["history.import", "owner admin operator"],
    ["audit.read", "owner admin"],
    ["organization.export", "owner admin"],
    ["organization.delete", "owner"],
  ];

  test.each(allowed)("%s: %s", (permission, expected) => {
    expect(roles.filter((role) => may(role, permission)).join(" ")).toBe(expected);
  });
});
