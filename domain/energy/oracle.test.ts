import fc from "fast-check";
import { expect, test } from "vitest";
import { differenceOf } from "../../tests/support/energy-difference.ts";
import {
  delta,
  gauge,
  livedRegister,
  registerWithProfile,
  terseRegister,
} from "../../tests/support/energy-histories.ts";
import { energyMeter } from "../../tests/support/energy-meter.ts";
import { oracle } from "../../tests/support/energy-oracle.ts";

// The rules of energy are written twice, by two who had only the text in common: over any history the two answer alike.

test.each([
  ["a register that lives through every fault", livedRegister, 350],
  ["a register of few, telling values", terseRegister, 1500],
  ["a register with weeks behind it and a gap", registerWithProfile, 12],
  ["a gauge", gauge, 500],
  ["deltas", delta, 500],
])("the product and the oracle agree on %s", (_what, histories, numRuns) => {
  fc.assert(
    fc.property(histories, (history) => {
      expect(differenceOf(energyMeter(history), oracle(history))).toBeNull();
    }),
    { numRuns },
  );
});
