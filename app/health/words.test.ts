import { expect, test } from "vitest";
import { clockWords, rhythmWords, spanWords } from "./words.ts";

test.each([
  [0.2, "1 second"],
  [10, "10 seconds"],
  [57.5, "1 minute"],
  [89, "89 seconds"],
  [90, "2 minutes"],
  [5_399, "90 minutes"],
  [3_600, "1 hour"],
  [7_200, "2 hours"],
  [200_000, "2 days"],
])("%d s are %s", (seconds, words) => expect(spanWords(seconds)).toBe(words));

test.each([
  [null, "Its messages carry no time of their own: the time of arrival is used.", true],
  [0.4, "Its clock is right.", true],
  [-1.9, "Its clock is right.", true],
  [30, "Its clock is about 30 seconds behind, or its messages take as long to arrive.", true],
  [180, "Its clock is about 3 minutes behind, or its messages take as long to arrive.", false],
  [-240, "Its clock is about 4 minutes ahead.", false],
])("a clock that is %s off", (skewS, words, isRight) => expect(clockWords(skewS)).toEqual({ words, isRight }));

test("a rhythm", () => {
  expect([null, 60, 900].map(rhythmWords)).toEqual(["not known yet", "about every minute", "about every 15 minutes"]);
});
