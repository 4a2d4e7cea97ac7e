import fc from "fast-check";
import { afterEach, expect, it, test, vi } from "vitest";
import { seal, unseal } from "./seal.ts";

afterEach(() => vi.unstubAllEnvs());

test("what is sealed comes back, and no two sealings are alike", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (plain) => {
      const sealed = seal(plain);
      expect(unseal(sealed)).toBe(plain);
      expect(seal(plain)).not.toBe(sealed);
    }),
  );
});

test("a sealed text that was changed anywhere does not open", () => {
  const bytes = Buffer.from(seal("0123456789abcdef").slice(3), "base64url");
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(unseal(`v1.${changed.toString("base64url")}`)).toBeNull();
  }
});

it.each(["", "v1.", "v1.AAAA", "v2.AAAA", "plain text"])("%j was never sealed", (text) => {
  expect(unseal(text)).toBeNull();
});

test("another APP_SECRET does not open it", async () => {
  const sealed = seal("secret");
  vi.stubEnv("APP_SECRET", "another secret of at least 32 characters");
  vi.resetModules();
  const { unseal: elsewhere } = await import("./seal.ts");
  expect(elsewhere(sealed)).toBeNull();
});
