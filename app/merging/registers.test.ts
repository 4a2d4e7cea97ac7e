import { expect, test } from "vitest";
import { firstField, lastField, readRegisters } from "./registers.ts";

test.each([
  ["48211.4", "0", { finalValue: 48211.4, firstValue: 0 }],
  ["48211,4", "", { finalValue: 48211.4, firstValue: null }],
  [" ", " 12 ", { finalValue: null, firstValue: 12 }],
])("%j and %j", (last, first, expected) => {
  const form = new Map([
    [lastField(7), last],
    [firstField(7), first],
  ]);
  expect(readRegisters(form, [7])).toEqual({ ok: true, registers: new Map([[7, expected]]) });
});

test.each(["-1", "a lot", "1.000,5", "1e9", "Infinity"])("%s is no register", (text) => {
  expect(readRegisters(new Map([[lastField(7), text]]), [7])).toMatchObject({ ok: false });
});
