import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Identity } from "../db/identities.ts";
import { Allowance } from "./allowance.ts";

const rates = { credentialMessages: 10, credentialReadings: 100, organizationReadings: 1_000 };
const sender = (credentialId: string, organizationId = "o") => ({ credentialId, organizationId }) as Identity;

describe("Allowance", () => {
  it("lets a burst of 20 seconds through, and then holds back by what is owed", () => {
    const allowance = new Allowance(rates);
    for (let i = 0; i < 200; i++) allowance.charge(sender("a"), 0, 0);
    expect(allowance.owedMs(sender("a"), 0)).toBe(0);
    for (let i = 0; i < 5; i++) allowance.charge(sender("a"), 0, 0);
    expect(allowance.owedMs(sender("a"), 0)).toBe(500);
    expect(allowance.owedMs(sender("a"), 500)).toBe(0);
  });

  it("counts readings as well as messages, and holds nobody else back", () => {
    const allowance = new Allowance(rates);
    allowance.charge(sender("a"), 2_100, 0);
    expect(allowance.owedMs(sender("a"), 0)).toBe(1_000);
    expect(allowance.owedMs(sender("b"), 0)).toBe(0);
  });

  it("holds an organization back as a whole, and no other", () => {
    const allowance = new Allowance(rates);
    for (let i = 0; i < 11; i++) allowance.charge(sender(`c${i}`), 2_000, 0);
    expect(allowance.owedMs(sender("fresh"), 0)).toBe(2_000);
    expect(allowance.owedMs(sender("x", "other"), 0)).toBe(0);
  });

  it("never lets more through in any stretch than the burst and the rate of that stretch", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const allowance = new Allowance(rates);
        let now = 0;
        let taken = 0;
        for (const wait of waits) {
          now += wait;
          if (allowance.owedMs(sender("a"), now) > 0) continue;
          allowance.charge(sender("a"), 1, now);
          taken++;
        }
        expect(taken).toBeLessThanOrEqual(20 * rates.credentialMessages + (now / 1000) * rates.credentialMessages + 1);
      }),
    );
  });
});
