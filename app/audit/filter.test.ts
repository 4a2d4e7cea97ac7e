import { describe, expect, test } from "vitest";
import { asAuditFilter, filterQuery, readFilter } from "./filter.ts";

describe("the audit log's filter", () => {
  test.each([
    ["nothing", "", {}],
    ["blanks are nothing", "who=%20%20&text=", {}],
    ["what is not a field is left out", "who=anna&cursor=x", { who: "anna" }],
    ["a text is cut and has no NUL", `text=%00${"x".repeat(300)}`, { text: "x".repeat(200) }],
  ])("%s", (_what, query, texts) => {
    expect(readFilter(new URLSearchParams(query))).toEqual(texts);
  });

  test("days are local, both included, the one with 23 hours too", () => {
    expect(asAuditFilter({ from: "2026-03-29", to: "2026-03-29", who: "a" }, "Europe/Berlin")).toEqual({
      who: "a",
      fromMs: Date.parse("2026-03-28T23:00:00Z"),
      toMs: Date.parse("2026-03-29T22:00:00Z"),
    });
  });

  test("what is no day counts as not given", () => {
    expect(asAuditFilter({ from: "yesterday", to: "2026-02-30" }, "UTC")).toEqual({});
  });

  test("goes into an address and back", () => {
    const texts = { who: "a&b=c", text: "100 %" };
    expect(readFilter(new URLSearchParams(filterQuery(texts)))).toEqual(texts);
  });
});
