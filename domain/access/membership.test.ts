import { expect, test } from "vitest";
import { keyActor, mayHandle } from "./membership.ts";
import { roles } from "./permissions.ts";

test.each([
  ["owner", "owner admin operator viewer"],
  ["admin", "admin operator viewer"],
  ["operator", ""],
  ["viewer", ""],
] as const)("%s takes in, changes and removes: %s", (role, handled) => {
  expect(roles.filter((other) => mayHandle({ role, siteIds: null }, other)).join(" ")).toBe(handled);
  expect(roles.some((other) => mayHandle({ role, siteIds: [] }, other))).toBe(false);
});

test("an API key makes no owners", () => {
  expect(roles.filter((other) => mayHandle(keyActor, other))).toEqual(["admin", "operator", "viewer"]);
});
