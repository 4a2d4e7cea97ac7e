import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvFileName, csvRow, csvText } from "./csv.ts";

test.each([
  ["=1+1", "'=1+1\r\n"],
  ["+49 30", "'+49 30\r\n"],
  ["-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0\r\n"],
  ["@SUM(A1)", "'@SUM(A1)\r\n"],
  [" =1", "' =1\r\n"],
  ["\t=1", "'\t=1\r\n"],
  ['say "hi", you', '"say ""hi"", you"\r\n'],
  ["Küche", "Küche\r\n"],
  [-12.5, "-12.5\r\n"],
  [null, "\r\n"],
  [Number.NaN, "\r\n"],
])("%j is written as %j", (cell, text) => expect(csvRow([cell])).toBe(text));

test("what was written is read again, whatever the text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 1 }),
      (rows) => {
        const read = parse(csvText(rows), { recordDelimiter: "\r\n", relaxColumnCount: true }) as string[][];
        expect(read.map(([text]) => text!.replace(/^'(?=[\s\u0000]*[=+\-@])/, ""))).toEqual(
          rows.map(([text]) => text.replace(/^'(?=[\s\u0000]*[=+\-@])/, "")),
        );
        expect(read.map(([, number]) => Number(number))).toEqual(rows.map(([, number]) => (number === 0 ? 0 : number)));
      },
    ),
  );
});

test("file names hold nothing that a file system or a header could mind", () => {
  expect(csvFileName("Elm Straße 12", 'a/../"b"', "2026-11")).toBe("elm-stra-e-12_a-..-b_2026-11.csv");
  expect(csvFileName("日本")).toBe("energy.csv");
});
