import type { DayNumber } from "../local-time/civil-day.ts";
import type { Cells } from "./cells.ts";
import { type Cell, type CellKind } from "./cells.ts";
import { billionths } from "./exact-sum.ts";
import type { Dynamic, RatePrice, Tiered } from "./price-schema.ts";
import { scopeAt, type Scope } from "./scope.ts";
import { tierEnds, tierName, type TierContext } from "./tiers.ts";

/** Puts a bucket's energy into the cells of one rate: at one price, by tiers that fill up, or by the price channel. */
export interface RatePricing {
  /**
   * @param part billionths to be priced, of the bucket's `whole`.
   * @param cap the most that a unit costs (while the quota of a price cap lasts), or null.
   */
  put(bucket: number, part: number, whole: number, cap: Cap | null): void;
  /** Energy before the period: it fills the tiers and is not billed. */
  pass(bucket: number, part: number): void;
}

export interface Cap {
  price: string;
  number: number;
}

export interface Pricing extends TierContext {
  cells: Cells;
  dayOf: Int32Array;
  prices: ReadonlyMap<string, Float64Array>;
  /** The rate's energy in the buckets of a scope, billionths: what `whole` tiers need. */
  totalOf: (scope: Scope) => number;
}

export function pricingOf(name: string | null, price: RatePrice, pricing: Pricing): RatePricing {
  if (typeof price === "string") return new FixedPrice(name, price, pricing);
  switch (price.kind) {
    case "flat":
      return new FixedPrice(name, price.price, pricing);
    case "tiered":
      return new TieredPrice(name, price, pricing);
    case "dynamic":
      return new ChannelPrice(name, price, pricing);
  }
}

