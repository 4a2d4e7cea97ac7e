import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteaArray, float8Array, float8sIn, int4Array, microsIn, timestampArray } from "./binary-arrays.ts";

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
      "bytea with a null",
      byteaArray([Buffer.from("0102", "hex"), null, Buffer.alloc(0)]),
      "0000000100000001000000110000000300000001" + "000000020102" + "ffffffff" + "00000000",
    ],
    ["no bytea at all", byteaArray([]), "000000000000000000000011"],
    [
      "instants before and after 2000",
      timestampArray([Date.UTC(2000, 0, 1) + 1.001, Date.UTC(1999, 11, 31, 23, 59, 59, 999)]),
      "0000000100000000000004a00000000200000001" + "0000000800000000000003e9" + "00000008fffffffffffffc18",
    ],
  ])("%s", (_, array, hex) => {
    expect(array.toString("hex")).toBe(hex);
  });
});

const sentBy = (array: Buffer) => array.toString("base64").replace(/.{76}/g, "$&\n");

describe("what sentArray selects", () => {
  it("comes back to the bit, at any length", () => {
    const numbers = fc.array(
      fc.double({ noNaN: true }).map((value) => value + 0),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(numbers, (values) => {
        expect(float8sIn(sentBy(float8Array(values)))).toEqual(values);
      }),
    );
    const longer = Array.from({ length: 20_000 }, (_, i) => i / 7);
    expect(float8sIn(sentBy(float8Array(longer)))).toEqual(longer);
  });

  it("has times to the microsecond", () => {
    const micros = [-1, 0, 946_684_799_999_999, 1_795_737_600_000_123, 4_102_444_800_000_000];
    const sent = sentBy(timestampArray(micros.map((time) => time / 1_000)));
    expect(microsIn(sent)).toEqual(micros);
  });
});
