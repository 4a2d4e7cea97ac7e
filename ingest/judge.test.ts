import { describe, expect, it } from "vitest";
import type { DecodedReading } from "../domain/reading.ts";
import { futureToleranceMs, judge } from "./judge.ts";

const nowMs = Date.UTC(2026, 2, 14, 9, 30);
const reading = (given: Partial<DecodedReading>): DecodedReading => ({
  ...{ device: "plug", metric: "power", value: 12.5, unit: "W", timeMs: nowMs, kind: "gauge" },
  ...given,
});

/** `count` tags, each with a value of so many characters. */
const tags = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, "x".repeat(length)]));

describe("judge", () => {
  const fine: [string, Partial<DecodedReading>][] = [
    ["a number now", {}],
    ["no time: its arrival is taken", { timeMs: null }],
    ["a clock that is 5 minutes ahead", { timeMs: nowMs + futureToleranceMs }],
    ["the beginning of 1970", { timeMs: 0 }],
    ["a negative number", { value: -3000 }],
    ["zero", { value: 0 }],
    ["a state that is a boolean", { kind: "state", value: true }],
    ["a state that is a text", { kind: "state", value: "x".repeat(2_000) }],
    ["a delta with its time", { kind: "delta" }],
    ["names of 200 characters", { device: "d".repeat(200), metric: "m".repeat(200) }],
    ["tags of 600 characters together", { tags: { a: "t".repeat(198), b: "t".repeat(198), c: "t".repeat(195) } }],
    ["names in any script", { device: "Zähler 電力 ⚡", tags: { ort: "Küche 🍳" } }],
  ];
  it.each(fine)("takes %s", (_name, given) => {
    expect(judge(reading(given), nowMs)).toBeNull();
  });

  const refused: [string, Partial<DecodedReading>, string, RegExp][] = [
    ["NaN", { value: NaN }, "not-a-number", /power is NaN/],
    ["Infinity", { value: Infinity }, "not-a-number", /Infinity/],
    ["a text where a number belongs", { value: "on" }, "not-a-number", /"on", a gauge needs a number/],
    ["a boolean where a number belongs", { value: true, kind: "counter" }, "not-a-number", /a counter needs/],
    ["a text of 2,001 characters", { kind: "state", value: "x".repeat(2_001) }, "payload-too-large", /2001 characters/],
    ["a delta without a time", { kind: "delta", timeMs: null }, "delta-without-time", /power has no time/],
    ["a clock further ahead", { timeMs: nowMs + futureToleranceMs + 1 }, "time-in-future", /2026-03-14T09:35:00.001Z/],
    ["a time beyond all dates", { timeMs: 9e15 }, "time-in-future", /9000000000000000 ms/],
    ["a time that is no number", { timeMs: NaN }, "time-in-future", /NaN/],
    ["a time before 1970", { timeMs: -1 }, "time-too-old", /1969-12-31/],
    ["a time before all dates", { timeMs: -9e15 }, "time-too-old", /-9000000000000000 ms/],
    ["a long device name", { device: "d".repeat(201) }, "name-too-long", /201 characters/],
    ["a long metric", { metric: "m".repeat(201) }, "name-too-long", /m… has 201/],
    ["a long tag", { tags: { ort: "t".repeat(201) } }, "name-too-long", /power and its tags/],
    ["a long name of a tag", { tags: { ["t".repeat(201)]: "" } }, "name-too-long", /power and its tags/],
    ["tags that are too much together", { tags: tags(5, 199) }, "name-too-long", /power and its tags together/],
    ["a great many small tags", { tags: tags(300, 1) }, "name-too-long", /power and its tags together/],
    ["NUL in a metric", { metric: "a\0b" }, "malformed", /"a\\u0000b" holds characters that are no text/],
    ["NUL in a device's name", { device: "a\0b" }, "malformed", /no text/],
    ["NUL in a state", { kind: "state", value: "a\0" }, "malformed", /no text/],
    ["half a character in a tag", { tags: { ort: "a\ud83c" } }, "malformed", /no text/],
    ["half a character in a tag's name", { tags: { "a\udf73": "x" } }, "malformed", /no text/],
  ];
  it.each(refused)("refuses %s", (_name, given, reason, detail) => {
    const drop = judge(reading(given), nowMs);
    expect(drop).toMatchObject({ reason });
    expect(drop!.detail).toMatch(detail);
  });
});
