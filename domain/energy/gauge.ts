import type { Reading } from "../reading.ts";
import type { Sums } from "../rollup/sums.ts";
import { intervalMs, type EnergyChannel, type Gap } from "./channel-config.ts";

/**
 * A gauge: the trapezoid between successive readings; further apart than max_gap there is a hole, which has no energy.
 * 1,000 W at 10:00 and 2,000 W at 10:10 are 0.25 kWh. A signed gauge gives forward and reverse energy, each pair split where its
 * line crosses zero: +100 W to -100 W over an hour is 0.025 kWh each way, never netted. On a channel of one direction the
 * negative part counts as nothing.
 */
const wattSecondsPerKwh = 3_600_000;

/**
 * Folds readings (ascending) into the sums. `gapOf` gives the rule in force for a pair that ends at an instant; `offlineMs` are the
 * instants at which the device went offline, ascending.
 */
export function foldGauge(
  channel: EnergyChannel,
  readings: readonly Reading[],
  gapOf: (timeMs: number) => Gap,
  sums: Sums,
  offlineMs: readonly number[] = [],
): void {
  if (channel.stamp !== "instant") foldMeans(channel, readings, gapOf, sums);
  else if (channel.reporting === "on-change") foldSteps(channel, readings, { gapOf, offlineMs }, sums);
  else foldLines(channel, readings, gapOf, sums);
}

function foldLines(
  channel: EnergyChannel,
  readings: readonly Reading[],
  gapOf: (timeMs: number) => Gap,
  sums: Sums,
): void {
  const isPower = channel.quantity === "power";
  const signed = channel.direction === "both";
  for (let i = 0; i < readings.length; i++) {
    const b = readings[i]!;
    sums.reading(b.timeMs, b.value);
    const a = readings[i - 1];
    if (!a || b.timeMs - a.timeMs > gapOf(b.timeMs).maxGapS * 1000) continue;
    const slope = (b.value - a.value) / (b.timeMs - a.timeMs);
    sums.eachPiece(a.timeMs, b.timeMs, (at, from, to) => {
      const left = from === a.timeMs ? a.value : a.value + slope * (from - a.timeMs);
      const right = to === b.timeMs ? b.value : a.value + slope * (to - a.timeMs);
      const seconds = (to - from) / 1000;
      const area = ((left + right) / 2) * seconds;
      sums.value(at, seconds, area, Math.min(left, right), Math.max(left, right));
      if (isPower) addLine(sums, at, left, right, seconds, signed);
    });
  }
}

/** The energy under a line from `left` to `right` W: what is above zero, and what is below. */
function addLine(sums: Sums, at: number, left: number, right: number, seconds: number, signed: boolean): void {
  if (left >= 0 && right >= 0) {
    sums.energy(at, (((left + right) / 2) * seconds) / wattSecondsPerKwh, 0, false);
  } else if (left <= 0 && right <= 0) {
    if (signed) sums.energy(at, 0, ((-(left + right) / 2) * seconds) / wattSecondsPerKwh, false);
  } else {
    // Each side by itself: the rest of a subtraction could be rounded to less than nothing.
    const areaLeft = (left * ((seconds * left) / (left - right))) / 2;
    const areaRight = (right * ((seconds * right) / (right - left))) / 2;
    const forward = left > 0 ? areaLeft : areaRight;
    const reverse = left > 0 ? -areaRight : -areaLeft;
    sums.energy(at, forward / wattSecondsPerKwh, signed ? reverse / wattSecondsPerKwh : 0, false);
  }
}

/** A value held from one instant to another: means of intervals, and readings of a channel that reports on change. */
function hold(channel: EnergyChannel, startMs: number, endMs: number, value: number, sums: Sums): void {
  const isPower = channel.quantity === "power";
  const signed = channel.direction === "both";
  sums.eachPiece(startMs, endMs, (at, from, to) => {
    const seconds = (to - from) / 1000;
    sums.value(at, seconds, value * seconds, value, value);
    if (!isPower) return;
    const kwh = (Math.abs(value) * seconds) / wattSecondsPerKwh;
    if (value >= 0) sums.energy(at, kwh, 0, false);
    else if (signed) sums.energy(at, 0, kwh, false);
  });
}

/** Stamped `start` or `end`: the mean of its interval, held over it and cut at its neighbour where they overlap. */
function foldMeans(
  channel: EnergyChannel,
  readings: readonly Reading[],
  gapOf: (timeMs: number) => Gap,
  sums: Sums,
): void {
  for (let i = 0; i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    sums.reading(timeMs, value);
    const length = intervalMs(gapOf(timeMs));
    if (channel.stamp === "start") {
      const next = readings[i + 1]?.timeMs ?? Infinity;
      hold(channel, timeMs, Math.min(timeMs + length, next), value, sums);
    } else {
      const previous = readings[i - 1]?.timeMs ?? -Infinity;
      hold(channel, Math.max(timeMs - length, previous), timeMs, value, sums);
    }
  }
}

/** How long what a channel reports on change is held. */
export interface Holding {
  gapOf: (timeMs: number) => Gap;
  offlineMs?: readonly number[] | undefined;
}

/** Silence means unchanged, until the next reading, the device going offline or max_gap: 100 W at 10:00, offline at 10:20: till then. */
export function heldUntil(timeMs: number, nextMs: number, { gapOf, offlineMs = [] }: Holding): number {
  const offline = offlineMs.find((ms) => ms >= timeMs) ?? Infinity;
  return Math.min(nextMs, offline, timeMs + gapOf(timeMs).maxGapS * 1000);
}

/** On change: the last reading is held until the window's end. */
function foldSteps(channel: EnergyChannel, readings: readonly Reading[], holding: Holding, sums: Sums): void {
  for (let i = 0; i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    sums.reading(timeMs, value);
    hold(channel, timeMs, heldUntil(timeMs, readings[i + 1]?.timeMs ?? sums.toMs, holding), value, sums);
  }
}
