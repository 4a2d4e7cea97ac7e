import type { Interval } from "./cadence.ts";
import type { Direction, Kind, Quantity, Reporting, Stamp } from "../channel.ts";

/**
 * What the rules of energy need to know of a channel, and how long a silence may last (section 2).
 * A device that reports every 60 s may be silent for 10 minutes, one that reports every 15 minutes for 75.
 */
export interface EnergyChannel {
  kind: Kind;
  quantity: Quantity;
  unit: string | null;
  direction: Direction | null;
  stamp: Stamp;
  reporting: Reporting;
  expectedIntervalS: number | null;
  maxGapS: number | null;
  maxPowerW: number | null;
  registerMax: number | null;
  restartsDaily: boolean;
  /** Where a person said that another meter counts from then on, ascending; absent: nowhere. */
  replacements?: readonly Replacement[] | undefined;
  /** A value as it was sent x scale + shift is the value in the channel's unit; absent: it was sent so. */
  scale?: number | undefined;
  shift?: number | undefined;
}

/** From `atMs` on another register counts. What the two showed at that instant, in the channel's unit; null: not read. */
export interface Replacement {
  atMs: number;
  finalValue: number | null;
  firstValue: number | null;
}

export interface Gap {
  /** Seconds between readings, given or learned; null: not known. */
  expectedIntervalS: number | null;
  /** A pair of readings further apart than this is a hole (gauge) or an estimate (counter). Seconds. */
  maxGapS: number;
}

const shortestMaxGapS = 600;
/** Seconds that a channel which reports on change is held for, where nobody gave it. */
export const onChangeMaxGapS = 6 * 3_600;
/** A delta's or a stamped mean's interval where nothing is known. */
const assumedIntervalS = 900;

/** Fewer differences than these leave max_gap at its shortest. */
const enoughDifferences = 3;

/** @param learned what the channel's own readings say, where nobody gave its interval; null: nothing. */
export function resolveGap(channel: EnergyChannel, learned: Interval | null): Gap {
  const known = learned && learned.differences >= enoughDifferences ? learned.intervalS : null;
  return {
    expectedIntervalS: channel.expectedIntervalS ?? learned?.intervalS ?? null,
    maxGapS: channel.maxGapS ?? defaultMaxGap(channel, channel.expectedIntervalS ?? known),
  };
}

function defaultMaxGap({ reporting }: EnergyChannel, expectedIntervalS: number | null): number {
  if (reporting === "on-change") return onChangeMaxGapS;
  return expectedIntervalS === null ? shortestMaxGapS : Math.max(shortestMaxGapS, 5 * expectedIntervalS);
}

/** The length of one interval of a delta or of a mean stamped at its start or end, in milliseconds. */
export const intervalMs = ({ expectedIntervalS }: Gap): number => (expectedIntervalS ?? assumedIntervalS) * 1000;

/** Whether a reading speaks of an interval (stamped means, deltas) rather than of an instant. */
export function isInterval({ kind, stamp }: EnergyChannel): boolean {
  return kind === "delta" || (kind === "gauge" && stamp !== "instant");
}
