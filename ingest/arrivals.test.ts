import fc from "fast-check";
import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";

const microsOf = (ms: number) => Math.round(ms * 1000);

test("what arrives in one millisecond has different times, also when the channel is looked up anew meanwhile", () => {
  const arrivals = new Arrivals();
  const before = arrivals.clockOf(7, 900);
  const first = [arrivals.next(before, 1_000), arrivals.next(before, 1_000)];
  // Nothing of it is in the database yet.
  const after = arrivals.clockOf(7, 900);
  expect([...first, arrivals.next(after, 1_000)]).toEqual([1_000, 1_001, 1_002]);
});

test("a channel's time goes on after the newest that the database has", () => {
  const arrivals = new Arrivals();
  expect(arrivals.next(arrivals.clockOf(7, 2_000.004), 1_500)).toBe(2_001);
});

test("times of several processes are never the same", () => {
  const arrival = fc.record({ process: fc.nat(4), ms: fc.integer({ min: 1_000, max: 1_010 }) });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (all) => {
      const processes = Array.from({ length: 5 }, (_, i) => {
        const arrivals = new Arrivals();
        arrivals.setProcess(i + 1);
        return { arrivals, clock: arrivals.clockOf(7, null) };
      });
      const times = all.map(({ process, ms }) => {
        const { arrivals, clock } = processes[process]!;
        return microsOf(arrivals.next(clock, ms));
      });
      expect(new Set(times).size).toBe(times.length);
    }),
  );
});

test("what was spooled while it was on its way has the time that it was given", () => {
  const arrivals = new Arrivals();
  arrivals.setProcess(3);
  const onItsWay = arrivals.next(arrivals.clockOf(7, null), 1_000);
  expect(arrivals.late(new Map(), 7, 1_000)).toBe(onItsWay);
});

test("clocks that stood still for an hour make room for others; the rest stays", () => {
  let nowMs = 10_000_000;
  const arrivals = new Arrivals(() => nowMs);
  const running = arrivals.clockOf(1, null);
  const idle = arrivals.clockOf(2, null);
  arrivals.next(idle, nowMs);
  nowMs += 3_600_001;
  arrivals.next(running, nowMs);
  for (let id = 3; id < 200_003; id++) arrivals.clockOf(id, nowMs);
  expect(arrivals.clockOf(1, null)).toBe(running);
  expect(arrivals.clockOf(2, null)).not.toBe(idle);
});
