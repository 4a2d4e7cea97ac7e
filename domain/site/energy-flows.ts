import type { Medium } from "../channel.ts";
import type { Step } from "../local-time/steps.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { forwardRole } from "./flows.ts";
import type { UserId, WaysOver } from "./laid-energy.ts";
import { placeMeters } from "./meter-tree.ts";
import type { Meter, MeterId } from "./meter.ts";
import type { Quarters, Stretch } from "./quarters.ts";
import { split, ways, type Balance, type Way } from "./split.ts";

/**
 * What flowed at a site, worked out per 15-minute bucket and then summed: netted over a day, a sunny noon would hide what was
 * bought at night. Amounts in kWh (m3 for gas and water), never negative, each counted once.
 */
export interface MeterAmount {
  /** What the meter measured. */
  amount: number;
  estimated: number;
  /** Its place in the whole: less than `amount` where the parts of a whole measured more than the whole. */
  attributed: number;
  /** Of `attributed`, what none of its parts measured: the untracked rest. A meter without parts is all rest. */
  rest: number;
  /** What its parts measured beyond it. Meters that disagree: worth a warning. */
  excess: number;
  /** Seconds whose energy is known, and how many there were since its first reading. */
  coveredS: number;
  expectedS: number;
}

/** The counting meters of one medium, over one step. */
export interface MediumStep extends Step {
  consumption: number;
  /** Of the consumption, what was estimated. */
  estimated: number;
  /** What no consumer measured. */
  untracked: number;
  /** What the consumers measured beyond the consumption. */
  excess: number;
  /** The meters that the consumption comes from. */
  counted: MeterId[];
  /** The least complete of these: 0 to 1. A meter that was not there yet does not make the time before it incomplete. */
  completeness: number;
  meters: Map<MeterId, MeterAmount>;
}

export interface FlowStep extends MediumStep, Balance {
  /** Without a grid meter, import and export are what is left between the consumers and the rest. */
  hasGrid: boolean;
  unexplainedKwh: number;
  ways: Record<Way, number>;
  /** Production that was not exported, 0 to 1; null: nothing was produced. */
  selfConsumption: number | null;
  /** Consumption that did not come straight from the grid, 0 to 1; null: there is no grid meter, or no consumption. */
  selfSufficiency: number | null;
}

interface Given {
  meters: readonly Meter[];
  quarters: ReadonlyMap<MeterId, Quarters>;
  stretch: Stretch;
  steps: readonly Step[];
}

const isGridMeter = ({ role }: Meter) => role === "grid_import" || role === "grid_export";

/**
 * Electricity: where it came from and where it went. Steps begin and end on bucket edges, inside the stretch.
 * @param over takes down each bucket's flows and who used them, by its place in the stretch.
 */
export function flowsOver(given: Given, over?: WaysOver): FlowStep[] {
  const tally = tallyOf(given, "electricity", "kWh");
  const { steps, stretch } = given;
  return steps.map((step) => {
    const flow = emptyFlow(step);
    const sums = tally.begin();
    eachBucket(step, stretch, (at) => {
      const balance = tally.balanceAt(at);
      const { consumptionKwh, unexplainedKwh, ways: taken } = split(balance);
      for (const name of balanceNames) flow[name] += balance[name];
      for (const way of ways) flow.ways[way] += taken[way];
      flow.unexplainedKwh += unexplainedKwh;
      flow.consumption += consumptionKwh;
      tally.add(sums, at, consumptionKwh);
      if (!over) return;
      for (const way of ways) over.columns[way][at] = taken[way];
      tally.takeDown(over, at);
    });
    flow.hasGrid = tally.hasGrid;
    return withRatios(tally.finish(flow, sums));
  });
}

/**
 * Gas, water or heat: what came in and who used it. Where a site has a main meter of it, the consumption comes from that.
 * @param over takes down each bucket's consumption, as one flow from the grid into the house, and who used it.
 */
export function mediumOver(given: Given, medium: Medium, unit: string, over?: WaysOver): MediumStep[] {
  const tally = tallyOf(given, medium, unit);
  return given.steps.map((step) => {
    const sums = tally.begin();
    const total: MediumStep = emptyMedium(step);
    eachBucket(step, given.stretch, (at) => {
      const { importKwh, exportKwh, productionKwh } = tally.balanceAt(at);
      const consumption = Math.max(0, importKwh + productionKwh - exportKwh);
      total.consumption += consumption;
      tally.add(sums, at, consumption);
      if (!over) return;
      over.columns["grid>home"][at] = consumption;
      tally.takeDown(over, at);
    });
    return tally.finish(total, sums);
  });
}

