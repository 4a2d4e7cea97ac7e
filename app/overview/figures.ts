import type { Bucket } from "../../domain/rollup/bucket.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { compose, type Composed } from "../../domain/rollup/compose.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { flowChannels, isGrid, siteFlows, type FlowChannel, type Flows } from "../../domain/site/flows.ts";
import type { FlowStep } from "../../domain/site/energy-flows.ts";
import { split } from "../../domain/site/split.ts";
import type { Cost } from "../../domain/tariff/costs.ts";

/** What a site's picture says of one stretch of time. Energies in kWh, money as decimal text. */
export interface Figure extends Step {
  consumptionKwh: number;
  /** Where the consumption came from; together they are the consumption. Without a grid meter all of it is `fromGridKwh`. */
  fromSunKwh: number;
  fromBatteryKwh: number;
  fromGridKwh: number;
  productionKwh: number;
  importKwh: number;
  exportKwh: number;
  chargeKwh: number;
  /** The estimated part of the consumption. */
  estimatedKwh: number;
  /** Known part of the time, 0 to 1. */
  completeness: number;
  /** Not rounded; null: no contract and no price holds then. */
  cost: string | null;
}

/** What the site's channels can tell. */
export interface Abilities {
  /** There is something to consume: a grid meter or consumers. */
  hasConsumption: boolean;
  hasGrid: boolean;
  hasProduction: boolean;
  hasBattery: boolean;
}

export function abilitiesOf(channels: readonly FlowChannel[]): Abilities {
  const counted = flowChannels(channels);
  return {
    hasConsumption: counted.some((c) => isGrid(c) || c.role === "consumer"),
    hasGrid: counted.some(isGrid),
    hasProduction: counted.some((c) => c.role === "production"),
    hasBattery: counted.some((c) => c.role === "battery_charge" || c.role === "battery_discharge"),
  };
}

export type BucketsByChannel = ReadonlyMap<number, readonly Bucket[]>;

/**
 * The figures of steps (ascending) by their own sums: for steps that are buckets, or where energy only comes in (`isOneWay`).
 * @param costs of the same steps, in the same order.
 */
export function figuresOf(
  channels: readonly FlowChannel[],
  buckets: BucketsByChannel,
  steps: readonly Step[],
  costs: readonly (Cost | null)[],
): Figure[] {
  const composed = new Map([...buckets].map(([id, own]) => [id, compose(own, steps)]));
  const abilities = abilitiesOf(channels);
  return siteFlows(channels, composed).map((step, i) => ({
    ...step,
    ...sourcesOf(step, abilities),
    cost: costs[i]?.exact.toFixed() ?? null,
  }));
}

/** The figures of steps whose flows were worked out by the quarter-hour. @param costs of the same steps, in the same order. */
export function figuresOfFlows(flows: readonly FlowStep[], costs: readonly (Cost | null)[]): Figure[] {
  return flows.map((step, i) => {
    const { startMs, endMs, importKwh, exportKwh, productionKwh, chargeKwh, consumption, ways, hasGrid } = step;
    const given = hasGrid ? ways : onlyGrid(consumption);
    return {
      ...{ startMs, endMs, productionKwh, chargeKwh, consumptionKwh: consumption },
      // Without a meter there, what the grid gave and took is not known.
      ...{ importKwh: hasGrid ? importKwh : 0, exportKwh: hasGrid ? exportKwh : 0 },
      ...{ fromGridKwh: given["grid>home"], fromBatteryKwh: given["battery>home"], fromSunKwh: given["sun>home"] },
      ...{ estimatedKwh: step.estimated, completeness: step.completeness },
      cost: costs[i]?.exact.toFixed() ?? null,
    };
  });
}

/** As the flows have it of the same buckets; without a grid meter all is the grid's. */
function sourcesOf(step: Flows, { hasGrid }: Abilities) {
  const given = hasGrid ? split(step).ways : onlyGrid(step.consumptionKwh);
  return { fromGridKwh: given["grid>home"], fromBatteryKwh: given["battery>home"], fromSunKwh: given["sun>home"] };
}

const onlyGrid = (consumptionKwh: number) => ({ "grid>home": consumptionKwh, "battery>home": 0, "sun>home": 0 });

/** Consumption that did not come from the grid, 0 to 1; null where there is nothing to tell. */
export function selfSufficiency(
  { consumptionKwh, fromGridKwh }: Figure,
  { hasGrid, hasProduction }: Abilities,
): number | null {
  if (!hasGrid || !hasProduction || consumptionKwh <= 0) return null;
  return Math.max(0, Math.min(1, 1 - fromGridKwh / consumptionKwh));
}

/**
 * Buckets up to an instant: the one that holds it is cut in proportion, because "this time yesterday" is seldom a full quarter.
 * At 12:05, a third of the bucket of 12:00 belongs to the time before.
 */
