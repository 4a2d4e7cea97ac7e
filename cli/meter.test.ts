import { spawn } from "node:child_process";
import { expect, it } from "vitest";

/** Runs `energy meter` on lines, as a person would, and answers what it wrote. */
async function run(lines: unknown[]): Promise<{ code: number | null; out: Record<string, unknown>[] }> {
  const script = "import('./cli/meter.ts').then((m) => m.command.parseAsync([], { from: 'user' }))";
  const child = spawn(process.execPath, ["--import", "tsx", "-e", script], { cwd: new URL("..", import.meta.url) });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    code,
    out: text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const counter = { kind: "counter", unit: "kWh", maxPowerW: 50_000, expectedIntervalSeconds: 60 };
const at = (minute: number) => `2026-03-01T00:${String(minute).padStart(2, "0")}:00Z`;

it("answers each case in order: readings in any order, the later of a time counts, edges cut", async () => {
  const { code, out } = await run([
    {
      channel: counter,
      readings: [
        [at(3), 0.5],
        [at(0), 1],
        [at(2), 0],
        [at(1), 100.5],
        [at(0), 100],
      ],
    },
    {
      channel: { ...counter, unit: "Wh" },
      readings: [
        [at(10), 100_000],
        [at(20), 100_500],
      ],
      from: at(14),
      to: at(16),
    },
    {
      channel: { kind: "gauge", unit: "kW", direction: "both" },
      readings: [
        [at(0), 0.6],
        ["2026-03-01T01:06:00+01:00", -0.6],
      ],
    },
    {
      channel: { kind: "delta", unit: "kWh", stamp: "start", expectedIntervalSeconds: 900 },
      readings: [
        [at(0), 1],
        [at(15), 2],
      ],
    },
    { channel: counter, readings: [] },
  ]);
  expect(code).toBe(0);
  expect(out[0]).toEqual({
    energyKwh: 1,
    measuredKwh: 1,
    estimatedKwh: 0,
    events: [{ type: "reset", time: at(2) }],
    buckets: [{ start: at(0), energyKwh: 1, estimatedKwh: 0, coveredSeconds: 180 }],
  });
  const kwhs = (out[1]!.buckets as { start: string; energyKwh: number; coveredSeconds: number }[]).map((b) => [
    b.start,
    b.energyKwh,
    b.coveredSeconds,
  ]);
  expect(kwhs).toEqual([
    [at(0), expect.closeTo(0.05, 9), 60],
    [at(15), expect.closeTo(0.05, 9), 60],
  ]);
  expect(out[2]).toMatchObject({
    energyKwh: expect.closeTo(0.015, 9),
    reverseKwh: expect.closeTo(0.015, 9),
    events: [],
  });
  expect(out[3]).toMatchObject({ energyKwh: 3, buckets: [{ energyKwh: 1 }, { energyKwh: 2, coveredSeconds: 900 }] });
  expect(out[3]).not.toHaveProperty("reverseKwh");
  expect(out[4]).toEqual({ energyKwh: 0, measuredKwh: 0, estimatedKwh: 0, events: [], buckets: [] });
}, 30_000);

it("names what is wrong with a line and what is expected, goes on, and exits with 1", async () => {
  const { code, out } = await run([
    "{oops",
    { channel: { ...counter, kind: "state" }, readings: [] },
    { channel: { ...counter, unit: "furlong" }, readings: [] },
    { channel: counter, readings: [["2026-03-01T00:00:00", 1]] },
    { channel: counter, readings: [[at(0), "one"]] },
    { channel: { ...counter, maxPowerW: -1 }, readings: [] },
    { channel: counter, readings: [[at(1), 1]], from: at(2), to: at(1) },
    {
      channel: counter,
      readings: [
        ["0001-01-01T00:00:00Z", 1],
        [at(0), 2],
      ],
    },
    {
      channel: counter,
      readings: [
        [at(0), 1],
        [at(1), 1.5],
      ],
    },
  ]);
  expect(code).toBe(1);
  const errors = out.map(({ error }) => error as string);
  expect(errors[0]).toMatch(/not JSON/);
  expect(errors[1]).toMatch(/^channel\.kind: .*gauge.*counter.*delta/);
  expect(errors[2]).toMatch(/^channel\.unit: .*kWh/);
  expect(errors[3]).toMatch(/^readings\[0\]\[0\]: expected a time such as/);
  expect(errors[4]).toMatch(/^readings\[0\]\[1\]: .*expected number/);
  expect(errors[5]).toMatch(/^channel\.maxPowerW: /);
  expect(errors[6]).toMatch(/^to: expected a time that is not before from/);
  expect(errors[7]).toMatch(/^the window: expected at most/);
  expect(out[8]).toMatchObject({ energyKwh: 0.5 });
}, 30_000);
