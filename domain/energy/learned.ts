import type { Interval } from "./cadence.ts";
import { resolveGap, type EnergyChannel, type Gap } from "./channel-config.ts";
import { resolveLimit } from "./pace.ts";

/** What was learned of a channel's day: one version a UTC day, in force for the readings of that day. */
export interface Learned extends Interval {
  dayMs: number;
  /** The median pace of the register's own rises, as sent (unscaled) per hour; null: it never rose. */
  pace: number | null;
}

/** The rules of a channel at an instant: how long a silence may last, and how much a register may turn in an hour. */
export interface Rules {
  gapOf: (timeMs: number) => Gap;
  limitOf: (timeMs: number) => number;
}

/**
 * The version of the day, else the newest one before it. Neighbouring questions mostly ask for the same version.
 * @param versions ascending by day.
 */
export function rulesOf(channel: EnergyChannel, versions: readonly Learned[]): Rules {
  const scale = Math.abs(channel.scale ?? 1);
  const gaps = versions.map((version) => resolveGap(channel, version));
  const limits = versions.map(({ pace }) => resolveLimit(channel, pace === null ? null : pace * scale));
  const unknown = { gap: resolveGap(channel, null), limit: resolveLimit(channel, null) };
  let at = -1;
  const find = (timeMs: number) => {
    while (at + 1 < versions.length && versions[at + 1]!.dayMs <= timeMs) at++;
    while (at >= 0 && versions[at]!.dayMs > timeMs) at--;
    return at;
  };
  return {
    gapOf: (timeMs) => (find(timeMs) < 0 ? unknown.gap : gaps[at]!),
    limitOf: (timeMs) => (find(timeMs) < 0 ? unknown.limit : limits[at]!),
  };
}
