import fc from "fast-check";
import { expect, test } from "vitest";
import { downsample, drawnLine, type Point } from "./downsample.ts";

const series = (length: number, value: (i: number) => number): Point[] =>
  Array.from({ length }, (_, i) => ({ timeMs: i * 10_000, value: value(i) }));

test("a day of ten-second readings keeps its spike and its dip within a thousand points", () => {
  const points = series(8_640, (i) => (i === 4_321 ? 9_000 : i === 700 ? -50 : 200 + (i % 7)));
  const kept = downsample(points, 1_000);
  expect(kept.length).toBeLessThanOrEqual(1_000);
  expect(kept).toContainEqual({ timeMs: 43_210_000, value: 9_000 });
  expect(kept).toContainEqual({ timeMs: 7_000_000, value: -50 });
  expect(kept[0]).toEqual(points[0]);
  expect(kept.at(-1)).toEqual(points.at(-1));
});

test("few points stay as they are", () => {
  const points = series(10, (i) => i);
  expect(downsample(points, 1_000)).toEqual(points);
});

test("for any series: points of the input, in order, at most so many, with the extremes", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: -1_000, max: 1_000 })), {
    minLength: 1,
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 4, max: 60 }), (deltas, most) => {
      let timeMs = 0;
      const points = deltas.map(([delta, value]) => ({ timeMs: (timeMs += delta), value }));
      const kept = downsample(points, most);
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 4));
      expect(kept.every((point, i) => points.includes(point) && (i === 0 || point.timeMs > kept[i - 1]!.timeMs))).toBe(
        true,
      );
      const values = (list: Point[]) => list.map((p) => p.value);
      expect(Math.max(...values(kept))).toBe(Math.max(...values(points)));
      expect(Math.min(...values(kept))).toBe(Math.min(...values(points)));
    }),
  );
});

test("a silence longer than the longest gap breaks the line", () => {
  const points = [0, 10_000, 20_000, 900_000, 910_000].map((timeMs, i) => ({ timeMs, value: i }));
  expect(drawnLine(points, 100, 600_000)).toEqual({
    times: [0, 10_000, 20_000, 20_001, 900_000, 910_000],
    values: [0, 1, 2, null, 3, 4],
  });
});