export function upTo(buckets: BucketsByChannel, endMs: number): BucketsByChannel {
  return new Map([...buckets].map(([id, own]) => [id, own.filter((b) => b.startMs < endMs).map((b) => cut(b, endMs))]));
}

/** The figure of a stretch that begins on a bucket edge and ends anywhere, by the quarter-hour; null: there are no channels. */
export function figureUpTo(channels: readonly FlowChannel[], buckets: BucketsByChannel, step: Step): Figure | null {
  const known = upTo(buckets, step.endMs);
  const quarters: Step[] = [];
  for (let at = step.startMs; at < step.endMs; at += bucketMs)
    quarters.push({ startMs: at, endMs: Math.min(at + bucketMs, step.endMs) });
  const [whole] = figuresOf(channels, known, [step], []);
  if (!whole) return null;
  const figures = figuresOf(channels, known, quarters, []);
  const sum = (of: (figure: Figure) => number) => figures.reduce((total, figure) => total + of(figure), 0);
  const consumptionKwh = sum((figure) => figure.consumptionKwh);
  return {
    ...whole,
    consumptionKwh,
    fromSunKwh: sum(({ fromSunKwh }) => fromSunKwh),
    fromBatteryKwh: sum(({ fromBatteryKwh }) => fromBatteryKwh),
    fromGridKwh: sum(({ fromGridKwh }) => fromGridKwh),
    estimatedKwh: Math.min(whole.estimatedKwh, consumptionKwh),
  };
}

function cut(bucket: Bucket, endMs: number): Bucket {
  const share = (endMs - bucket.startMs) / bucketMs;
  if (share >= 1) return bucket;
  return {
    ...bucket,
    energyKwh: bucket.energyKwh * share,
    reverseKwh: bucket.reverseKwh * share,
    estimatedKwh: bucket.estimatedKwh * share,
    estimatedReverseKwh: bucket.estimatedReverseKwh * share,
    coveredS: bucket.coveredS * share,
  };
}

/** Mean powers of a quarter-hour, in W; null: less than half of it is known. */
export interface PowerPoint {
  /** Its middle. */
  timeMs: number;
  useW: number | null;
  sunW: number;
  batteryW: number;
  gridW: number;
  exportW: number;
  chargeW: number;
  productionW: number;
}

/** Mean powers by quarter-hours of a stretch that begins on a bucket edge. The running quarter-hour counts as far as it went. */
export function powersOf(
  channels: readonly FlowChannel[],
  buckets: BucketsByChannel,
  { startMs, endMs }: Step,
  nowMs: number,
): PowerPoint[] {
  const steps: Step[] = [];
  for (let at = startMs; at < Math.min(endMs, nowMs); at += bucketMs) steps.push({ startMs: at, endMs: at + bucketMs });
  const whole = new Map([...buckets].map(([id, own]) => [id, compose(own, steps).map(asIfWhole)]));
  const abilities = abilitiesOf(channels);
  return siteFlows(channels, whole).map((flows) => {
    const elapsed = Math.min(1, (nowMs - flows.startMs) / bucketMs);
    const isKnown = flows.completeness > 0 && flows.completeness >= elapsed / 2;
    const watts = (kwh: number) => (isKnown ? Math.round((kwh * 3_600_000) / (bucketMs / 1000)) : 0);
    const { fromSunKwh, fromBatteryKwh, fromGridKwh } = sourcesOf(flows, abilities);
    return {
      timeMs: flows.startMs + (bucketMs * elapsed) / 2,
      useW: isKnown ? watts(flows.consumptionKwh) : null,
      sunW: watts(fromSunKwh),
      batteryW: watts(fromBatteryKwh),
      gridW: watts(fromGridKwh),
      exportW: watts(flows.exportKwh),
      chargeW: watts(flows.chargeKwh),
      productionW: watts(flows.productionKwh),
    };
  });
}

/** Energy of a partly known quarter-hour as if all of it had gone like the known part: so it becomes a mean power. */
function asIfWhole(step: Composed): Composed {
  if (step.coveredS <= 0 || step.completeness >= 1) return step;
  return { ...step, energyKwh: step.energyKwh / step.completeness, reverseKwh: step.reverseKwh / step.completeness };
}

/** Until when every channel that is still heard of (within a day) is known: the end of its last covered bucket. */
export function completeTo(buckets: BucketsByChannel, nowMs: number): number | null {
  const ends = [...buckets.values()].flatMap((own) => {
    const last = own.findLast((b) => b.coveredS > 0);
    return last ? [last.startMs + Math.min(bucketMs, last.coveredS * 1000)] : [];
  });
  return ends.length ? Math.min(nowMs, ...ends) : null;
}
