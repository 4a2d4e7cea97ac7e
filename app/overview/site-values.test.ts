import { expect, test } from "vitest";
import { currencyCodes, readSite, zoneNames } from "./site-values.server.ts";

function read(values: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ site: "Home", timezone: "UTC", currency: "EUR", ...values })) {
    form.set(name, value);
  }
  return readSite(form);
}

test.each([
  ["", null],
  ["0.32", "0.32"],
  [" 0,32 ", "0.32"],
  ["0", "0"],
  ["-0,05", "-0.05"],
  ["12", "12"],
])("a price of %j is %j", (typed, price) => {
  expect(read({ price: typed }).site?.pricePerKwh).toBe(price);
});

test.each(["a lot", "0.32 EUR", "1.234,50", "0.1234567", "NaN", "1e3", "99999"])(
  "a price of %j is refused, and shown again",
  (typed) => {
    const { site, errors, values } = read({ price: typed });
    expect(site).toBeNull();
    expect(errors.price).toMatch(/price per kWh/);
    expect(values.price).toBe(typed);
  },
);

test.each(["Europe/Berlin", "Asia/Kathmandu", "UTC", "America/Argentina/Buenos_Aires"])("%s is a zone", (timezone) => {
  expect(read({ timezone }).site?.timezone).toBe(timezone);
});

test.each(["", "Berlin", "+02:00", "CET/", "Mars/Olympus", "Europe/Berlin\n"])("%j is none", (timezone) => {
  const { site, errors } = read({ timezone });
  if (timezone === "Europe/Berlin\n") expect(site?.timezone).toBe("Europe/Berlin");
  else expect(errors.timezone).toMatch(/such as Europe\/Berlin/);
});

test("a place needs a name", () => {
  expect(read({ site: "  " }).errors.name).toMatch(/name/);
  expect(read({ site: "x".repeat(101) }).errors.name).toMatch(/100/);
});

test("all that is offered is accepted", () => {
  for (const timezone of zoneNames()) expect(read({ timezone }).errors.timezone, timezone).toBeUndefined();
  for (const currency of currencyCodes()) expect(read({ currency }).errors.currency, currency).toBeUndefined();
});
