import fc from "fast-check";
import { expect, test } from "vitest";
import { networkOf, Strangers } from "./strangers.ts";

const here = "192.0.2.1";

function tired(failures: number): Strangers {
  const strangers = new Strangers(failures);
  for (let i = 0; i < failures; i++) strangers.failed(here, `wrong ${i}`, 0);
  return strangers;
}

test("an address that shows one wrong secret after another has to wait, and no other address", () => {
  const strangers = tired(5);
  // The first of each second is looked up all the same.
  expect(strangers.waitS(here, "a", 10)).toBe(0);
  expect(strangers.waitS(here, "b", 20)).toBe(1);
  expect(strangers.waitS(here, "b", 1_010)).toBe(0);
  expect(strangers.waitS("192.0.2.2", "b", 20)).toBe(0);
  expect(strangers.waitS(here, "b", 60_000)).toBe(0);
});

test("a secret that has opened something is never held up, until it opens nothing any more", () => {
  const strangers = new Strangers(5);
  strangers.passed("good");
  for (let i = 0; i < 9; i++) strangers.failed(here, `wrong ${i}`, 0);
  strangers.waitS(here, "takes this second's place", 1);
  for (let i = 0; i < 9; i++) expect(strangers.waitS(here, "good", 2)).toBe(0);
  strangers.failed(here, "good", 3);
  expect(strangers.waitS(here, "good", 4)).toBe(1);
});

test("a device that tries its old secret again and again is no guesser", () => {
  const strangers = new Strangers(5);
  const counted = Array.from({ length: 100 }, (_, i) => strangers.failed(here, "revoked", i * 500));
  expect(counted.filter(Boolean)).toHaveLength(1);
  expect(strangers.waitS(here, "a", 50_000)).toBe(0);
  expect(strangers.waitS(here, "b", 50_000)).toBe(0);
});

test("however many come, nobody waits longer than a second", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200_000), { minLength: 1, maxLength: 300 }), (times) => {
      const strangers = new Strangers(3);
      for (const [i, nowMs] of times.sort((a, b) => a - b).entries()) {
        const waitS = strangers.waitS(here, `${i}`, nowMs);
        expect([0, 1]).toContain(waitS);
        if (waitS === 0) strangers.failed(here, `${i}`, nowMs);
      }
    }),
  );
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:1:2::1", "2001:db8:1:2::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("%s is of %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
