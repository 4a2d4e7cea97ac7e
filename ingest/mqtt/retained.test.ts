import { expect, it } from "vitest";
import { Retained } from "./retained.ts";

it("admits a thousand topics of a credential, and those again", () => {
  const retained = new Retained();
  for (let i = 0; i < 1_000; i++) expect(retained.admit("c1", `t/${i}`, 10)).toBe(true);
  expect(retained.admit("c1", "t/1000", 10)).toBe(false);
  expect(retained.admit("c1", "t/0", 20)).toBe(true);
  expect(retained.admit("c2", "t/1000", 10), "another credential").toBe(true);
  expect(retained.admit("c1", "t/1", 0)).toBe(true);
  expect(retained.admit("c1", "t/1000", 10), "in its place").toBe(true);
});

it("admits a megabyte, counting a topic once", () => {
  const retained = new Retained();
  for (let i = 0; i < 50; i++) expect(retained.admit("c1", "t", 900_000)).toBe(true);
  expect(retained.admit("c1", "u", 100_000)).toBe(false);
  expect(retained.admit("c1", "t", 0)).toBe(true);
  expect(retained.admit("c1", "u", 100_000)).toBe(true);
  expect(retained.admit("c1", "t", 900_000)).toBe(false);
  expect(retained.admit("c1", "unknown", 0), "removing what is not there").toBe(true);
});
