import fc from "fast-check";
import type { Reading } from "../../domain/reading.ts";

/**
 * Random lives of a register: it counts, stands, dips, shows wrong values for one or more readings, starts again, is replaced, rolls
 * over at 10,000 and falls silent. What comes of it the rules say; here it only has to be varied, and near their thresholds.
 */
const minute = 60_000;

const steps = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(minute, minute, 2 * minute, 5 * minute) },
  { weight: 3, arbitrary: fc.integer({ min: 1_000, max: 15 * minute }) },
  { weight: 1, arbitrary: fc.integer({ min: 10 * minute, max: 30 * 3_600_000 }) },
);

const acts = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({ act: fc.constant("count" as const), by: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("stand" as const), by: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("dip" as const), by: fc.double({ min: 0, max: 0.8, noNaN: true }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("wrong" as const), by: fc.constantFrom(0, 0, 0.5, 1, 3000, 65_535) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("restart" as const), by: fc.constantFrom(0, 0.2, 1, 3000, 9_998.5) }),
  },
);

const places = fc.constantFrom(1, 10, 100, 1000);

/** Ascending, each time once, from an instant on; values of one number of decimals. At 50 kW most steps are plausible. */
export const registerHistory = (startMs: number, longest = 80): fc.Arbitrary<Reading[]> =>
  fc
    .tuple(
      fc.constantFrom(0, 3, 120, 5_000, 9_990),
      places,
      fc.array(fc.tuple(steps, acts), { minLength: 1, maxLength: longest, size: "max" }),
    )
    .map(([first, place, life]) => {
      const round = (value: number) => Math.round(value * place) / place;
      let timeMs = startMs;
      let level: number = first;
      const readings = [{ timeMs, value: round(level) }];
      for (const [step, { act, by }] of life) {
        timeMs += step;
        if (act === "count") level = (level + (by * 50 * step) / 3_600_000) % 10_000;
        if (act === "restart") level = by;
        const shown = act === "dip" ? Math.max(0, level - by) : act === "wrong" ? by : level;
        readings.push({ timeMs, value: round(shown) });
      }
      return readings;
    });
