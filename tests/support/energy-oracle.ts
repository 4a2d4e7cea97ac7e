import { HOUR, MINUTE, QUARTER, bucketOf, median, sum } from "./energy-oracle-pieces.ts";
import type { Bucket, Piece } from "./energy-oracle-pieces.ts";
import type { Channel, MeterAnswer, MeterCase, MeterEvent, Reading } from "./energy-case.ts";
import { registerPieces } from "./energy-oracle-register.ts";

/**
 * The rules of energy (section 2) once more, written from the text alone and as simply as possible: whole history, no
 * increments, no speed. What the product answers is compared with what this answers (domain/energy/oracle.test.ts); where the two
 * differ, one of them has misread the rules.
 */

const UNIT: Record<string, number> = { W: 0.001, MW: 1000, Wh: 0.001, MWh: 1000 };

/** Sorted by time; of two that share a time the later arrival is the reading. */
function inOrder(given: [string, number][]): Reading[] {
  const byTime = new Map(given.map(([time, value]) => [Date.parse(time), value]));
  return [...byTime].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
}

/** In ms. */
function intervals(channel: Channel, readings: Reading[]) {
  const differences = readings.slice(1).map((reading, i) => reading.time - readings[i]!.time);
  const given = channel.expectedIntervalSeconds;
  const expected = given ? given * 1000 : median(differences);
  return { expected: expected ?? QUARTER, maxGap: maxGap(channel, differences.length, expected) };
}

function maxGap(channel: Channel, differences: number, expected: number | undefined): number {
  if (channel.maxGapSeconds) return channel.maxGapSeconds * 1000;
  if (channel.reporting === "on-change") return 6 * HOUR;
  if (!channel.expectedIntervalSeconds && differences < 3) return 10 * MINUTE;
  return Math.max(10 * MINUTE, 5 * expected!);
}

function gaugePieces(channel: Channel, readings: Reading[], until: number): Piece[] {
  const { expected, maxGap } = intervals(channel, readings);
  const kw = UNIT[channel.unit] ?? 1;
  return readings.flatMap(({ time, value }, i) => {
    const next = readings[i + 1];
    const before = readings[i - 1]?.time ?? -Infinity;
    const after = next?.time ?? Infinity;
    const held = (from: number, to: number) => [{ from, to, p0: value * kw, p1: value * kw, estimated: false }];
    if (channel.reporting === "on-change")
      return held(time, Math.min(next?.time ?? Math.max(until, time), time + maxGap));
    if (channel.stamp === "start") return held(time, Math.min(after, time + expected));
    if (channel.stamp === "end") return held(Math.max(before, time - expected), time);
    if (!next || after - time > maxGap) return [];
    return [{ from: time, to: after, p0: value * kw, p1: next.value * kw, estimated: false }];
  });
}

function deltaPieces(channel: Channel, readings: Reading[]): Piece[] {
  const { expected } = intervals(channel, readings);
  return readings.map(({ time, value }) => {
    const from = channel.stamp === "start" ? time : time - expected;
    const kw = (value * (UNIT[channel.unit] ?? 1)) / (expected / HOUR);
    return { from, to: from + expected, p0: kw, p1: kw, estimated: false };
  });
}

function piecesOf(channel: Channel, readings: Reading[], until: number): { pieces: Piece[]; events: MeterEvent[] } {
  if (channel.kind === "gauge") return { pieces: gaugePieces(channel, readings, until), events: [] };
  if (channel.kind === "delta") return { pieces: deltaPieces(channel, readings), events: [] };
  return registerPieces(channel, readings, intervals(channel, readings).maxGap);
}

/** What `energy meter` should answer. */
export function oracle({ channel, readings: given, ...window }: MeterCase): MeterAnswer {
  const readings = inOrder(given);
  const until = window.to ? Date.parse(window.to) : (readings.at(-1)?.time ?? 0);
  const { pieces, events } = piecesOf(channel, readings, until);
  const ends = [...readings.map((reading) => reading.time), ...pieces.map((piece) => piece.to)];
  const from = window.from ? Date.parse(window.from) : (readings[0]?.time ?? 0);
  const to = window.to ? Date.parse(window.to) : Math.max(0, ...ends);
  const buckets: Bucket[] = [];
  for (let start = Math.floor(from / QUARTER) * QUARTER; start < to; start += QUARTER)
    buckets.push(bucketOf(pieces, start, from, to));
  const total = (field: "energyKwh" | "reverseKwh" | "estimatedKwh") => sum(buckets.map((bucket) => bucket[field]));
  const both = channel.direction === "both";
  const inside = (time: number) =>
    (!window.from || time >= Date.parse(window.from)) && (!window.to || time < Date.parse(window.to));
  return {
    energyKwh: total("energyKwh"),
    ...(both && { reverseKwh: total("reverseKwh") }),
    measuredKwh: total("energyKwh") - total("estimatedKwh"),
    estimatedKwh: total("estimatedKwh"),
    events: events.filter((event) => inside(Date.parse(event.time))),
    buckets: buckets.map(({ reverseKwh, ...bucket }) => (both ? { ...bucket, reverseKwh } : bucket)),
  };
}
