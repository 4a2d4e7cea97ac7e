import { describe, expect, test } from "vitest";
import { checkOrigin, ownPath } from "./require-member.server.ts";

describe("where a login leads", () => {
  test.each(["/", "/sites/new", "/sites/1/devices?a=1&b=2#c", "/a//b"])("%j stays", (path) => {
    expect(ownPath(path)).toBe(path);
  });

  test.each([null, "", "sites", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test"])(
    "%j leads home",
    (path) => expect(ownPath(path)).toBe("/"),
  );

  test.each(["https://evil.test/", "javascript:alert(1)", "/..//evil.test", "/.//evil.test", "/\n/evil.test"])(
    "%j leads home",
    (path) => expect(ownPath(path)).toBe("/"),
  );
});

describe("where a form comes from", () => {
  const post = (headers: Record<string, string>) => new Request("http://energy.test/x", { method: "POST", headers });

  test("its own page, also behind a proxy, and programs that say nothing", () => {
    expect(() => checkOrigin(post({ origin: "http://energy.test", host: "energy.test" }))).not.toThrow();
    expect(() =>
      checkOrigin(post({ origin: "https://energy.test", host: "10.0.0.1:3000", "x-forwarded-host": "energy.test" })),
    ).not.toThrow();
    expect(() => checkOrigin(post({ host: "energy.test" }))).not.toThrow();
  });

  test.each(["http://evil.test", "http://energy.test:81", "null", "nonsense"])("not from %j", (origin) => {
    expect(() => checkOrigin(post({ origin, host: "energy.test" }))).toThrow();
  });
});
