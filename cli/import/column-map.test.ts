import { expect, it } from "vitest";
import { parseColumnMap } from "./column-map.ts";

it("names, units and kinds of columns", () => {
  expect(parseColumnMap("time=Datum+Uhrzeit,power=Leistung:kW,energy.import=Bezug\\, Netz:kWh:delta")).toEqual({
    time: ["Datum", "Uhrzeit"],
    columns: [
      { column: "Leistung", metric: "power", unit: "kW", kind: null },
      { column: "Bezug, Netz", metric: "energy.import", unit: "kWh", kind: "delta" },
    ],
  });
});

it.each([
  ["power", "is not metric=column"],
  ["power=P:parsec", "the unit parsec is not known"],
  ["power=P:W:often", "the kind often is not known"],
])("%s is refused", (text, error) => {
  expect(() => parseColumnMap(text)).toThrow(error);
});