/** A cell that is opened when it is first needed, so that bills have no lines of nothing. */
class Lazy {
  #cell: Cell | null = null;
  readonly #cells: Cells;
  readonly #kind: CellKind;
  constructor(cells: Cells, kind: CellKind) {
    this.#cells = cells;
    this.#kind = kind;
  }
  get(): Cell {
    return (this.#cell ??= this.#cells.open(this.#kind));
  }
}

const joined = (name: string | null, more: string): string => (name === null ? more : `${name}, ${more}`);

/** The cell of what a price cap holds down: one for each cap. */
class Capped {
  #cell: Lazy | null = null;
  readonly #name: string | null;
  readonly #cells: Cells;
  constructor(name: string | null, cells: Cells) {
    this.#name = name;
    this.#cells = cells;
  }
  get(cap: Cap): Cell {
    const kind: CellKind = { rate: joined(this.#name, "capped"), priced: { by: "price", price: cap.price } };
    return (this.#cell ??= new Lazy(this.#cells, kind)).get();
  }
}

class FixedPrice implements RatePricing {
  readonly #cells: Cells;
  readonly #cell: Lazy;
  readonly #capped: Capped;
  readonly #number: number;
  constructor(name: string | null, price: string, { cells }: Pricing) {
    this.#cells = cells;
    this.#cell = new Lazy(cells, { rate: name, priced: { by: "price", price } });
    this.#capped = new Capped(name, cells);
    this.#number = Number(price);
  }
  put(bucket: number, part: number, whole: number, cap: Cap | null): void {
    const isCapped = cap !== null && this.#number > cap.number;
    this.#cells.put(isCapped ? this.#capped.get(cap) : this.#cell.get(), bucket, part, whole);
  }
  pass(): void {}
}

class TieredPrice implements RatePricing {
  readonly #price: Tiered;
  readonly #pricing: Pricing;
  readonly #tiers: Lazy[];
  #scope: Scope | null = null;
  /** Where each tier ends in this scope, billionths of the meter's unit. */
  #ends: number[] = [];
  #used = 0;
  #tier = 0;

  constructor(name: string | null, price: Tiered, pricing: Pricing) {
    this.#price = price;
    this.#pricing = pricing;
    this.#tiers = price.tiers.map((tier, i) => {
      const rate = joined(name, tier.name ?? tierName(price, i));
      return new Lazy(pricing.cells, { rate, priced: { by: "price", price: tier.price } });
    });
  }

  #enter(day: DayNumber): void {
    if (this.#scope !== null && day >= this.#scope.fromDay && day < this.#scope.toDay) return;
    const { tariff, calendar, totalOf } = this.#pricing;
    this.#scope = scopeAt(this.#price.over ?? this.#price.per, day, tariff.billing, calendar);
    this.#ends = tierEnds(this.#price, this.#scope, this.#pricing);
    this.#used = 0;
    this.#tier = 0;
    if (this.#price.whole) {
      const total = totalOf(this.#scope);
      while (total > this.#ends[this.#tier]!) this.#tier++;
    }
  }

  put(bucket: number, part: number, whole: number): void {
    this.#enter(this.#pricing.dayOf[bucket]!);
    const { cells } = this.#pricing;
    if (this.#price.whole || part === 0) return cells.put(this.#tiers[this.#tier]!.get(), bucket, part, whole);
    for (let left = part; left > 0;) {
      const room = this.#ends[this.#tier]! - this.#used;
      if (room <= 0) {
        this.#tier++;
        continue;
      }
      const taken = Math.min(room, left);
      cells.put(this.#tiers[this.#tier]!.get(), bucket, taken, whole);
      this.#used += taken;
      left -= taken;
    }
  }

  pass(bucket: number, part: number): void {
    this.#enter(this.#pricing.dayOf[bucket]!);
    if (this.#price.whole) return;
    this.#used += part;
    while (this.#used >= this.#ends[this.#tier]!) this.#tier++;
  }
}

class ChannelPrice implements RatePricing {
  readonly #cells: Cells;
  readonly #prices: Float64Array | undefined;
  readonly #factor: number;
  readonly #markup: number;
  readonly #floor: number;
  readonly #cap: number;
  readonly #fallback: number;
  readonly #normal: Lazy;
  readonly #floored: Lazy;
  readonly #topped: Lazy;
  readonly #unknown: Lazy;
  readonly #capped: Capped;

  constructor(name: string | null, { channel, factor, markup, floor, cap, fallback }: Dynamic, pricing: Pricing) {
    const { cells } = pricing;
    this.#cells = cells;
    this.#prices = pricing.prices.get(channel);
    this.#factor = Number(factor);
    this.#markup = Number(markup);
    this.#floor = floor === undefined ? -Infinity : Number(floor);
    this.#cap = cap === undefined ? Infinity : Number(cap);
    this.#fallback = fallback === undefined ? NaN : Number(fallback);
    this.#normal = new Lazy(cells, { rate: name, priced: { by: "channel", factor, markup } });
    this.#floored = new Lazy(cells, {
      rate: joined(name, "at the floor"),
      priced: { by: "price", price: floor ?? "0" },
    });
    this.#topped = new Lazy(cells, { rate: joined(name, "at the cap"), priced: { by: "price", price: cap ?? "0" } });
    this.#unknown = new Lazy(cells, {
      rate: joined(name, "price not known"),
      priced: fallback === undefined ? { by: "nothing" } : { by: "price", price: fallback },
      note:
        fallback === undefined
          ? `The channel "${channel}" has no price for this energy: it is not billed.`
          : `The channel "${channel}" has no price for this energy: billed at the tariff's fallback.`,
    });
    this.#capped = new Capped(name, cells);
  }

  put(bucket: number, part: number, whole: number, cap: Cap | null): void {
    const price = this.#prices?.[bucket] ?? NaN;
    if (Number.isNaN(price)) return this.#putUnknown(bucket, part, whole, cap);
    const result = Math.max(this.#floor, Math.min(this.#cap, price * this.#factor + this.#markup));
    if (cap !== null && result > cap.number) return this.#cells.put(this.#capped.get(cap), bucket, part, whole);
    if (result === this.#floor) return this.#cells.put(this.#floored.get(), bucket, part, whole);
    if (result === this.#cap) return this.#cells.put(this.#topped.get(), bucket, part, whole);
    const cell = this.#normal.get();
    this.#cells.put(cell, bucket, part, whole);
    cell.products.add(part, billionths(price));
  }

  #putUnknown(bucket: number, part: number, whole: number, cap: Cap | null): void {
    // What was not used needs no price.
    if (part === 0) return;
    const isCapped = cap !== null && this.#fallback > cap.number;
    this.#cells.put(isCapped ? this.#capped.get(cap) : this.#unknown.get(), bucket, part, whole);
  }

  pass(): void {}
}
