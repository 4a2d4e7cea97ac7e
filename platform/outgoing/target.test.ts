import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowedHost, readTarget } from "./target.ts";

const verdict = (address: string, allowed: string[] = []) => {
  const read = readTarget(address, allowed);
  return read.ok ? `${read.url.href}${read.isAllowed ? " (allowed)" : ""}` : read.reason;
};

describe("an address without an allow-list", () => {
  test.each([
    ["https://home.example/energy?x=1", "https://home.example/energy?x=1"],
    ["https://home.example:8443/", "https://home.example:8443/"],
    ["HTTPS://Home.Example/", "https://home.example/"],
    ["https://home.example/#part", "https://home.example/"],
    ["https://müller.example/", "https://xn--mller-kva.example/"],
    ["https://a_b.home.example/", "https://a_b.home.example/"],
    ["http://home.example/", "not-https"],
    ["ftp://home.example/", "not-https"],
    ["file:///etc/passwd", "not-https"],
    ["gopher://home.example/", "not-https"],
    ["https://home.example:80/", "port"],
    ["https://home.example:22/", "port"],
    ["https://home.example:5432/", "port"],
    ["https://anna@home.example/", "credentials"],
    ["https://anna:secret@home.example/", "credentials"],
    ["https://home.example@evil.example/", "credentials"],
    ["https://localhost/", "host"],
    ["https://intranet/", "host"],
    ["https://home.example./", "host"],
    ["https://93.184.216.34/", "host"],
    ["https://[2606:4700::1111]/", "host"],
    ["https://home.123/", "not-an-address"],
    ["https:home.example", "https://home.example/"],
    ["https:\\\\home.example/", "not-an-address"],
    ["https://home.example/a b", "not-an-address"],
    ["https://home.example\r\nx: y/", "not-an-address"],
    ["https://ho\tme.example/", "not-an-address"],
    ["//home.example/", "not-an-address"],
    ["", "not-an-address"],
    [`https://home.example/${"x".repeat(2_000)}`, "too-long"],
  ])("%j: %s", (address, expected) => expect(verdict(address)).toBe(expected));
});

/** Every spelling that browsers and inet_aton take for an IPv4 address. */
const aton = fc
  .tuple(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom(10, 8, 16), { minLength: 4, maxLength: 4 }),
  )
  .map(([n, parts, bases]) => {
    const bytes = [24, 16, 8, 0].map((shift) => (n >>> shift) & 255);
    const heads = bytes.slice(0, parts - 1);
    const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
    const spell = (value: number, base: number) => (base === 8 ? "0" : base === 16 ? "0x" : "") + value.toString(base);
    return { n, host: [...heads, last].map((value, i) => spell(value, bases[i]!)).join(".") };
  });

test("an IPv4 address is refused in every spelling: decimal, octal, hexadecimal, shortened", () => {
  fc.assert(
    fc.property(aton, ({ host }) => {
      expect(verdict(`https://${host}/`)).toBe("host");
    }),
    { numRuns: 500 },
  );
});

test("digits that look like others are refused as well", () => {
  for (const host of ["１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "0x7f.1", "0177.1"])
    expect(verdict(`https://${host}/`)).toBe("host");
});

describe("an address of the operator's list", () => {
  const allowed = ["homeassistant.local:8123", "192.168.1.20", "[fd00::5]", "nas"];
  test.each([
    ["http://homeassistant.local:8123/api/webhook/x", "http://homeassistant.local:8123/api/webhook/x (allowed)"],
    ["http://homeassistant.local/", "not-https"],
    ["https://homeassistant.local/", "https://homeassistant.local/"],
    ["http://192.168.1.20/", "http://192.168.1.20/ (allowed)"],
    ["http://192.168.1.20:9000/", "http://192.168.1.20:9000/ (allowed)"],
    ["http://[fd00::5]:1234/", "http://[fd00::5]:1234/ (allowed)"],
    ["https://nas/", "https://nas/ (allowed)"],
    ["http://3232235796/", "host"],
    ["http://0xc0a80114/", "host"],
    ["http://192.168.1.21/", "not-https"],
    ["http://anna@nas/", "credentials"],
    ["ftp://nas/", "not-https"],
  ])("%s: %s", (address, expected) => expect(verdict(address, allowed)).toBe(expected));

  test.each(allowed)("%s may be listed", (host) => expect(host).toMatch(allowedHost));
  test.each(["", "http://nas", "nas/path", "*.local", "a b", "nas:", "anna@nas"])("%j may not", (host) =>
    expect(host).not.toMatch(allowedHost),
  );
});

test("whatever is taken without a list is https to a name at one of two ports", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: true }),
        fc.string().map((text) => `https://${text}`),
      ),
      (address) => {
        const read = readTarget(address, []);
        if (!read.ok) return;
        expect(read.url).toMatchObject({ protocol: "https:", username: "", password: "" });
        expect(["", "8443"]).toContain(read.url.port);
        expect(read.url.hostname).toMatch(/^[a-z0-9_.-]+\.[a-z][a-z0-9-]*$/);
      },
    ),
    { numRuns: 100 },
  );
});
