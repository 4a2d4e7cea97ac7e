import fc from "fast-check";
import { expect, test } from "vitest";
import { billDifference, productBill } from "../../tests/support/bill-difference.ts";
import { bucketsOf, contracts, longDemands, nettedContracts } from "../../tests/support/bill-histories.ts";

// A bill is worked out twice, by two who had only the rules' text in common: over any contract the two answer alike.

test.each([
  ["every component, in several versions", contracts, 36],
  ["demand charges that look back on years", longDemands, 4],
  ["net metering", nettedContracts, 8],
])(
  "the product and the oracle agree on %s",
  (_what, cases, numRuns) => {
    fc.assert(
      fc.property(cases, ({ used, ...rest }) => {
        const given = { ...rest, buckets: bucketsOf(used) };
        expect(billDifference(productBill(given), given)).toBeNull();
      }),
      { numRuns, endOnFailure: true },
    );
  },
  120_000,
);
