import { expect, test } from "vitest";
import { happenedWords } from "./log-words.ts";

test.each([
  ["account.signed-in", null, null, "Logged in"],
  ["account.sign-in-failed", null, null, "Somebody tried to log in and failed"],
  [
    "account.session-ended",
    null,
    { device: "Firefox on Windows" },
    "Another device was logged out: Firefox on Windows",
  ],
  ["account.changed", { password_hash: "not shown" }, { password_hash: "not shown" }, "The password was changed"],
  [
    "account.changed",
    { email: "a@b.org", email_verified_at: "x" },
    { email: "c@d.org", email_verified_at: "y" },
    "The e-mail address was changed. The e-mail address was confirmed",
  ],
  ["account.changed", { later: 1 }, { later: 2 }, "The account was changed"],
  ["two_factor.created", null, { user_id: "x" }, "Two-factor login was begun to be set up"],
  ["two_factor.changed", { confirmed_at: null }, { confirmed_at: "2026-03-01" }, "Two-factor login was switched on"],
  ["two_factor.deleted", { user_id: "x" }, null, "Two-factor login was switched off"],
])("%s: %o -> %o", (action, before, after, words) => expect(happenedWords({ action, before, after })).toBe(words));
