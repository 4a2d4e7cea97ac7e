import { expect, test } from "vitest";
import { ago, formatsOf } from "./formats.ts";

const british = formatsOf("en-GB", "Europe/Berlin");
const german = formatsOf("de-DE", "Europe/Berlin");
const at = Date.parse("2026-03-29T01:30:00Z");

test.each([
  [british.power(419.6), "420 W"],
  [british.power(999.4), "999 W"],
  [british.power(999.6), "1.00 kW"],
  [german.power(12_345), "12,35 kW"],
  [british.energy(0), "0 kWh"],
  [british.energy(0.4121), "0.412 kWh"],
  [german.energy(5.3), "5,30 kWh"],
  [british.energy(1_812.4), "1,812 kWh"],
  [british.percent(0.987), "98.7%"],
  [british.percent(0.512), "51%"],
  [british.value(21.44, "degC"), "21.44 °C"],
  [british.value(0.98, "1"), "0.98"],
  [british.value("true", null), "on"],
  [british.money("12.345", "EUR"), "€12.35"],
  [british.price("0.3125", "EUR"), "€0.3125"],
  // The clocks went forward at 02:00.
  [british.time(at), "03:30"],
  [british.isoDate(at), "2026-03-29"],
  [formatsOf("ar-EG", "Pacific/Kiritimati").isoDate(at), "2026-03-29"],
])("%s", (written, expected) => expect(written).toBe(expected));

test.each([
  [2, "just now"],
  [40, "40 s ago"],
  [100, "2 min ago"],
  [7_200, "2 h ago"],
  [200_000, "2 days ago"],
])("%d s before now is %s", (seconds, words) => expect(ago(0, seconds * 1000)).toBe(words));
