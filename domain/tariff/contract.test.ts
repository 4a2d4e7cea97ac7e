import { expect, test } from "vitest";
import { parseContract, parseTariff } from "./contract.ts";
import { tariffJsonSchema } from "./json-schema.ts";
import { libraryJson, libraryNames } from "./library.ts";

const tariff = (components: unknown[], more: object = {}) => ({ name: "x", currency: "EUR", components, ...more });
const energy = (price: unknown) => tariff([{ type: "energy", price }]);

test.each([
  [energy("0,32"), /components\.0\.price: a decimal/],
  [energy({ kind: "flat" }), /components\.0\.price\.price/],
  [
    energy({ kind: "time-of-use", rates: [{ name: "a", price: "1", when: [{ hours: ["7-22"] }] }] }),
    /rates\.0\.when\.0\.hours\.0: hours such as "07:00-22:00"/,
  ],
  [
    energy({ kind: "time-of-use", rates: [{ name: "a", price: "1", when: [{ hours: ["07:00-22:00"] }] }] }),
    /no rate holds at 00:00 on 1\.1\. when it is a Monday/,
  ],
  [energy({ kind: "time-of-use", rates: [{ name: "a", price: "1", when: [{ days: ["workday", "weekend"] }] }] }), null],
  [
    energy({
      kind: "time-of-use",
      rates: [
        { name: "a", price: "1", when: [{ seasons: ["winter"] }] },
        { name: "b", price: "2" },
      ],
    }),
    /no season "winter"/,
  ],
  [energy({ kind: "tiered", tiers: [{ upTo: 10, price: 1 }, { upTo: 5, price: 2 }, { price: 3 }] }), /growing amounts/],
  [energy({ kind: "tiered", tiers: [{ upTo: 10, price: 1 }] }), /the last tier has no upTo/],
  [energy({ kind: "dynamic", floor: "1", cap: "0" }), /the floor must not lie above the cap/],
  [tariff([{ type: "tax", percent: "19", on: ["nothing"] }]), /no component before it has the id "nothing"/],
  [
    tariff([
      { type: "energy", id: "a", price: "1" },
      { type: "levy", id: "a", price: "1" },
    ]),
    /another component has the id "a"/,
  ],
  [tariff([{ type: "demand", interval: 15 }]), /either a price per kW or steps/],
  [tariff([{ type: "energy", price: { kind: "dynamic" } }, { type: "net-metering" }]), /dynamic price.*feed-in/],
  [{ ...tariff([{ type: "energy", price: "1" }]), holidays: ["5th of May"] }, /^holidays\.0: a day such as "12-25"/],
  [tariff([{ type: "energy", price: "1" }], { currency: "XYZ" }), /currency of ISO 4217/],
  [tariff([]), /components/],
  [
    [
      { validFrom: "2026-01-01", tariff: energy("1") },
      { validFrom: "2026-01-01", tariff: energy("2") },
    ],
    /begin on the same day/,
  ],
  [[{ validFrom: "2026-02-30", tariff: energy("1") }], /versions\.0\.validFrom: a date/],
  [
    [
      { validFrom: "2026-01-01", tariff: energy("1") },
      { validFrom: "2026-02-01", tariff: { ...energy("1"), currency: "GBP" } },
    ],
    /one currency/,
  ],
])("%j", (json, wrong) => {
  const parsed = parseContract(json);
  expect(parsed.ok).toBe(wrong === null);
  if (!parsed.ok) expect(parsed.error).toMatch(wrong!);
});

test("a number is the decimal that is written", () => {
  const parsed = parseTariff(energy(0.1));
  expect(parsed.ok && parsed.value.components[0]).toMatchObject({ id: "energy", name: "Energy", price: "0.1" });
});

test.each(libraryNames())("%s of the library is a tariff, with its source and its date", (name) => {
  expect(parseTariff(libraryJson(name))).toMatchObject({ ok: true });
  expect(libraryJson(name)).toMatchObject({
    source: { url: expect.stringMatching(/^https:/), date: expect.stringMatching(/^20/), note: expect.any(String) },
  });
});

test("the JSON Schema is made from the schema, with its meanings", () => {
  expect(JSON.stringify(tariffJsonSchema())).toContain("By the day in local time");
});
