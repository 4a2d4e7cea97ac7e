import { bucketMs } from "../rollup/bucket.ts";
import { ExactProducts, ExactSum } from "./exact-sum.ts";
import { addRange } from "./line.ts";

/** What of a component's energy costs the same or is priced the same way: a rate, a tier of it, its capped part. */
export interface Cell {
  rate: string | null;
  /** A price per unit, or how it follows from the price channel. */
  priced: { by: "price"; price: string } | { by: "channel"; factor: string; markup: string } | { by: "nothing" };
  note?: string;
  quantity: ExactSum;
  estimated: ExactSum;
  /** Sum of quantity x channel price, where it is priced by a channel. */
  products: ExactProducts;
  ranges: [number, number][];
}

export type CellKind = Pick<Cell, "rate" | "priced" | "note">;

/** The cells of a component, in the order in which they are first used. */
export class Cells {
  readonly #startMs: number;
  readonly #estimated: Float64Array | null;
  readonly all: Cell[] = [];

  constructor(usage: { startMs: number; estimated: Float64Array | null }, estimatesCount: boolean) {
    this.#startMs = usage.startMs;
    this.#estimated = estimatesCount ? usage.estimated : null;
  }

  open(kind: CellKind): Cell {
    const cell: Cell = {
      ...kind,
      quantity: new ExactSum(),
      estimated: new ExactSum(),
      products: new ExactProducts(),
      ranges: [],
    };
    this.all.push(cell);
    return cell;
  }

  /**
   * Puts energy of a bucket into a cell.
   * @param part billionths, of the bucket's `whole`; the estimated part is shared in proportion.
   */
  put(cell: Cell, bucket: number, part: number, whole: number): void {
    cell.quantity.add(part);
    if (this.#estimated !== null && part > 0) {
      const estimated = this.#estimated[bucket]!;
      if (estimated > 0) cell.estimated.add(part === whole ? estimated : Math.round((estimated * part) / whole));
    }
    const from = this.#startMs + bucket * bucketMs;
    addRange(cell.ranges, from, from + bucketMs);
  }
}
