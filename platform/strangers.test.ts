import { expect, test } from "vitest";
import { networkOf, Strangers } from "./strangers.ts";

const here = "192.0.2.1";

async function tired(failures: number): Promise<Strangers> {
  const strangers = new Strangers(failures);
  for (let i = 0; i < failures; i++) await strangers.failed(here, `wrong ${i}`);
  return strangers;
}

test("an address that shows one wrong secret after another has to wait, and no other address", async () => {
  const strangers = await tired(5);
  // The first of each second is looked up all the same.
  expect(await strangers.waitS(here, "wrong 6")).toBe(0);
  expect(await strangers.waitS(here, "wrong 7")).toBe(1);
  expect(await strangers.waitS("192.0.2.2", "wrong 7")).toBe(0);
});

test("a secret that has opened something is never held up, until it opens nothing any more", async () => {
  const strangers = new Strangers(5);
  strangers.passed("good");
  for (let i = 0; i < 9; i++) await strangers.failed(here, `wrong ${i}`);
  await strangers.waitS(here, "takes this second's place");
  for (let i = 0; i < 9; i++) expect(await strangers.waitS(here, "good")).toBe(0);
  await strangers.failed(here, "good");
  expect(await strangers.waitS(here, "good")).toBe(1);
});

test("a device that tries its old secret again and again is no guesser", async () => {
  const strangers = new Strangers(5);
  for (let i = 0; i < 100; i++) await strangers.failed(here, "revoked", 1_000);
  for (let i = 0; i < 3; i++) expect(await strangers.waitS(here, `new ${i}`)).toBe(0);
  for (let i = 1; i < 5; i++) await strangers.failed(here, "revoked", 1_000 + i * 60_001);
  await strangers.waitS(here, "takes this second's place");
  expect(await strangers.waitS(here, "new")).toBe(1);
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
