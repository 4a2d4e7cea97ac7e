import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "./public-address.ts";

/** What an address is, worked out with numbers alone: [network, prefix] of all that is not public. */
const private4 = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24
  192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`;
const private6 = `::/128 ::1/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001::/32 2001:2::/48 2001:10::/28
  2001:20::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8`;

const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");
const undotted = (text: string) => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

function parse6(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all =
    tail === undefined ? first : [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const groups6 = (n: bigint) => Array.from({ length: 8 }, (_, i) => Number((n >> BigInt(112 - 16 * i)) & 0xffffn));

/** The same address, spelled in every way that RFC 4291 knows. */
function spellings(n: bigint): string[] {
  const groups = groups6(n);
  const plain = groups.map((group) => group.toString(16)).join(":");
  const padded = groups.map((group) => group.toString(16).padStart(4, "0").toUpperCase()).join(":");
  const short = plain.replace(/(^|:)0(:0)+(:|$)/, "::");
  const withDots = `${groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":")}:${dotted(Number(n & 0xffffffffn))}`;
  return [plain, padded, short, withDots];
}

const networks = (list: string) => list.split(/\s+/).map((text) => text.split("/") as [string, string]);

describe("of IPv4", () => {
  test.each(networks(private4))("%s/%s: none is public", (network, prefix) => {
    const first = undotted(network);
    const last = first + 2 ** (32 - Number(prefix)) - 1;
    for (const n of [first, last]) expect([dotted(n), isPublicAddress(dotted(n))]).toEqual([dotted(n), false]);
    fc.assert(fc.property(fc.integer({ min: first, max: last }), (n) => !isPublicAddress(dotted(n))));
  });

  test("all others are public", () => {
    const ranges = networks(private4).map(
      ([network, prefix]) => [undotted(network), undotted(network) + 2 ** (32 - Number(prefix))] as const,
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (n) => {
        expect(isPublicAddress(dotted(n))).toBe(!ranges.some(([from, to]) => n >= from && n < to));
      }),
      {
        numRuns: 2_000,
        examples: [
          [undotted("1.1.1.1")],
          [undotted("9.255.255.255")],
          [undotted("11.0.0.0")],
          [undotted("172.32.0.0")],
        ],
      },
    );
  });
});

describe("of IPv6", () => {
  test.each(networks(private6))("%s/%s: none is public, however it is spelled", (network, prefix) => {
    const bits = BigInt(128 - Number(prefix));
    const first = parse6(network);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << bits) - 1n }), (host) => {
        for (const text of spellings(first | host)) expect([text, isPublicAddress(text)]).toEqual([text, false]);
      }),
      { examples: [[0n], [(1n << bits) - 1n]] },
    );
  });

  test("an IPv4 address that is not public is not, mapped, translated or carried in one of IPv6", () => {
    fc.assert(
      fc.property(fc.constantFrom(...networks(private4)), fc.integer({ min: 0, max: 255 }), ([network], low) => {
        const n = BigInt(undotted(network) + low);
        const disguises = [
          (0xffffn << 32n) | n,
          n,
          (0x64ff9bn << 96n) | n,
          (0x2002n << 112n) | (n << 80n),
          (0x20010000n << 96n) | (n ^ 0xffffffffn),
        ];
        for (const text of disguises.flatMap(spellings)) expect([text, isPublicAddress(text)]).toEqual([text, false]);
      }),
    );
  });

  test.each(["2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:4860:4860::8888", "2620:fe::fe"])(
    "%s is public",
    (text) => {
      for (const spelling of spellings(parse6(text))) expect(isPublicAddress(spelling)).toBe(true);
    },
  );
});

test.each([
  "",
  "localhost",
  "127.1",
  "2130706433",
  "0x7f000001",
  "017700000001",
  "1.1.1",
  "1.1.1.1%eth0",
  "2606:4700::1%1",
  "[::1]",
  "1.1.1.1 ",
  "１.1.1.1",
  "1.1.1.01",
])("%j is no address", (text) => expect(isPublicAddress(text)).toBe(false));
