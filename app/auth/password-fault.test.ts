import { describe, expect, test } from "vitest";
import { longestPassword, passwordFault } from "./password-fault.server.ts";

const anna = ["anna.berger@example.org", "Anna Bergerová", "Haus am See"];

describe("a new password", () => {
  test.each([
    ["short", /at least 10/],
    ["a".repeat(longestPassword + 1), /at most 200/],
    ["aaaaaaaaaaaa", /three different/],
    ["qwertyuiop", /hundred commonest/],
    ["1234567890", /hundred commonest/],
    ["password12", /commonest/],
    ["Password123!", /nearly one of the commonest/],
    ["p@ssw0rd123", /commonest/],
    ["iloveyou12", /commonest/],
    ["1q2w3e4r5t", /commonest/],
    ["abcdefghij", /counts up/],
    ["abcdabcdabcd", /repeats|commonest/],
    ["password".repeat(20), /repeats/],
  ])("%s is refused, and told why", (password, why) => {
    expect(passwordFault(password, anna)).toMatch(why);
  });

  test.each([
    "anna.berger1",
    "AnnaBerger!!",
    "bergerová 24",
    "haus am see 1",
    "example.org42",
    "energytracking",
    "EnergyTracking7",
    "anna.berger@example.org",
  ])("%s is what others know of one", (password) => {
    expect(passwordFault(password, anna)).toMatch(/made of your name|others know/);
  });

  test.each([
    "correct horse battery",
    "a few words in a row",
    "anna has 3 blue goats",
    "x7Gk2pQ9wz",
    "Wärmepumpe im Flur",
    "すごくながいパスワード",
    "correct horse battery staple ".repeat(6),
  ])("%s is taken", (password) => {
    expect(passwordFault(password, anna)).toBeNull();
  });

  test("nobody's name is too short to be a word of it", () => {
    expect(passwordFault("ann or bob or eve", ["ann", "", "bob@x"])).toBeNull();
  });
});
