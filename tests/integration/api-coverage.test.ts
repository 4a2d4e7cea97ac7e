import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";

/** docs/API.md says which calls do what a page does: about every route, and with every call that there is. */
const folder = new URL("../../app/routes/", import.meta.url);
const lines = readFileSync(new URL("../../docs/API.md", import.meta.url), "utf8")
  .split("\n")
  .map((line) => /^\| `(.+?\.tsx?)`\s+\| (.+?)\s*\|$/.exec(line))
  .filter((found) => found !== null)
  .map(([, route, calls]) => ({ route: route!, calls: calls! }));
const named = ({ calls }: { calls: string }) => [...calls.matchAll(/`(\w+)`/g)].map(([, id]) => id!);

test("every route has a line, and every line a route", () => {
  expect(lines.map(({ route }) => route).sort()).toEqual(readdirSync(folder).sort());
});

test("every line names calls, or says why there are none", () => {
  const silent = lines.filter((line) => !named(line).length && !/^no call: ./.test(line.calls));
  expect(silent).toEqual([]);
});

test("every call is one that there is, and none is left out", () => {
  const ids = operations.map(({ id }) => id);
  expect([...new Set(lines.flatMap(named))].sort()).toEqual([...ids].sort());
});
