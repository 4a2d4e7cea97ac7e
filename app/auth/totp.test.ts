import { Secret } from "otpauth";
import { describe, expect, test } from "vitest";
import { keyUri, newSecret, stepOf } from "./totp.server.ts";

/** The secret of RFC 6238, appendix B; its codes of eight digits, cut to the last six. */
const secret = Secret.fromUTF8("12345678901234567890").base32;

describe("a code counts in its own step and the two beside it", () => {
  test.each([
    [59, "287082", 1],
    [1_111_111_109, "081804", 37_037_036],
    [1_111_111_111, "050471", 37_037_037],
    [1_234_567_890, "005924", 41_152_263],
    [2_000_000_000, "279037", 66_666_666],
  ])("at %i s", (seconds, code, step) => {
    expect(stepOf(secret, code, seconds * 1000)).toBe(step);
    expect(stepOf(secret, code, (seconds - 30) * 1000)).toBe(step);
    expect(stepOf(secret, code, (seconds + 30) * 1000)).toBe(step);
    expect(stepOf(secret, code, (seconds + 60) * 1000)).toBeNull();
    expect(stepOf(secret, code, (seconds - 60) * 1000)).toBeNull();
  });
});

test.each(["", "28708", "2870822", "abcdef", "287083", "２８７０８２"])("%j is no code", (code) => {
  expect(stepOf(secret, code, 59_000)).toBeNull();
});

test("the app is told the issuer, the account and the secret", () => {
  const uri = new URL(keyUri(secret, "anna+home@example.org"));
  expect(decodeURIComponent(uri.pathname)).toContain("Energy Tracking:anna+home@example.org");
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({
    issuer: "Energy Tracking",
    secret,
    digits: "6",
    period: "30",
  });
});

test("every secret is another, of 160 bits", () => {
  const made = new Set(Array.from({ length: 50 }, newSecret));
  expect(made.size).toBe(50);
  for (const one of made) expect(one).toMatch(/^[A-Z2-7]{32}$/);
});
