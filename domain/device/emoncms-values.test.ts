import { describe, expect, it } from "vitest";
import { intOf, strtotime } from "./emoncms-values.ts";

const now = Date.parse("2025-03-14T09:27:00.400Z");

describe("strtotime", () => {
  it.each([
    ["2025-03-14T08:00:00Z", "2025-03-14T08:00:00Z"],
    ["2025-03-14t08:00:00z", "2025-03-14T08:00:00Z"],
    ["2025-03-14T08:00:00.7+01:00", "2025-03-14T07:00:00Z"],
    ["2025-03-14 08:00", "2025-03-14T08:00:00Z"],
    ["2025-03-14 08:00:00 UTC", "2025-03-14T08:00:00Z"],
    ["2025/3/14 08:00:00", "2025-03-14T08:00:00Z"],
    ["2025-03-14", "2025-03-14T00:00:00Z"],
    ["Fri, 14 Mar 2025 08:00:00 +0100", "2025-03-14T07:00:00Z"],
    ["14 March 2025 8:05", "2025-03-14T08:05:00Z"],
    ["March 14th, 2025 at 08:05:01 GMT", "2025-03-14T08:05:01Z"],
    ["14-Mar-2025", "2025-03-14T00:00:00Z"],
    ["@1741940820", "2025-03-14T08:27:00Z"],
    ["now", "2025-03-14T09:27:00Z"],
    ["-5 minutes", "2025-03-14T09:22:00Z"],
    ["2 hours ago", "2025-03-14T07:27:00Z"],
    ["yesterday", "2025-03-13T00:00:00Z"],
  ])("%s", (text, expected) => {
    expect(strtotime(text, now, undefined)).toBe(Date.parse(expected));
  });

  it("without a zone it is the user's clock, where one is set", () => {
    expect(strtotime("2025-03-14 08:00:00", now, "Europe/Berlin")).toBe(Date.parse("2025-03-14T07:00:00Z"));
    expect(strtotime("14 Mar 2025 08:00", now, "Europe/Berlin")).toBe(Date.parse("2025-03-14T07:00:00Z"));
    expect(strtotime("2025-10-26 02:30:00", now, "Europe/Berlin"), "twice on the clock").toBeNull();
  });

  it.each(["", "garbage", "hello 5", "2025", "12:30x", "32 March 2025", "14 Foo 2025", "5 parsecs ago", "constructor"])(
    "%j is no time",
    (text) => {
      expect(strtotime(text, now, undefined)).toBeNull();
    },
  );
});

it.each([
  ["12abc", 12],
  [" -7.9", -7],
  ["1e3", 1000],
  [2.9, 2],
  ["abc", undefined],
  [null, undefined],
  [true, undefined],
  ["1e999", undefined],
])("intOf %j is %j", (value, expected) => {
  expect(intOf(value)).toBe(expected);
});
