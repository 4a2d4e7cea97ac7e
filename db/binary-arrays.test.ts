import { describe, expect, it } from "vitest";
import { float8Array, int4Array, timestampArray } from "./binary-arrays.ts";

/** Values as an independent program sends them: `select encode(array_send(array[...]), 'hex')` in psql. */
describe("arrays in Postgres's binary format", () => {
  it.each([
    ["int4", int4Array([1, -2]), "0000000100000000000000170000000200000001" + "0000000400000001" + "00000004fffffffe"],
    ["no int4 at all", int4Array([]), "000000000000000000000017"],
    [
      "float8 with a null",
      float8Array([1.5, null]),
      "0000000100000001000002bd0000000200000001" + "000000083ff8000000000000" + "ffffffff",
    ],
    [
      "instants before and after 2000",
      timestampArray([Date.UTC(2000, 0, 1) + 1.001, Date.UTC(1999, 11, 31, 23, 59, 59, 999)]),
      "0000000100000000000004a00000000200000001" + "0000000800000000000003e9" + "00000008fffffffffffffc18",
    ],
  ])("%s", (_, array, hex) => {
    expect(array.toString("hex")).toBe(hex);
  });
});