const balanceNames = ["importKwh", "exportKwh", "productionKwh", "chargeKwh", "dischargeKwh"] as const;

function emptyMedium({ startMs, endMs }: Step): MediumStep {
  return {
    ...{ startMs, endMs, consumption: 0, estimated: 0, untracked: 0, excess: 0, completeness: 0 },
    counted: [],
    meters: new Map(),
  };
}

function emptyFlow(step: Step): FlowStep {
  return {
    ...emptyMedium(step),
    ...{ importKwh: 0, exportKwh: 0, productionKwh: 0, chargeKwh: 0, dischargeKwh: 0, unexplainedKwh: 0 },
    ways: Object.fromEntries(ways.map((way) => [way, 0])) as Record<Way, number>,
    ...{ hasGrid: false, selfConsumption: null, selfSufficiency: null },
  };
}

function withRatios(flow: FlowStep): FlowStep {
  const { productionKwh, consumption, ways, hasGrid } = flow;
  const share = (part: number, of: number) => Math.min(1, Math.max(0, part / of));
  if (productionKwh > 0) flow.selfConsumption = share(productionKwh - ways["sun>grid"], productionKwh);
  if (hasGrid && consumption > 0) flow.selfSufficiency = share(consumption - ways["grid>home"], consumption);
  return flow;
}

/** Buckets that begin inside the step. */
function eachBucket({ startMs, endMs }: Step, stretch: Stretch, visit: (at: number) => void): void {
  const from = Math.max(0, Math.ceil((startMs - stretch.startMs) / bucketMs));
  const to = Math.min(stretch.count, Math.ceil((endMs - stretch.startMs) / bucketMs));
  for (let at = from; at < to; at++) visit(at);
}

interface Sums {
  amounts: MeterAmount[];
  untracked: number;
  excess: number;
}

/** The meters of one medium in their places, and how a bucket of them is added up. */
function tallyOf({ meters, quarters }: Given, medium: Medium, unit: string) {
  const counting = placeMeters(meters.filter((meter) => meter.medium === medium && meter.unit === unit)).filter(
    ({ meter }) => quarters.has(meter.id),
  );
  const own = counting.map(({ meter }) => quarters.get(meter.id)!);
  const hasGrid = counting.some(({ meter }) => isGridMeter(meter));
  const isRoot = counting.map(({ whole }) => whole < 0);
  const consumers = counting.flatMap(({ meter }, i) => (meter.role === "consumer" ? [i] : []));
  const sums = counting.flatMap(({ meter }, i) => (isRoot[i] && (meter.role !== "consumer" || !hasGrid) ? [i] : []));
  const partSum = new Float64Array(counting.length);
  const attributed = new Float64Array(counting.length);
  /** Of the bucket that was added last: what each consumer used without its parts, and what none of them did. */
  const rest = new Float64Array(counting.length);
  let unknown = 0;

  function balanceAt(at: number): Balance {
    const balance: Balance = { importKwh: 0, exportKwh: 0, productionKwh: 0, chargeKwh: 0, dischargeKwh: 0 };
    let used = 0;
    for (const i of sums) {
      const { meter } = counting[i]!;
      const role = forwardRole(meter);
      const amount = own[i]!.energy[at]!;
      const back = meter.direction === "both" ? own[i]!.reverse[at]! : 0;
      if (role === "grid_import") {
        balance.importKwh += amount;
        balance.exportKwh += back;
      } else if (role === "grid_export") balance.exportKwh += amount;
      else if (role === "production") balance.productionKwh += amount;
      else if (role === "battery_charge") {
        balance.chargeKwh += amount;
        balance.dischargeKwh += back;
      } else if (role === "battery_discharge") balance.dischargeKwh += amount;
      else used += amount;
    }
    if (!hasGrid) {
      // Without a grid meter, the grid gives and takes what is left between the consumers and the rest.
      const { productionKwh, chargeKwh, dischargeKwh } = balance;
      const missing = used + chargeKwh - productionKwh - dischargeKwh;
      balance.importKwh = Math.max(0, missing);
      balance.exportKwh = Math.max(0, -missing);
    }
    return balance;
  }

  /** Adds a bucket: each whole's energy goes to its parts as far as it reaches, and what is left is untracked. */
  function add(totals: Sums, at: number, consumption: number): void {
    partSum.fill(0);
    let known = 0;
    for (const i of consumers) {
      const { whole } = counting[i]!;
      if (whole < 0) known += own[i]!.energy[at]!;
      else partSum[whole]! += own[i]!.energy[at]!;
    }
    const fit = known > consumption ? consumption / known : 1;
    unknown = Math.max(0, consumption - known);
    totals.untracked += unknown;
    totals.excess += Math.max(0, known - consumption);
    for (let i = 0; i < counting.length; i++) {
      const { whole, meter } = counting[i]!;
      const amount = own[i]!.energy[at]!;
      const total = totals.amounts[i]!;
      total.amount += amount;
      total.estimated += own[i]!.estimated[at]!;
      total.coveredS += own[i]!.covered[at]!;
      if (meter.role !== "consumer") continue;
      const room = whole < 0 ? 1 : Math.min(1, attributed[whole]! / Math.max(partSum[whole]!, Number.MIN_VALUE));
      attributed[i] = amount * (whole < 0 ? fit : room);
      total.attributed += attributed[i]!;
      rest[i] = Math.max(0, attributed[i]! - partSum[i]!);
      total.rest += rest[i]!;
      total.excess += Math.max(0, partSum[i]! - amount);
    }
  }

  function takeDown({ users, columns }: WaysOver, at: number): void {
    const put = (id: UserId, kwh: number) => {
      if (kwh === 0) return;
      let column = users.get(id);
      if (!column) users.set(id, (column = new Float64Array(columns["grid>home"].length)));
      column[at] = kwh;
    };
    for (const i of consumers) put(counting[i]!.meter.id, rest[i]!);
    put("untracked", unknown);
  }

  function begin(): Sums {
    return { amounts: counting.map(noAmount), untracked: 0, excess: 0 };
  }

  function finish<T extends MediumStep>(step: T, totals: Sums): T {
    counting.forEach(({ meter }, i) => {
      const amount = totals.amounts[i]!;
      amount.expectedS = secondsSince(own[i]!.beganMs, step);
      if (meter.role !== "consumer") amount.attributed = amount.rest = amount.amount;
      step.meters.set(meter.id, amount);
    });
    step.untracked = totals.untracked;
    step.excess = totals.excess;
    step.counted = sums.map((i) => counting[i]!.meter.id);
    return settle(step);
  }

  return { hasGrid, balanceAt, add, takeDown, begin, finish };
}

