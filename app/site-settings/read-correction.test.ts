import { describe, expect, it } from "vitest";
import { readCorrection, type Edited } from "./read-correction.ts";
import { shownUnit } from "./shown-unit.ts";

const channel: Edited = {
  ...({ name: "", medium: "electricity", quantity: "power", kind: "gauge", unit: "W", scale: 1, shift: 0 } as const),
  ...({ unitAssumed: false, direction: "both", role: "consumer", isPrimary: true, stamp: "instant" } as const),
  ...({ reporting: "periodic", phase: null, tariffRegister: null, minValue: null, maxValue: null } as const),
  ...{ expectedIntervalS: null, maxGapS: 600, maxPowerW: null, registerMax: null },
};

/** The form as the page shows it, with some fields changed. */
function form(changed: Record<string, string>, of = channel) {
  const fields = {
    ...{ name: of.name, role: of.role, quantity: of.quantity, medium: of.medium, kind: of.kind, unit: shownUnit(of) },
    ...{ stamp: of.stamp, reporting: of.reporting, phase: of.phase ?? "", tariffRegister: of.tariffRegister ?? "" },
    ...{ minValue: "", maxValue: "", expectedIntervalS: "", maxGapS: String(of.maxGapS ?? "") },
    ...(of.isPrimary && { isPrimary: "on" }),
    ...changed,
  };
  return new Map<string, unknown>(Object.entries(fields));
}

const correction = (changed: Record<string, string>, of = channel) => readCorrection(form(changed, of), of);

describe("readCorrection", () => {
  it.each<[Record<string, string>, object]>([
    [{}, {}],
    [{ quantity: "energy" }, { quantity: "energy" }],
    [{ unit: "kW" }, { unit: "kW" }],
    [{ unit: "" }, { unit: null }],
    [{ role: "none" }, { role: "none", isPrimary: false }],
    [{ isPrimary: "" }, { isPrimary: false }],
    [
      { phase: "l2", tariffRegister: "t1", stamp: "end", reporting: "on-change" },
      { phase: "l2", tariffRegister: "t1", stamp: "end", reporting: "on-change" },
    ],
    [
      { minValue: "-5", maxValue: " 12,5 " },
      { minValue: -5, maxValue: 12.5 },
    ],
    [
      { maxGapS: "", expectedIntervalS: "60" },
      { maxGapS: null, expectedIntervalS: 60 },
    ],
    [{ direction: "import" }, { direction: "import" }],
    [{ direction: "both" }, {}],
    [{ direction: "" }, { direction: null }],
    [{ maxGapS: "600", kind: "nonsense" }, {}],
  ])("%j", (changed, expected) => expect(correction(changed)).toEqual({ ok: true, correction: expected }));

  it("takes an assumed unit that was left as it is for confirmed", () => {
    expect(correction({}, { ...channel, unitAssumed: true })).toEqual({ ok: true, correction: { unit: "W" } });
  });

  it("leaves a scale that no unit has alone", () => {
    expect(correction({}, { ...channel, scale: 7 })).toEqual({ ok: true, correction: {} });
  });

  it.each([
    ["minValue", "low", "Write the lowest value as a number, such as 0, or leave it empty."],
    [
      "maxGapS",
      "0",
      "Write the seconds after which a silence is a gap as a number above 0, such as 900, or leave it empty.",
    ],
    [
      "expectedIntervalS",
      "1e12",
      "Write the seconds between readings as a number above 0, such as 60, or leave it empty.",
    ],
    ["tariffRegister", "t 1", "Write the tariff register as a short name, such as t1."],
  ])("%s: %s", (field, text, sentence) => {
    expect(correction({ [field]: text })).toEqual({ ok: false, errors: { [field]: sentence } });
  });
});
