import { describe, expect, test } from "vitest";
import { actionWords, actorWords, differences } from "./words.ts";

describe("an entry in words", () => {
  test.each([
    ["device.changed", "Device changed"],
    ["site.created", "Place made"],
    ["account.sign-in-failed", "Account failed to sign in"],
    ["share_link.revoked-early", "share link revoked early"],
  ])("%s: %s", (action, words) => {
    expect(actionWords(action)).toBe(words);
  });

  test.each([
    [{ actor: "person", actorName: "anna@example.org" } as const, "anna@example.org"],
    [{ actor: "person", actorName: null } as const, "Somebody not signed in"],
    [{ actor: "key", actorName: "Script" } as const, "API key Script"],
    [{ actor: "system", actorName: null } as const, "The system"],
  ])("%j: %s", (event, words) => {
    expect(actorWords(event)).toBe(words);
  });

  test("columns are beside each other", () => {
    expect(differences({ name: "a", price_per_kwh: null }, { price_per_kwh: 0.3, config: { a: 1 } })).toEqual([
      { column: "config", before: "–", after: '{\n "a": 1\n}' },
      { column: "name", before: "a", after: "–" },
      { column: "price per kwh", before: "–", after: "0.3" },
    ]);
  });
});
