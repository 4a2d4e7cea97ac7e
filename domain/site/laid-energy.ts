import { bucketMs } from "../rollup/bucket.ts";
import { billionths } from "../tariff/exact-sum.ts";
import type { Usage } from "../tariff/usage.ts";
import type { MeterId } from "./meter.ts";
import { ways, type Way } from "./split.ts";

/**
 * A supplier's energy laid on what flowed, quarter-hour by quarter-hour, in whole billionths of a kWh: parts that are exactly the
 * whole. What came from the grid into the house is laid on those who used it, each as large as its share of all that was used in
 * that quarter-hour: nobody has the sun to himself.
 * Worked: 3 kWh are used, 1 of them from the grid, the washing machine 2 and what nobody measured 1: it has 2/3 of that kWh.
 */
export type UserId = MeterId | "untracked";
export type WayColumns = Record<Way, Float64Array>;

/** kWh of each quarter-hour of a run, by flow; and of what was used, by who used it: without the parts below. */
export interface WaysOver {
  startMs: number;
  columns: WayColumns;
  users: Map<UserId, Float64Array>;
}

export const emptyWays = (startMs: number, count: number): WaysOver => ({
  startMs,
  columns: Object.fromEntries(ways.map((way) => [way, new Float64Array(count)])) as WayColumns,
  users: new Map(),
});

/** Whole billionths of each bucket of a usage. */
export interface LaidPart<K> {
  key: K;
  amounts: Float64Array;
}

/** Energy of a usage by flow, and of the flow from the grid into the house by who used it. */
export interface LaidEnergy {
  taken: LaidPart<Way | "rest">[];
  given: LaidPart<Way | "rest">[];
  /** The parts of one bucket of the usage that came from the grid into the house. */
  eachUser: (bucket: number, put: PutPart) => void;
}

export type PutPart = (id: UserId, part: number) => void;

const takenWays = ways.filter((way) => way.startsWith("grid>"));
const givenWays = ways.filter((way) => way.endsWith(">grid"));
const fromGrid: Way = "grid>home";

/** @param only the users that what was taken into the house is for; left out: all. Where they used nothing, it is for all. */
export function layOn(usage: Usage, over: WaysOver, only?: ReadonlySet<UserId>): LaidEnergy {
  const shift = Math.round((usage.startMs - over.startMs) / bucketMs);
  const weightsOf = (way: Way) => ({ key: way, amounts: over.columns[way] });
  // What one consumer's meter took did not go into the battery.
  const [first, second] = only ? [[fromGrid], takenWays.filter((way) => way !== fromGrid)] : [takenWays, []];
  const taken = divided(usage.imported, first.map(weightsOf), shift, second.map(weightsOf));
  const given = divided(usage.exported, givenWays.map(weightsOf), shift);
  const home = taken.find(({ key }) => key === fromGrid)?.amounts;
  const all = [...over.users].map(([key, amounts]) => ({ key, amounts }));
  const chosen = only ? all.filter(({ key }) => only.has(key)) : all;
  const others = only ? all.filter(({ key }) => !only.has(key)) : [];
  const eachUser = (bucket: number, put: PutPart) => {
    const whole = home?.[bucket] ?? 0;
    const at = bucket + shift;
    if (whole > 0 && !divide(whole, chosen, at, put) && !divide(whole, others, at, put)) put("untracked", whole);
  };
  return { taken, given, eachUser };
}

/** Energy that was used in one quarter-hour, by who used it: put out one by one, together the whole. */
export function eachUser(kwh: number, over: WaysOver, at: number, put: PutPart): void {
  const users = [...over.users].map(([key, amounts]) => ({ key, amounts }));
  const whole = billionths(kwh);
  if (!divide(whole, users, at, put)) put("untracked", whole);
}

/** A column in parts as large as the weights beside it; what has no weight goes by `otherwise`, or else to the rest. */
function divided<K>(
  column: Float64Array,
  weights: readonly LaidPart<K>[],
  shift: number,
  otherwise: readonly LaidPart<K>[] = [],
): LaidPart<K | "rest">[] {
  const parts = new Map<K | "rest", Float64Array>();
  for (let i = 0; i < column.length; i++) {
    const energy = column[i]!;
    if (energy === 0) continue;
    const put = (key: K | "rest", amount: number) => {
      let own = parts.get(key);
      if (!own) parts.set(key, (own = new Float64Array(column.length)));
      own[i] = amount;
    };
    if (!divide(energy, weights, i + shift, put) && !divide(energy, otherwise, i + shift, put)) put("rest", energy);
  }
  return [...parts].map(([key, amounts]) => ({ key, amounts }));
}

/** Whole billionths in parts as large as the weights of one quarter-hour. @returns false: there are none. */
function divide<K>(
  whole: number,
  weights: readonly LaidPart<K>[],
  at: number,
  put: (key: K, part: number) => void,
): boolean {
  let all = 0;
  for (const { amounts } of weights) all += amounts[at] ?? 0;
  if (!(all > 0)) return false;
  let left = whole;
  let before = 0;
  for (const { key, amounts } of weights) {
    const own = amounts[at]!;
    if (own === 0) continue;
    before += own;
    // What is left after the last one is 0: the parts are the whole.
    const part = before >= all ? left : Math.min(left, Math.round((whole * own) / all));
    left -= part;
    if (part > 0) put(key, part);
  }
  return true;
}
