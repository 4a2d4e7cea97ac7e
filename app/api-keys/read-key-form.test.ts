import { describe, expect, test } from "vitest";
import { readKeyForm } from "./read-key-form.server.ts";

const now = Date.parse("2026-03-01T00:00:00Z");
const site = "00000000-0000-4000-8000-000000000001";

function form(given: Record<string, string | string[]>): FormData {
  const data = new FormData();
  for (const [name, values] of Object.entries({ name: "Logger", scopes: "read", days: "", sites: "all", ...given }))
    for (const value of [values].flat()) data.append(name, value);
  return data;
}

describe("the form of a new key", () => {
  test("says what the API would be sent", () => {
    const given = {
      scopes: ["read", "write"],
      sites: "chosen",
      site,
      origins: "https://a.example/\n https://b.example:8443",
    };
    expect(readKeyForm(form(given), Date.now())).toEqual({
      ok: true,
      key: {
        ...{ name: "Logger", scopes: ["read", "write"], siteIds: [site], expiresAt: null },
        origins: ["https://a.example", "https://b.example:8443"],
      },
    });
  });

  test("lasts as many days as were chosen", () => {
    const nowMs = Date.now();
    const read = readKeyForm(form({ days: "30" }), nowMs);
    expect(read.ok && read.key.expiresAt).toBe(new Date(nowMs + 30 * 86_400_000).toISOString());
  });

  test.each([
    [{ name: " " }, "name", /1 to 100 characters/],
    [{ scopes: [] }, "scopes", /Choose what/],
    [{ scopes: "root" }, "scopes", /./],
    [{ sites: "chosen" }, "siteIds", /one place/],
    [{ scopes: "admin", sites: "chosen", site }, "scopes", /whole organization/],
    [{ origins: "https://a.example/path" }, "origins", /without a path/],
    [{ origins: "ftp://a.example" }, "origins", /without a path/],
    [{ days: "9999" }, "days", /how long/],
  ] as const)("%j is refused", (given, field, sentence) => {
    const read = readKeyForm(form(given as Record<string, string | string[]>), now);
    expect(read.ok ? undefined : read.errors[field]).toMatch(sentence);
  });
});