const noAmount = (): MeterAmount => ({
  ...{ amount: 0, estimated: 0, attributed: 0, rest: 0, excess: 0, coveredS: 0, expectedS: 0 },
});

const secondsSince = (beganMs: number | null, { startMs, endMs }: Step): number =>
  Math.max(0, (endMs - Math.max(startMs, beganMs ?? Infinity)) / 1000);

/** 0 to 1; of a meter without any time yet 0. */
export const knownShare = ({ coveredS, expectedS }: MeterAmount): number =>
  expectedS > 0 ? Math.min(1, coveredS / expectedS) : 0;

function settle<T extends MediumStep>(step: T): T {
  const counted = step.counted.map((id) => step.meters.get(id)!);
  const there = counted.filter(({ expectedS }) => expectedS > 0);
  step.estimated = Math.min(
    step.consumption,
    counted.reduce((sum, { estimated }) => sum + estimated, 0),
  );
  step.completeness = there.length ? Math.min(...there.map(knownShare)) : 0;
  return step;
}

/** Steps of one site that follow each other, as one; null: there are none. */
export function sumMedium<T extends MediumStep>(steps: readonly T[]): MediumStep | null {
  const [first] = steps;
  if (!first) return null;
  const sum: MediumStep = { ...emptyMedium({ ...first, endMs: steps.at(-1)!.endMs }), counted: first.counted };
  for (const step of steps) addMedium(sum, step);
  return settle(sum);
}

export function sumFlows(steps: readonly FlowStep[]): FlowStep | null {
  const total = sumMedium(steps);
  if (!total) return null;
  const sum: FlowStep = { ...emptyFlow(total), ...total };
  for (const step of steps) {
    for (const name of balanceNames) sum[name] += step[name];
    for (const way of ways) sum.ways[way] += step.ways[way];
    sum.unexplainedKwh += step.unexplainedKwh;
  }
  sum.hasGrid = steps[0]!.hasGrid;
  return withRatios(sum);
}

function addMedium(sum: MediumStep, step: MediumStep): void {
  sum.consumption += step.consumption;
  sum.untracked += step.untracked;
  sum.excess += step.excess;
  for (const [id, amount] of step.meters) {
    const before = sum.meters.get(id) ?? noAmount();
    for (const name of Object.keys(amount) as (keyof MeterAmount)[]) before[name] += amount[name];
    sum.meters.set(id, before);
  }
}
