import fc from "fast-check";
import { expect, it } from "vitest";
import { float8Array, timestampArray } from "./binary-arrays.ts";
import { CopiedRows, Copy } from "./copied-rows.ts";

const header = Buffer.from("5047434f50590aff0d0a00" + "00000000" + "00000000", "hex");
const none = Buffer.from("ffffffff", "hex");
const end = Buffer.from("ffff", "hex");

function int4(value: number): Buffer {
  const field = Buffer.from("0000000400000000", "hex");
  field.writeInt32BE(value, 4);
  return field;
}

function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function row(...fields: Buffer[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  return Buffer.concat([count, ...fields]);
}

function doubles(values: readonly (number | null)[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) bytes.writeDoubleBE(value ?? NaN, i * 8);
  return bytes;
}

const copied = (...rows: Buffer[]) => new CopiedRows(Buffer.concat([header, ...rows, end]));

it("reads what `copy (select 7, date '2026-03-29', null::bytea, float8send(1.5) || float8send('NaN')) to stdout (format binary)` sends", () => {
  const rows = new CopiedRows(
    Buffer.from(
      "5047434f50590aff0d0a000000000000000000000400000004000000070000000400002570ffffffff00000010" +
        "3ff80000000000007ff8000000000000ffff",
      "hex",
    ),
  );
  const into = new Float64Array(3);
  expect(rows.next()).toBe(true);
  expect(rows.int4()).toBe(7);
  expect(rows.date()).toBe(Date.UTC(2026, 2, 29));
  expect(rows.isNull()).toBe(true);
  expect(rows.isNull()).toBe(false);
  rows.float8s(into, 1);
  expect([...into]).toEqual([0, 1.5, NaN]);
  expect(rows.next()).toBe(false);
});

it("has no rows, nulls for numbers, and days before 2000", () => {
  expect(copied().next()).toBe(false);
  const rows = copied(row(none, int4(-1), field(Buffer.alloc(0)), int4(3)));
  rows.next();
  const into = new Float64Array(1);
  expect([rows.int4(), rows.date()]).toEqual([null, Date.UTC(1999, 11, 31)]);
  rows.float8s(into, 0);
  expect([rows.int4(), ...into]).toEqual([3, 0]);
});

it("reads arrays of instants and of doubles to the bit", () => {
  const micros = [-1, 0, 946_684_799_999_999, 1_795_737_600_000_123, 4_102_444_800_000_000];
  const values = [1.5, -1 / 3, Number.MIN_VALUE];
  const instants = timestampArray(micros.map((time) => time / 1_000));
  const rows = copied(row(field(instants), field(float8Array(values)), int4(7)));
  rows.next();
  expect([rows.microsArray(), rows.float8Array(), rows.int4()]).toEqual([micros, values, 7]);
});

it("puts chunks together, however many, each of which is good until the next", () => {
  const copy = new Copy("select 1");
  const shared = Buffer.alloc(50_000);
  for (let i = 1; i <= 5; i++) copy.handleCopyData({ chunk: shared.fill(i) });
  expect(copy.bytes).toEqual(Buffer.concat([1, 2, 3, 4, 5].map((i) => Buffer.alloc(50_000, i))));
  expect(copy).toMatchObject({ text: "copy (select 1) to stdout (format binary)" });
});

it("puts every double into its place to the bit, and leaves out what falls outside", () => {
  const value = fc.option(fc.double({ noNaN: true }).map((given) => given + 0));
  const arrays = fc.array(fc.tuple(fc.array(value, { maxLength: 100 }), fc.integer({ min: -120, max: 120 })));
  fc.assert(
    fc.property(arrays, (given) => {
      const rows = copied(...given.map(([values, at]) => row(int4(at), field(doubles(values)))));
      const into = new Float64Array(100);
      const expected = new Array<number>(100).fill(0);
      for (const [values, at] of given)
        for (const [i, one] of values.entries()) if (at + i in expected) expected[at + i] = one ?? NaN;
      while (rows.next()) rows.float8s(into, rows.int4()!);
      expect([...into]).toEqual(expected);
    }),
  );
});
