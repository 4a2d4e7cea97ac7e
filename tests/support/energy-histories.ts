import fc from "fast-check";
import type { Channel, MeterCase } from "./energy-case.ts";

// Random histories with the faults that real registers have, in random order and at random distances.

const START = Date.parse("2026-03-01T00:00:00Z");
const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();

// Days and weeks seldom: they are many buckets.
const cadence = fc.constantFrom(
  ...[10, 10, 10, 60, 60, 60, 60, 60, 60, 300, 300, 900, 900, 3600, 3600, 3600, 3600, 86_400],
);
const fuse = fc.constantFrom(undefined, 10_000, 50_000, 50_000, 60_000);
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });

// Doubles of fast-check are mostly next to nothing.
const part = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);

/** Leaves out what is undefined, as JSON does. */
function channelOf(channel: Channel): Channel {
  return JSON.parse(JSON.stringify(channel)) as Channel;
}

/** From and to, or one of them, or none: not on the edges of buckets. */
function windowOf(edges: [number | undefined, number | undefined], length: number): { from?: string; to?: string } {
  const [a, b] = edges.map((part) => (part === undefined ? undefined : Math.round((part * 1.4 - 0.2) * length)));
  // Where only one edge is given, the readings are the other.
  if (a !== undefined && b === undefined) return { from: iso(Math.min(a, length - 2)) };
  if (b !== undefined && a === undefined) return { to: iso(Math.max(b, 1)) };
  const crossed = a !== undefined && b !== undefined && a >= b;
  return {
    ...(a !== undefined && { from: iso(crossed ? b! - 1 : a) }),
    ...(b !== undefined && { to: iso(crossed ? a! : b) }),
  };
}

const edges = fc.tuple(...[0, 1].map(() => fc.option(part, { nil: undefined, freq: 2 }))) as fc.Arbitrary<
  [number | undefined, number | undefined]
>;

// --- Registers ---

const episode = fc.record({
  kind: fc.constantFrom(
    ...["rise", "rise", "rise", "flat", "dip", "zeros", "lows", "spike", "noise"],
    ...["reset", "replaced", "restored", "gap", "late", "brim", "edge"],
  ),
  size: part,
  times: fc.integer({ min: 1, max: 5 }),
});
type Episode = typeof episode extends fc.Arbitrary<infer T> ? T : never;

interface Plan {
  level: number;
  range: number;
  decimals: number;
  seconds: number;
  kw: number;
  episodes: Episode[];
}

/** The readings of a register that lives through the episodes; it goes over its range by itself. */
function live({ level, range, decimals, seconds, kw, episodes }: Plan): [string, number][] {
  const readings: [number, number][] = [];
  const most = (kw * seconds) / 3600;
  let [time, now, before] = [0, level, level];
  const send = (value: number) => {
    readings.push([time, Number(value.toFixed(decimals))]);
    time += seconds;
  };
  const count = (size: number) => {
    now = (now + size * size * Math.min(most, range / 50)) % range;
    send(now);
  };
  const steps: Record<string, (size: number) => void> = {
    rise: count,
    flat: () => send(now),
    dip: (size) => send(now - size * 1.1 * Math.min(0.5, now / 1000)),
    zeros: () => send(0),
    lows: (size) => send(size < 0.5 ? size * most : size * now),
    spike: (size) => send(now + (1 + size * 20) * most + 1),
    noise: (size) => send(size * range),
    gap: (size) => ((time += Math.round(size * (seconds > 3600 ? 6 : 20)) * seconds), count(size * 3)),
    late: (size) => ((time += Math.round(size * 0.9 * seconds)), count(size)),
    edge: (size) => send((now += size < 0.5 ? most : most + 10 ** -decimals)),
  };
  const turns: Record<string, (size: number) => void> = {
    reset: (size) => ([before, now] = [now, size < 0.4 ? 0 : (size - 0.4) * most]),
    replaced: (size) => ([before, now] = [now, size * range]),
    restored: () => ([before, now] = [now, before]),
    brim: (size) => (now = range * (0.975 + 0.025 * size)),
  };
  send(now);
  for (const { kind, size, times } of episodes) {
    if (turns[kind]) turns[kind]!(size);
    else for (let i = 0; i < times; i++) steps[kind]!((size + i * 0.37) % 1);
  }
  return readings.map(([at, value]) => [iso(at), value]);
}

const length = (readings: [string, number][]) => (Date.parse(readings.at(-1)![0]) - START) / 1000 + 1;

/** A register with episodes of every kind. */
export const livedRegister: fc.Arbitrary<MeterCase> = fc
  .record({
    range: fc.constantFrom(10, 100, 1000, 10_000, 100_000, 1_000_000),
    startAt: fc.oneof(fc.constantFrom(0, 0.5, 0.985, 0.9999), part),
    saysRange: fc.boolean(),
    decimals: fc.integer({ min: 0, max: 3 }),
    seconds: fc.oneof({ weight: 19, arbitrary: cadence }, { weight: 1, arbitrary: fc.constant(604_800) }),
    maxPowerW: fuse,
    restartsDaily: fc.constantFrom(undefined, undefined, undefined, true),
    maxGapSeconds: sometimes(fc.constantFrom(60, 600, 7200)),
    saysInterval: fc.boolean(),
    reporting: fc.constantFrom(undefined, undefined, undefined, undefined, "on-change" as const),
    episodes: fc.array(episode, { minLength: 1, maxLength: 10 }),
    edges,
  })
  .map(({ range, startAt, saysRange, seconds, saysInterval, maxPowerW, edges, decimals, episodes, ...channel }) => {
    const readings = live({
      level: startAt * range,
      range,
      decimals,
      seconds,
      kw: (maxPowerW ?? 1e5) / 1000,
      episodes,
    });
    return {
      channel: channelOf({
        kind: "counter",
        unit: "kWh",
        direction: "import",
        ...channel,
        maxPowerW,
        registerMax: saysRange ? range : undefined,
        expectedIntervalSeconds: saysInterval ? seconds : undefined,
      }),
      readings,
      ...windowOf(edges, length(readings)),
    };
  });

