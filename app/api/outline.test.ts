import { expect, test } from "vitest";
import { outline } from "./outline.server.ts";

const { schemas } = outline("https://energy.example/api/v1");
const fieldsOf = (name: string) => schemas.find((schema) => schema.name === name)!.fields;

test("an object without a name of its own is listed field by field, one with a name is a link to it", () => {
  const fields = fieldsOf("CostDifference").map(({ name, type }) => `${name}: ${type}`);
  expect(fields).toContain("now.total: string");
  expect(fields).toContain("contracts[].changes[].then.unitPrice: string | null");
  const behind = fieldsOf("BillLineExplanation").filter(({ name }) => name.startsWith("energy"));
  expect(behind).toMatchObject([{ name: "energy", type: "EnergyBehind | null" }]);
});

test("bounds and defaults stand behind what a field means", () => {
  const about = (schema: string, name: string) => fieldsOf(schema).find((field) => field.name === name)!.description;
  expect(about("Comparison", "library")).toBe("Names of `listTariffs`. default []");
  expect(about("Scenario", "solar.azimuthDegrees")).toMatch(/Left out: towards the equator\. -180 to 180$/);
});
