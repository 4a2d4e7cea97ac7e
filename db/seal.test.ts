import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, test, vi } from "vitest";
import type { Place } from "./seal.ts";

const first = "the first secret, of at least 32 characters";
const second = "the second secret, of at least 32 characters";
const place: Place = { column: "energy.credentials.password_sealed", row: "d-1" };

/** As a process has it that was started with these secrets. */
async function started(current: string, old = "") {
  vi.stubEnv("APP_SECRET", current);
  vi.stubEnv("APP_SECRET_OLD", old);
  vi.resetModules();
  return import("./seal.ts");
}

let sealing: Awaited<ReturnType<typeof started>>;
beforeEach(async () => {
  sealing = await started(first);
});
afterEach(() => vi.unstubAllEnvs());

test("what is sealed comes back, and no two sealings are alike", () => {
  const { seal, unseal } = sealing;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (plain, row) => {
      const sealed = seal(plain, { ...place, row });
      expect(unseal(sealed, { ...place, row })).toBe(plain);
      expect(seal(plain, { ...place, row })).not.toBe(sealed);
    }),
  );
});

test("a sealed text that was changed anywhere does not open", () => {
  const { seal, unseal, currentPrefix } = sealing;
  const bytes = Buffer.from(seal("0123456789abcdef", place).slice(currentPrefix().length), "base64url");
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(unseal(currentPrefix() + changed.toString("base64url"), place)).toBeNull();
  }
});

it.each<Place>([
  { ...place, row: "d-2" },
  { ...place, column: "auth.mails.data_sealed" },
])("moved to %j it does not open", (elsewhere) => {
  expect(sealing.unseal(sealing.seal("secret", place), elsewhere)).toBeNull();
});

it.each(["", "v1.", "v1.AAAA", "v2.AAAA", "v2.AAAA.AAAA", "v3.a.b", "plain text"])("%j was never sealed", (text) => {
  expect(sealing.unseal(text, place)).toBeNull();
});

test("another APP_SECRET does not open it; as APP_SECRET_OLD it does, and seals nothing", async () => {
  const sealed = sealing.seal("secret", place);
  expect((await started(second)).unseal(sealed, place)).toBeNull();
  const both = await started(second, first);
  expect(both.unseal(sealed, place)).toBe("secret");
  const anew = both.seal("secret", place);
  expect((await started(first)).unseal(anew, place)).toBeNull();
});

test("a text of before, which names no key and no place, opens with either secret", async () => {
  const key = new Uint8Array(hkdfSync("sha256", first, "", "sealed columns", 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = Buffer.concat([cipher.update("secret"), cipher.final()]);
  const sealed = `v1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64url")}`;
  expect(sealing.unseal(sealed, place)).toBe("secret");
  expect((await started(second, first)).unseal(sealed, place)).toBe("secret");
  expect((await started(second)).unseal(sealed, place)).toBeNull();
});
