import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeBatch, redirected, type Resolved } from "./batch.ts";
import { bucketStart } from "../domain/rollup/bucket.ts";

const quarterMs = 900_000;
const message = (...rows: [channel: number, time: number, value: number | string][]): Resolved => ({
  channels: rows.map(([channel]) => channel),
  times: rows.map(([, time]) => time),
  values: rows.map(([, , value]) => value),
});

describe("makeBatch", () => {
  it("sorts by channel and time, and of the same channel and time takes the last arrival", () => {
    const batch = makeBatch([message([2, 5, 1], [1, 9, 2]), message([1, 3, 3], [2, 5, 4]), message([2, 5, 5])]);
    expect([batch.channels, batch.times, batch.values]).toEqual([
      [1, 1, 2],
      [3, 9, 5],
      [3, 2, 5],
    ]);
  });

  it("keeps numbers and states apart, and the newest of each channel whatever its kind", () => {
    const batch = makeBatch([message([1, 10, 230], [2, 10, "true"]), message([2, 11, "false"], [1, 9, 229])]);
    expect(batch).toMatchObject({ channels: [1, 1], stateChannels: [2, 2], stateTexts: ["true", "false"] });
    expect(batch.latestChannels).toEqual([1, 2]);
    expect(batch.latestTimes).toEqual([10, 11]);
    expect(batch.latestValues).toEqual([230, null]);
    expect(batch.latestTexts).toEqual([null, "false"]);
    expect(batch.dirtyChannels, "states have no buckets").toEqual([1]);
  });

  it("marks neighbouring buckets as one range, and an old straggler as one of its own", () => {
    const now = 1_700_000_100_000;
    const old = now - 300 * 86_400_000;
    const batch = makeBatch([message([7, now, 1], [7, now + quarterMs, 2], [7, old, 3], [8, now, 4])]);
    expect([batch.dirtyChannels, batch.dirtyFrom, batch.dirtyTo]).toEqual([
      [7, 7, 8],
      [old, now, now],
      [old, now + quarterMs, now],
    ]);
  });
  it("has nothing for no messages", () => {
    const { mayRepeat, ...columns } = makeBatch([]);
    expect(mayRepeat).toBe(false);
    expect(Object.values(columns).flat()).toEqual([]);
  });
});

describe("redirected", () => {
  const moves = [{ channel: 1, into: 9, factor: 0.001, offset: 5 }];
  it("sends what was a merged channel's to the one that stays, in its unit; texts as they are", () => {
    const [first, second] = redirected(
      [message([1, 10, 2_000], [2, 10, 7], [1, 11, "on"]), message([3, 12, 8])],
      moves,
    );
    expect(first).toEqual({ channels: [9, 2, 9], times: [10, 10, 11], values: [7, 7, "on"], mayRepeat: true });
    expect(second).toEqual(message([3, 12, 8]));
  });
});

const rows = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 40 * quarterMs }), fc.double({ noNaN: true })),
  { maxLength: 30 },
);

describe("makeBatch, whatever the messages", () => {
  it("holds each channel and time once with its last value, in order, and its dirty ranges cover exactly what is there", () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 6 }), (queue) => {
        const batch = makeBatch(queue.map((r) => message(...r)));
        const wanted = new Map(queue.flat().map(([channel, time, value]) => [`${channel} ${time}`, value]));
        const got = batch.channels.map((channel, i) => [`${channel} ${batch.times[i]}`, batch.values[i]] as const);
        expect(new Map(got)).toEqual(wanted);
        expect(got).toHaveLength(wanted.size);
        const keys = batch.channels.map((channel, i) => channel * 1e12 + batch.times[i]!);
        expect(keys).toEqual([...keys].sort((a, b) => a - b));
        for (const [i, channel] of batch.channels.entries())
          expect(rangesHolding(batch, channel, batch.times[i]!)).toBe(1);
        for (const [i, from] of batch.dirtyFrom.entries()) {
          const times = batch.times.filter(
            (t, k) => batch.channels[k] === batch.dirtyChannels[i] && t >= from && t <= batch.dirtyTo[i]!,
          );
          expect([Math.min(...times), Math.max(...times)]).toEqual([from, batch.dirtyTo[i]]);
          expect(largestJump(times)).toBeLessThan(2 * quarterMs);
        }
      }),
    );
  });

  it("says the newest of each channel", () => {
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 6 }), (queue) => {
        const batch = makeBatch(queue.map((r) => message(...r)));
        const newest = new Map<number, [number, number]>();
        for (const [channel, time, value] of queue.flat()) {
          if (time >= (newest.get(channel)?.[0] ?? -1)) newest.set(channel, [time, value]);
        }
        const got = batch.latestChannels.map((c, i) => [c, [batch.latestTimes[i], batch.latestValues[i]]] as const);
        expect(new Map(got)).toEqual(newest);
      }),
    );
  });
});

function rangesHolding(
  { dirtyChannels, dirtyFrom, dirtyTo }: ReturnType<typeof makeBatch>,
  channel: number,
  time: number,
): number {
  return dirtyChannels.filter((c, i) => c === channel && dirtyFrom[i]! <= time && time <= dirtyTo[i]!).length;
}

/** From a reading to the bucket of the one before. */
function largestJump(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, i) => time - bucketStart(times[i]!)));
}
