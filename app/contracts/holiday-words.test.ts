import { expect, test } from "vitest";
import { holidayWords } from "./holiday-words.ts";

test.each([
  ["12-25", "25 Dec"],
  ["2026-04-06", "6 Apr 2026"],
  ["easter+1", "Easter Monday"],
  ["easter-7", "Easter, 7 days before"],
  ["01-mon3", "3rd Monday of Jan"],
  ["05-mon-last", "Last Monday of May"],
  ["07-04;sat-1,sun+1", "4 Jul (a Saturday: Friday, a Sunday: Monday)"],
  ["12-26;sat+2,sun+2", "26 Dec (a Saturday: Monday, a Sunday: Tuesday)"],
])("%s is %s", (day, words) => {
  expect(holidayWords(day)).toBe(words);
});
