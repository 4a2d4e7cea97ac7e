import { expect, test } from "vitest";
import type { Channel, MeterAnswer, MeterCase } from "./energy-case.ts";

/** What a case should answer; figures in kWh and seconds, times in minutes after the start. */
export interface Expected {
  energy: number;
  reverse?: number;
  estimated?: number;
  /** "reset@2 glitch@5": types and minutes. */
  events?: string;
  covered?: number;
  /** Minute of a bucket's start -> its energy. */
  buckets?: Record<number, number>;
  /** How many buckets are listed. */
  count?: number;
}

export interface Vector extends Expected {
  name: string;
  channel: Channel;
  readings: [minute: number, value: number][];
  /** Minutes. */
  window?: [from: number, to: number];
}

const START = Date.parse("2026-03-01T00:00:00Z");
const iso = (minute: number) => new Date(START + minute * 60_000).toISOString();
const minuteOf = (time: string) => (Date.parse(time) - START) / 60_000;

/** Values at equal distances of so many minutes. */
export const each = (minutes: number, ...values: number[]) =>
  values.map((value, i): [number, number] => [i * minutes, value]);

/** Registers of kWh, a fuse of 50 kW. */
const MAIN: Channel = { kind: "counter", unit: "kWh", direction: "import", maxPowerW: 50_000 };

/** Read every minute where nothing else is said: 50 kW are 0.83 kWh, and a gap is longer than 10 minutes. */
export const register = (
  name: string,
  readings: [number, number][],
  expected: Expected,
  channel: Partial<Channel> = {},
): Vector => ({
  name,
  readings,
  ...expected,
  channel: { ...MAIN, expectedIntervalSeconds: 60, ...channel },
});

/** Read every hour: 50 kW are 50 kWh, and a gap is longer than 5 hours. */
export const hourly = (
  name: string,
  readings: [number, number][],
  expected: Expected,
  channel: Partial<Channel> = {},
): Vector => register(name, readings, expected, { expectedIntervalSeconds: 3600, ...channel });

export const within = (vector: Vector, from: number, to: number): Vector => ({ ...vector, window: [from, to] });

export function caseOf({ channel, readings, window }: Vector): MeterCase {
  return {
    channel,
    readings: readings.map(([minute, value]) => [iso(minute), value]),
    ...(window && { from: iso(window[0]), to: iso(window[1]) }),
  };
}

/** A test for each vector: what `answer` says of it is what is expected. */
export function testVectors(vectors: Vector[], answer: (given: MeterCase) => MeterAnswer): void {
  test.each(vectors)("$name", (vector) => {
    const got = answer(caseOf(vector));
    const near = (value: number, wanted: number, what: string) => expect(value, what).toBeCloseTo(wanted, 9);
    near(got.energyKwh, vector.energy, "energy");
    near(got.estimatedKwh, vector.estimated ?? 0, "estimated");
    near(got.measuredKwh, vector.energy - (vector.estimated ?? 0), "measured");
    if (vector.channel.direction === "both") near(got.reverseKwh!, vector.reverse ?? 0, "reverse");
    expect(got.events.map(({ type, time }) => `${type}@${minuteOf(time)}`).join(" ")).toBe(vector.events ?? "");
    const covered = got.buckets.reduce((sum, bucket) => sum + bucket.coveredSeconds, 0);
    if (vector.covered !== undefined) near(covered, vector.covered, "covered");
    if (vector.count !== undefined) expect(got.buckets).toHaveLength(vector.count);
    for (const [minute, energy] of Object.entries(vector.buckets ?? {})) {
      const bucket = got.buckets.find(({ start }) => minuteOf(start) === Number(minute));
      near(bucket!.energyKwh, energy, `the bucket at minute ${minute}`);
    }
  });
}
