import { expect, test } from "vitest";
import { isSecret, makeSecret, withoutSecret } from "./secret-link.server.ts";

test("a secret is told from what cannot be one", () => {
  expect(isSecret(makeSecret().secret)).toBe(true);
  for (const text of [undefined, "", "x", `${makeSecret().secret}x`, "../".repeat(14) + "x"])
    expect(isSecret(text)).toBe(false);
});

test.each([
  ["/shared/abc", "/shared/…"],
  ["/invitations/abc.data", "/invitations/…"],
  ["/shared/a/b", "/shared/…/b"],
  ["/sites/abc", "/sites/abc"],
])("%s is logged as %s", (path, logged) => expect(withoutSecret(path)).toBe(logged));
