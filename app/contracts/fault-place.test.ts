import { expect, test } from "vitest";
import { tariffFaults } from "../../domain/tariff/contract.ts";
import { tariffOf, type TariffDraft } from "../../domain/tariff/draft.ts";
import { faultSentence } from "./editor-context.tsx";
import { faultPlace } from "./fault-place.ts";

const draft = {
  ...{ name: "", currency: "EUR" },
  components: [
    {
      ...{ type: "energy", name: "Power" },
      price: {
        kind: "time-of-use",
        rates: [
          { name: "Night", price: "cheap", when: [{ hours: ["22:00-06:00"] }] },
          { name: "Peak", price: "1", when: [] },
          { name: "Day", price: "0.3" },
        ],
      },
    },
    { type: "standing", amount: "", per: "month" },
  ],
} as unknown as TariffDraft;

test("a fault is told by the names that people gave, in sentences", () => {
  const told = tariffFaults(tariffOf(draft)).map(
    (fault) => `${faultPlace(fault.path, draft)}: ${faultSentence(fault)}`,
  );
  expect(told).toEqual([
    "name: This is missing.",
    'Power, Night, price: A decimal number such as "0.3215" is expected, at most 12 decimals.',
    "Power, Peak, hours: It is painted nowhere: paint some hours with it, or remove it.",
    'Standing charge, amount: A decimal number such as "0.3215" is expected, at most 12 decimals.',
  ]);
});
