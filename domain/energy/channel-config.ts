import type { Direction, Kind, Quantity, Reporting, Stamp } from "../channel.ts";

/**
 * What the rules of energy need to know of a channel, and how long a silence may be.
 *
 * The rule: `max_gap`, where it is not given, is 5 x the expected interval and at least 10 minutes; it is 10 minutes
 * while the interval is unknown, and 6 hours on a channel that reports on change.
 * Worked: a meter that sends every 60 s may be silent for 10 min (5 min is less), one that sends hourly for 5 h.
 */
export interface EnergyChannel {
  kind: Kind;
  /** Canonical unit of the readings (a power gauge's values are W, a counter's kWh or m3): convert before. */
  unit: string | null;
  quantity: Quantity;
  /** null: one direction that nobody named; the negative part counts as nothing. */
  direction: Direction | null;
  stamp: Stamp;
  reporting: Reporting;
  /** As given by a person or by the format; null: it is learned. */
  expectedIntervalS: number | null;
  maxGapS: number | null;
  maxPowerW: number | null;
  registerMax: number | null;
  /** A register that starts again every local day. */
  restartsDaily: boolean;
  /** IANA zone of the channel's site: the weekly profile is cut in it. */
  timezone?: string;
}

/** The two lengths that decide what is one interval and what is a hole, in seconds. */
export interface Gap {
  /** null: neither given nor learned yet. */
  expectedIntervalS: number | null;
  maxGapS: number;
}

const LEAST_GAP_S = 600;
const ON_CHANGE_GAP_S = 6 * 3600;
/** What an interval is worth where nothing is known of it. */
const UNKNOWN_INTERVAL_S = 900;

/**
 * The channel's expected interval and longest gap, in seconds.
 *
 * @param config what was given for the channel
 * @param learnedIntervalS the median of its differences (`learnInterval`), or null
 * @see the rules of energy, section 2
 */
export function resolveGap(
  config: Pick<EnergyChannel, "expectedIntervalS" | "maxGapS" | "reporting">,
  learnedIntervalS: number | null,
): Gap {
  const expectedIntervalS = config.expectedIntervalS ?? learnedIntervalS;
  return { expectedIntervalS, maxGapS: config.maxGapS ?? gapFor(config.reporting, expectedIntervalS) };
}

function gapFor(reporting: Reporting, expectedIntervalS: number | null): number {
  if (reporting === "on-change") return ON_CHANGE_GAP_S;
  if (expectedIntervalS === null) return LEAST_GAP_S;
  return Math.max(LEAST_GAP_S, 5 * expectedIntervalS);
}

/** Length in ms of the interval that one reading stands for (stamped gauges, deltas): 15 minutes where unknown. */
export function intervalMs(gap: Gap): number {
  return (gap.expectedIntervalS ?? UNKNOWN_INTERVAL_S) * 1000;
}

/**
 * How a channel's readings become buckets:
 * `line` a momentary gauge, joined by straight lines; `step` holds its last value (on change, states);
 * `held` a gauge that is the mean of its interval; `amount` a delta; `register` a counter.
 */
export type Shape = "line" | "step" | "held" | "amount" | "register";

/** The shape of a channel. A channel that reports on change is a step, however its times are stamped. */
export function shapeOf(channel: Pick<EnergyChannel, "kind" | "stamp" | "reporting">): Shape {
  if (channel.kind === "counter") return "register";
  if (channel.kind === "delta") return "amount";
  if (channel.kind === "state" || channel.reporting === "on-change") return "step";
  return channel.stamp === "instant" ? "line" : "held";
}

/** True for a gauge of power (W): the only gauge whose integral is energy. */
export function integratesToEnergy(channel: Pick<EnergyChannel, "kind" | "quantity">): boolean {
  return channel.kind === "gauge" && channel.quantity === "power";
}
