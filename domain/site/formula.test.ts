import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deepestFormula, longestFormula, readFormula, valueOf } from "./formula.ts";
import type { MeterId } from "./meter.ts";

const values: Record<string, number> = { c1: 10, c2: 3, c3: 2, v1: 4, c12: 0 };
const meter = (id: MeterId) => values[id] ?? Number.NaN;

describe("formulas that can be read", () => {
  test.each([
    ["c1", 10],
    ["c1 - c2 - c3", 5],
    ["c1 - (c2 - c3)", 9],
    ["c1 - c2 * c3", 4],
    ["C1/c3/c3", 2.5],
    ["-c2 + c1", 7],
    ["c1 - -c2", 13],
    ["min(c1, c2, 2.5)", 2.5],
    ["MAX(c1 - 20, 0)", 0],
    ["max(min(c1,v1),c2)", 4],
    [".5 * c1", 5],
    ["  c1\n+\tc2 ", 13],
    ["c1 / c12", Infinity],
  ])("%s is %d", (text, expected) => {
    const read = readFormula(text);
    if (!read.ok) throw new Error(read.fault.message);
    expect(valueOf(read.formula, meter)).toBe(expected);
  });

  test("the meters it speaks of, each once", () => {
    expect(readFormula("c1 - max(v3, c2) + c1 * 2")).toMatchObject({ ok: true, meters: ["c1", "v3", "c2"] });
  });
});

describe("formulas that cannot: where, and what is expected", () => {
  test.each([
    ["", 0, /expected a meter such as c12.*but here it ends/],
    ["c1 -", 4, /but here it ends/],
    ["c1 c2", 3, /expected an operator .* instead of "c2"/],
    ["c1 + )", 5, /instead of "\)"/],
    ["(c1 + c2", 8, /expected \) for the \( at character 1, but here it ends/],
    ["c1 + c2)", 7, /expected an operator/],
    ["min c1", 4, /expected \( after min instead of "c1"/],
    ["min()", 4, /expected a meter/],
    ["min(c1,)", 7, /expected a meter/],
    ["c1 + solar", 5, /"solar" is not known/],
    ["c0", 0, /"c0" is not known/],
    ["c1 % 2", 3, /"%" has no meaning here/],
    ["c1; drop table", 2, /";" has no meaning/],
    ["process.exit()", 0, /"process" is not known|"\." has no meaning/],
    ["c1 ** 2", 4, /instead of "\*"/],
    ["+c1", 0, /instead of "\+"/],
    ["c99999999999", 0, /not known/],
    ["9999999999999999 * c1", 0, /at most 1e12/],
  ])("%j at %d", (text, position, message) => {
    const read = readFormula(text);
    if (read.ok) throw new Error("it was read");
    expect(read.fault.message).toMatch(message);
    if (!text.startsWith("process")) expect(read.fault.position).toBe(position);
  });

  test("what is too long or too deep is refused, whatever it says", () => {
    expect(readFormula("1".repeat(longestFormula + 1)).ok).toBe(false);
    const nested = (depth: number) => readFormula(`${"(".repeat(depth)}c1${")".repeat(depth)}`);
    expect(nested(deepestFormula).ok).toBe(true);
    expect(nested(deepestFormula + 1).ok).toBe(false);
    expect(readFormula(`${"-".repeat(400)}c1`).ok).toBe(false);
    expect(readFormula(`min(${"c1,".repeat(60)}c1)`).ok).toBe(false);
  });
});

test("any text is read or refused at a place inside it; nothing is thrown", () => {
  const bits = fc.array(fc.constantFrom("c1", "v1", "min", "max", "(", ")", ",", "+", "-", "*", "/", " ", "1.5", "."), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 200, unit: "binary" }),
        bits.map((parts) => parts.join("")),
      ),
      (text) => {
        const read = readFormula(text);
        if (read.ok) return;
        expect(read.fault.position).toBeGreaterThanOrEqual(0);
        expect(read.fault.position).toBeLessThanOrEqual(text.length);
      },
    ),
    { numRuns: 5_000 },
  );
});

test("arithmetic is that of numbers", () => {
  const expression: fc.Arbitrary<{ text: string; value: number }> = fc.letrec<{
    any: { text: string; value: number };
  }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.integer({ min: 0, max: 9 }).map((n) => ({ text: String(n), value: n })),
      fc.tuple(tie("any"), fc.constantFrom("+", "-", "*"), tie("any")).map(([a, sign, b]) => ({
        text: `(${a.text}${sign}${b.text})`,
        value: sign === "+" ? a.value + b.value : sign === "-" ? a.value - b.value : a.value * b.value,
      })),
    ),
  })).any;
  fc.assert(
    fc.property(expression, ({ text, value }) => {
      fc.pre(text.length <= longestFormula);
      const read = readFormula(text);
      fc.pre(read.ok || !read.fault.message.includes("parentheses"));
      expect(read.ok && valueOf(read.formula, meter)).toBe(value);
    }),
    { numRuns: 3_000 },
  );
});
