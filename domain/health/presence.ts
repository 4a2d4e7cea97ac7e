import type { Reporting } from "../channel.ts";
import { resolveGap, type EnergyChannel } from "../energy/channel-config.ts";

/**
 * Whether a device is there. Its will (an `online` state) is believed when it says offline and nothing came since. Otherwise it
 * is as quiet as its own rhythm allows: one that reports every 60 s is missed after 10 minutes, one that reports every 15
 * minutes after 75. Silence of one that sends only changes says nothing.
 */
export type Presence = "never" | "online" | "silent" | "offline";

export interface Signs {
  nowMs: number;
  /** Arrival of the newest reading, or null: none came yet. */
  lastHeardMs: number | null;
  /** The newest `online` state and when it was said; null: the device has none. */
  will: { isOnline: boolean; timeMs: number } | null;
  /** The shortest interval of its channels, given or learned, in seconds; null: not known. */
  intervalS: number | null;
  reporting: Reporting;
}

export interface Presented {
  presence: Presence;
  /** From when on its silence is remarkable, epoch milliseconds; null: never. */
  missedFromMs: number | null;
}

export function presenceOf({ nowMs, lastHeardMs, will, intervalS, reporting }: Signs): Presented {
  if (lastHeardMs === null) return { presence: "never", missedFromMs: null };
  const missedFromMs = reporting === "on-change" ? null : lastHeardMs + longestSilenceMs(intervalS, reporting);
  if (will && !will.isOnline && will.timeMs >= lastHeardMs - settleMs) return { presence: "offline", missedFromMs };
  const isSilent = missedFromMs !== null && nowMs > missedFromMs;
  return { presence: isSilent ? "silent" : "online", missedFromMs };
}

/** What was on its way when the will was told may arrive a moment after it. */
const settleMs = 5_000;

function longestSilenceMs(intervalS: number | null, reporting: Reporting): number {
  const learned = intervalS === null ? null : { intervalS, differences: Infinity };
  return resolveGap({ ...anyGauge, reporting }, learned).maxGapS * 1000;
}

const anyGauge: EnergyChannel = {
  kind: "gauge",
  quantity: "power",
  unit: "W",
  direction: null,
  stamp: "instant",
  reporting: "periodic",
  expectedIntervalS: null,
  maxGapS: null,
  maxPowerW: null,
  registerMax: null,
  restartsDaily: false,
};
