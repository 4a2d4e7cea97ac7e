import { expect, test } from "vitest";
import { tariffFaults } from "./contract.ts";
import type { TimeOfUseDraft } from "./draft.ts";
import { shapes, shapeTariff } from "./shapes.ts";
import { weeksOf } from "./week.ts";

test.each(shapes)("$name can be billed as it is, with the price that is paid now", ({ id }) => {
  const tariff = shapeTariff(id, { currency: "CHF", price: "0.2718" });
  expect(tariffFaults(tariff)).toEqual([]);
  expect(tariff.currency).toBe("CHF");
  expect(JSON.stringify(tariff)).toContain('"0.2718"');
});

test("what is painted by time and season can be painted", () => {
  const { components, seasons } = shapeTariff("by-time", { currency: "EUR" });
  const price = (components[0] as { price: TimeOfUseDraft }).price;
  expect(weeksOf(price, seasons!)?.map(({ season }) => season)).toEqual(["summer", "rest of the year"]);
});
