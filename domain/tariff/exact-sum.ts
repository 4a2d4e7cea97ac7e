import { Money } from "./money.ts";

/**
 * Sums that do not depend on the order or the grouping of what is added. A quantity is a measured float; it enters as a whole
 * number of billionths (0.25 kWh is 250,000,000), and whole numbers below 2^53 add exactly in a Float64. So a year is exactly
 * the sum of its months, at the speed of a float addition; what grows too large moves to a BigInt.
 */
export const perUnit = 1e9;

/** A quantity or a price in billionths. */
export const billionths = (value: number): number => Math.round(value * perUnit);

const largest = 2 ** 51;

export class ExactSum {
  #small = 0;
  #large = 0n;

  /** @param whole a whole number of billionths, below 2^51 (2,251,799 kWh in a quarter-hour). */
  add(whole: number): void {
    this.#small += whole;
    if (this.#small > largest || this.#small < -largest) {
      this.#large += BigInt(this.#small);
      this.#small = 0;
    }
  }

  get isZero(): boolean {
    return this.#small === 0 && this.#large === 0n;
  }

  /** In billionths, as far as a float can tell them. */
  get approximate(): number {
    return this.#small + Number(this.#large);
  }

  toMoney(): Money {
    return new Money((this.#large + BigInt(this.#small)).toString()).times("1e-9");
  }
}

/** The sum of products quantity x price, both in billionths: exact, because each product is made of whole numbers. */
export class ExactProducts {
  #low = 0;
  #total = 0n;

  add(quantity: number, price: number): void {
    const product = quantity * price;
    if (product > -largest && product < largest) {
      this.#low += product;
      if (this.#low > largest || this.#low < -largest) this.#flush();
      return;
    }
    this.#total += BigInt(quantity) * BigInt(price);
  }

  #flush(): void {
    this.#total += BigInt(this.#low);
    this.#low = 0;
  }

  toMoney(): Money {
    return new Money((this.#total + BigInt(this.#low)).toString()).times("1e-18");
  }
}
