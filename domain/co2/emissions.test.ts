import { expect, test } from "vitest";
import { usageOf } from "../tariff/usage.ts";
import { emissionsOf } from "./emissions.ts";

const usage = usageOf([
  { startMs: 0, importKwh: 2, exportKwh: 1, prices: { co2: 400 } },
  { startMs: 900_000, importKwh: 1, exportKwh: 4, prices: { co2: 100 } },
  { startMs: 1_800_000, importKwh: 5, prices: { co2: null } },
]);
const period = { fromMs: 0, toMs: 2_700_000 };

test.each([
  [{ kind: "constant", gPerKwh: "380" } as const, "3.04", "1.9", "8", "0"],
  // 2 x 400 + 1 x 100; 1 x 400 + 4 x 100.
  [{ kind: "channel", channel: "co2" } as const, "0.9", "0.8", "3", "5"],
  [{ kind: "channel", channel: "co2", fallback: "200" } as const, "1.9", "0.8", "8", "0"],
  [{ kind: "channel", channel: "none" } as const, "0", "0", "0", "8"],
])("%j", (factor, importKg, avoidedKg, known, unknown) => {
  const found = emissionsOf(usage, factor, period);
  expect([found.importKg, found.avoidedKg, found.knownKwh, found.unknownKwh].map((v) => v.toFixed())).toEqual([
    importKg,
    avoidedKg,
    known,
    unknown,
  ]);
});

test("a part of the period has its own emissions", () => {
  expect(
    emissionsOf(usage, { kind: "constant", gPerKwh: "100" }, { fromMs: 900_000, toMs: 1_800_000 }).importKg.toFixed(),
  ).toBe("0.1");
});