/** A register of few, telling values: every short sequence of faults comes up sooner or later. */
export const terseRegister: fc.Arbitrary<MeterCase> = fc
  .record({
    values: fc.oneof(
      fc.array<number>(fc.constantFrom(0, 0.1, 0.2, 1, 5, 9.9, 10, 100, 100.05, 100.5, 101, 5000), {
        minLength: 1,
        maxLength: 9,
      }),
      fc.array<number>(fc.constantFrom(0, 1, 20, 21, 500, 501, 990, 999, 998.9, 998.5, 1000), {
        minLength: 1,
        maxLength: 9,
      }),
    ),
    waits: fc.array(fc.constantFrom(1, 1, 1, 1, 0.5, 2, 10, 20), { minLength: 9, maxLength: 9 }),
    seconds: fc.constantFrom(...[10, 10, 60, 60, 60, 60, 300, 300, 3600, 3600, 3600, 3600, 86_400]),
    maxPowerW: fuse,
    registerMax: fc.constantFrom(undefined, 1000, 10_000),
    expectedIntervalSeconds: fc.constantFrom(undefined, 60, 3600),
  })
  .map(({ values, waits, seconds, ...channel }) => {
    let time = 0;
    const readings = values.map((value, i): [string, number] => [iso((time += seconds * waits[i]!)), value]);
    return { channel: channelOf({ kind: "counter", unit: "kWh", ...channel }), readings };
  });

/** Weeks of hourly or quarter-hourly readings with a gap after them: what the profile is for. */
export const registerWithProfile: fc.Arbitrary<MeterCase> = fc
  .record({
    days: fc.integer({ min: 12, max: 32 }),
    seconds: fc.constantFrom(900, 1800, 3600),
    offset: fc.constantFrom(0, 0, 120),
    idle: fc.boolean(),
    gapHours: fc.integer({ min: 1, max: 60 }),
    counted: fc.integer({ min: 0, max: 80_000 }).map((n) => n / 1000),
    missing: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 6 }),
    after: fc.constantFrom("goes on", "reset", "replaced"),
  })
  .map(({ days, seconds, offset, idle, gapHours, counted, missing, after }) => {
    const readings: [string, number][] = [];
    let level = 1000;
    let time = offset;
    const send = (rise: number) => readings.push([iso(time), Number((level += rise).toFixed(3))]);
    for (let i = 0; time < days * 86_400; i++, time += seconds) {
      const hour = (time / 3600) % 24;
      const rise = idle && i > 40 ? 0 : (hour > 7 && hour < 22 ? 0.8 : 0) * ((i % 7) / 7);
      if (missing.includes(i)) level += rise;
      else send(rise);
    }
    time += gapHours * 3600;
    if (after === "reset") level = 0;
    if (after === "replaced") level = 400_000;
    for (const rise of [counted, 0.5, 0.5, 0.5]) {
      send(rise);
      time += seconds;
    }
    return { channel: { kind: "counter", unit: "kWh", maxPowerW: 50_000 }, readings };
  });

// --- Gauges and deltas ---

const flow = fc.record({
  seconds: fc.constantFrom(10, 60, 300, 900, 3600),
  waits: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 0.5, 0.9, 1.1, 2, 7, 30), { minLength: 1, maxLength: 20 }),
  values: fc.array(fc.oneof(fc.constantFrom(0, 1000, -1000), fc.integer({ min: -4000, max: 9000 })), {
    minLength: 20,
    maxLength: 20,
  }),
  direction: fc.constantFrom(undefined, "both", "both", "import", "production"),
  stamp: fc.constantFrom(undefined, undefined, "instant" as const, "start" as const, "end" as const),
  saysInterval: fc.boolean(),
  maxGapSeconds: sometimes(fc.constantFrom(60, 600, 7200)),
  edges,
});

const flowing = (kind: "gauge" | "delta", reporting: fc.Arbitrary<Channel["reporting"]>): fc.Arbitrary<MeterCase> =>
  fc
    .record({ flow, reporting })
    .filter(({ flow, reporting }) => !(reporting === "on-change" && ["start", "end"].includes(flow.stamp ?? "")))
    .map(({ flow: { seconds, waits, values, saysInterval, edges, ...channel }, reporting }) => {
      let time = 0;
      const scale = kind === "gauge" ? 1 : 0.001;
      const readings = waits.map((wait, i): [string, number] => [iso((time += wait * seconds)), values[i]! * scale]);
      return {
        channel: channelOf({
          kind,
          unit: kind === "gauge" ? "W" : "kWh",
          ...channel,
          reporting,
          expectedIntervalSeconds: saysInterval ? seconds : undefined,
        }),
        readings,
        ...windowOf(edges, time),
      };
    });

export const gauge = flowing("gauge", fc.constantFrom(undefined, undefined, "periodic", "on-change"));
export const delta = flowing("delta", fc.constant(undefined));
