import { expect, test } from "vitest";
import { hashRecoveryCode, makeRecoveryCodes } from "./recovery-codes.server.ts";

test("ten codes of 120 bits, no two alike, and their hashes", () => {
  const { codes, hashes } = makeRecoveryCodes();
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^([0-9a-hj-km-np-tv-z]{4}-){5}[0-9a-hj-km-np-tv-z]{4}$/);
  expect(hashes).toEqual(codes.map(hashRecoveryCode));
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test("a code is known however it is typed", () => {
  const wanted = hashRecoveryCode("k7xm-2qpd-9wa3-hh0c-5v1t-e8rn");
  for (const typed of ["K7XM 2QPD 9WA3 HHOC 5VIT E8RN", " k7xm2qpd9wa3hh0c5vlte8rn\n", "k7xm-2qpd-9wa3-hhoc-5v1t-e8rn"])
    expect(hashRecoveryCode(typed)).toBe(wanted);
  expect(hashRecoveryCode("k7xm-2qpd-9wa3-hh0c-5v1t-e8rm")).not.toBe(wanted);
});
