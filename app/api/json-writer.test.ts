import fc from "fast-check";
import { expect, it } from "vitest";
import { fixed, JsonWriter } from "./json-writer.server.ts";
import { iso } from "./schemas.server.ts";

const written = (write: (json: JsonWriter) => void): string => {
  const json = new JsonWriter(Buffer.allocUnsafe(8));
  write(json);
  return Buffer.from(json.written()).toString("utf8");
};
const numberText = (value: number) => written((json) => json.number(value));

it.each([
  0,
  -0,
  1,
  0.1,
  0.12,
  0.123,
  0.001,
  0.0005,
  999_999_999,
  999_999_999.999,
  1e9,
  1e21,
  1e-7,
  -1.5,
  48_211.376,
  0.30000000000000004,
  2 ** 53,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  NaN,
  Infinity,
  -Infinity,
])("a number as JSON says it: %s", (value) => expect(numberText(value)).toBe(JSON.stringify(value)));

it("an instant that is written again, also where the room had to grow and after a new beginning", () => {
  const json = new JsonWriter(Buffer.allocUnsafe(8));
  const times = [0, 0, 900_000.001, 900_000.001, 0, 86_400_000, 86_400_000];
  for (let round = 0; round < 2; round++) {
    json.begin();
    for (const ms of times) json.time(ms);
    expect(Buffer.from(json.written()).toString()).toBe(times.map((ms) => `"${iso(ms)}"`).join(""));
  }
});

it("any number as JSON says it", () => {
  const decimals = fc
    .tuple(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), fc.integer({ min: 0, max: 9 }))
    .map(([whole, places]) => whole / 10 ** places);
  const amounts = fc.integer({ min: 0, max: 10_000_000 }).map((whole) => whole / 1_000);
  const sums = fc.tuple(amounts, amounts).map(([a, b]) => a - b);
  fc.assert(
    fc.property(fc.oneof(fc.double(), decimals, amounts, sums), (value) => {
      expect(numberText(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 5_000 },
  );
});

it("any instant as elsewhere in the API, to the microsecond, in any year", () => {
  const micros = fc.integer({ min: -62_167_219_200_000_000, max: 253_402_300_800_000_000 - 1 });
  const near = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          micros.map((us) => us / 1_000),
          near,
        ),
        { maxLength: 5 },
      ),
      (instants) => {
        const text = written((json) => instants.forEach((ms) => json.time(ms)));
        expect(text).toBe(instants.map((ms) => JSON.stringify(iso(ms))).join(""));
      },
    ),
    { numRuns: 2_000 },
  );
});

it("any text, and what does not fit into the first piece", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 90 })), (texts) => {
      const text = written((json) => texts.forEach((one) => (json.value(one), json.part(fixed(",")))));
      expect(JSON.parse(`[${text}null]`)).toEqual([...texts, null]);
    }),
  );
});

it("begins anew, and what was written stays", () => {
  const json = new JsonWriter();
  json.number(1);
  const first = json.written();
  json.begin();
  json.number(22);
  expect([first, json.written()].map((bytes) => Buffer.from(bytes).toString())).toEqual(["1", "22"]);
});
