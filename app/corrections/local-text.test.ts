import { describe, expect, test } from "vitest";
import { instantOf } from "./local-instant.ts";
import { localText } from "./local-text.ts";

describe("a time in a form", () => {
  test.each([
    ["2026-03-01T18:02:05", "Europe/Berlin", "2026-03-01T17:02:05Z"],
    ["2026-03-01T18:02", "Asia/Kathmandu", "2026-03-01T12:17:00Z"],
    ["2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"],
  ])("%s in %s is %s", (text, zone, instant) => {
    const ms = Date.parse(instant);
    expect(instantOf(text, zone)).toBe(ms);
    expect(localText(ms, zone)).toBe(text.length === 16 ? `${text}:00` : text);
  });

  test.each(["", "18:02", "2026-03-29T02:30", "2026-13-01T00:00"])("%j is none in Berlin", (text) =>
    expect(instantOf(text, "Europe/Berlin")).toBeNull(),
  );
});
