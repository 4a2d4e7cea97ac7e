import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "./device.ts";
import { iotawatt } from "./iotawatt.ts";

const messageOf = (payload: unknown, query?: string, timezone?: string): Message => ({
  ...{ transport: "http", method: "POST", path: "/ingest/iotawatt-query", receivedAtMs: 0 },
  config: { ...(query && { query }), ...(timezone && { timezone }) },
  payload: new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload)),
});
const send = (...given: Parameters<typeof messageOf>) => iotawatt.decode(messageOf(...given), undefined);
const short = (...given: Parameters<typeof messageOf>) =>
  send(...given).readings.map(({ metric, value, unit, kind, timeMs, durationS }) =>
    [metric, value, unit ?? "-", kind, timeMs! / 1000, ...(durationS === undefined ? [] : [durationS])].join(" "),
  );

const eight = 1_741_939_200;

describe("columns", () => {
  it.each([
    ["watts", "power 12 W gauge"],
    ["watts.d0", "power 12 W gauge"],
    ["volts", "power 12 V gauge"],
    ["hz", "power 12 Hz gauge"],
    ["pf", "power 12 1 gauge"],
    ["va", "power 12 VA gauge"],
    ["wh.d1", "power 0.012 kWh delta"],
    ["kwh", "power 12 kWh delta"],
  ])("%s", (unit, expected) => {
    const table = { labels: ["Time", "power"], data: [[eight, 12]] };
    expect(short(table, `select=[time.utc.unix,power.${unit}]`)).toEqual([`${expected} ${eight}`]);
  });

  it("without a query the message does not say what they are", () => {
    expect(short({ labels: ["Time", "a"], data: [[eight, 1]] })).toEqual([`a 1 - gauge ${eight}`]);
  });

  it("without a name are passed over", () => {
    const table = { labels: ["Time", "", 7, null, "a"], data: [[eight, 1, 2, 3, 4]] };
    expect(short(table)).toEqual([`a 4 - gauge ${eight}`]);
    expect(short(`{"labels":["Time",${"[".repeat(20_000)}${"]".repeat(20_000)}],"data":[[${eight},1]]}`)).toEqual([]);
  });

  it("without labels the query names them; one input in two units is two metrics", () => {
    const query = "/query?select=[time.utc.unix,mains.watts,mains.wh]&group=15m&format=json";
    expect(short([[eight, 400, 100]], query)).toEqual([
      `mains 400 W gauge ${eight}`,
      `mains.wh 0.1 kWh delta ${eight} 900`,
    ]);
  });
});

describe("times", () => {
  const table = (...times: unknown[]) => ({
    labels: ["Time", "a"],
    range: [eight, eight + 7200],
    data: times.map((time) => [time, 1]),
  });
  it.each([
    ["local, in the user's zone", "select=[time,a]", "2025-03-14T09:00:00"],
    ["local unix is the local clock", "select=[time.local.unix,a]", eight + 3600],
    ["utc iso", "select=[time.utc.iso,a]", "2025-03-14T08:00:00"],
    ["utc unix", "select=[time.utc.unix,a]", eight],
  ])("%s", (_name, query, time) => {
    expect(send(table(time), query, "Europe/Berlin").readings[0]!.timeMs).toBe(eight * 1000);
  });

  it("a local time without a zone cannot be placed: refused, not stamped with the arrival", () => {
    const decoded = send(table("2025-03-14T09:00:00"), "select=[time,a.wh]");
    expect(decoded).toMatchObject({ readings: [], error: expect.stringMatching(/time zone/), refusals: [{}] });
  });

  it("an interval is the group's, else up to the next row or the end of the range", () => {
    const wh = "select=[time.utc.unix,a.wh]";
    expect(short(table(eight, eight + 3600), `${wh}&group=1h`)[1]).toMatch(/ 3600$/);
    expect(short(table(eight, eight + 5400), `${wh}&group=1d`).map((text) => text.split(" ").at(-1))).toEqual([
      "5400",
      "1800",
    ]);
  });
});

it("null and NaN have no value; what is no number is refused beside the rest", () => {
  const decoded = send({ labels: ["Time", "a", "b", "c", "d"], data: [[eight, null, "NaN", "x", 4]] });
  expect(decoded.readings.map(({ metric }) => metric)).toEqual(["d"]);
  expect(decoded).toMatchObject({ refusals: [{ detail: 'c is "x"' }] });
  expect(decoded.error).toBeUndefined();
});

it.each([
  ["no JSON", "time,a", /invalid JSON/],
  ["IoTaWatt's own error", { error: "invalid query. Invalid series: x" }, /Invalid series: x/],
  ["no table", { labels: ["Time"] }, /table/],
  ["no names", [[1, 2]], /names/],
  ["no times", { labels: ["a"], data: [[1]] }, /column of times/],
])("%s is refused", (_name, payload, error) => {
  expect(send(payload)).toMatchObject({ readings: [], error: expect.stringMatching(error) });
});

it("whatever is sent: nothing throws, values are finite", () => {
  const table = fc.record({
    labels: fc.oneof(fc.array(fc.constantFrom("Time", "a", "b"), { maxLength: 4 }), fc.jsonValue()),
    data: fc.oneof(fc.array(fc.array(fc.oneof(fc.double(), fc.jsonValue()))), fc.jsonValue()),
    range: fc.jsonValue(),
  });
  const query = fc.constantFrom(undefined, "select=[time.local.unix,a.wh,b.watts]", "select=[time,a.wh]&group=1d", "x");
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.jsonValue(), table), query, (payload, given) => {
      for (const { value, timeMs, durationS = 0 } of send(payload, given, "Europe/Berlin").readings) {
        for (const number of [value, timeMs, durationS]) expect(number).toSatisfy(Number.isFinite);
      }
    }),
    { numRuns: 1000 },
  );
});
