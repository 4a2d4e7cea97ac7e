import { expect, test } from "vitest";
import { isCurrency } from "../../domain/tariff/flat.ts";
import { currencyOfZone } from "./zone-currency.ts";

test.each([
  ["Europe/Berlin", "EUR"],
  ["Europe/London", "GBP"],
  ["Europe/Zurich", "CHF"],
  ["America/New_York", "USD"],
  ["America/Argentina/Buenos_Aires", "ARS"],
  ["Asia/Calcutta", "INR"],
  ["Australia/Sydney", "AUD"],
  ["UTC", null],
  ["Antarctica/Vostok", null],
])("in %s people pay in %s", (zone, code) => expect(currencyOfZone(zone)).toBe(code));

test("every guess is a currency that the form offers", () => {
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const code = currencyOfZone(zone);
    if (code !== null) expect(isCurrency(code), `${zone}: ${code}`).toBe(true);
  }
});
