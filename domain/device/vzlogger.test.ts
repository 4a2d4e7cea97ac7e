import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { Message } from "./device.ts";
import { decodeMessage } from "./registry.ts";
import { vzlogger } from "./vzlogger.ts";

const topic = "vzlogger/data/chn0";
const stateOf = (id: string) => vzlogger.decode(mqtt(`${topic}/id`, id), undefined).state;
const reading = (id: string, payload: unknown, protocol?: string) => {
  const config = protocol === undefined ? undefined : { protocol };
  return vzlogger.decode(mqtt(`${topic}/raw`, payload, config), stateOf(id)).readings[0];
};

describe("vzlogger", () => {
  it.each([
    ["1-0:1.8.0*255", "34507476.1", "sml", "energy.import", 34507.4761, "kWh"],
    ["1-0:2.8.0", "33100.0", "sml", "energy.export", 33.1, "kWh"],
    ["1-0:1.8.1", "34507.5", "d0", "energy.import.t1", 34507.5, "kWh"],
    ["1-0:1.8.0", "34507.5", undefined, "energy.import", 34507.5, null],
    ["1-0:3.8.0", "1500", "sml", "energy_reactive.import", 1.5, "kvarh"],
    ["1-0:16.7.0*255", "-894.000000", "sml", "power", -894, "W"],
    ["1-0:36.7.0", "100", "sml", "power.l1", 100, "W"],
    ["1-0:1.7.255*255", "412", "sml", "power.import", 412, "W"],
    ["1-0:52.7.0", "230.8", "sml", "voltage.l2", 230.8, "V"],
    ["1-0:31.7.0", "1.5", undefined, "current.l1", 1.5, "A"],
    // A short id in vzlogger's settings, as it prints it.
    ["255-255:1.8.0*255", "34507.5", "d0", "energy.import", 34507.5, "kWh"],
    ["gas/counter", "5", undefined, "raw", 5, null],
  ])("id %s and %s by %s is %s", (id, payload, protocol, metric, value, unit) => {
    expect(reading(id, payload, protocol)).toMatchObject({ device: topic, metric, value, unit, timeMs: null });
  });

  it("keeps the time of a JSON value, and passes over null", () => {
    expect(reading("16.7.0", { timestamp: 1741944310250, value: 5 })).toMatchObject({
      timeMs: 1741944310250,
      value: 5,
    });
    expect(reading("16.7.0", { value: 5 })).toMatchObject({ timeMs: null, value: 5 });
    expect(reading("16.7.0", { timestamp: 1741944310250, value: null })).toBeUndefined();
    expect(reading("16.7.0", "")).toBeUndefined();
    expect(reading("16.7.0", "nan")).toBeUndefined();
  });

  it("remembers what was announced, each channel for itself", () => {
    const one = stateOf("1-0:16.7.0");
    const two = vzlogger.decode(mqtt("vzlogger/data/chn1/id", "1-0:1.8.0"), one).state;
    expect(two).toMatchObject({ ids: { [topic]: "1-0:16.7.0", "vzlogger/data/chn1": "1-0:1.8.0" } });
    expect(vzlogger.decode(mqtt(`${topic}/id`, "1-0:16.7.0"), two)).toEqual({ readings: [] });
  });

  it("reads averages only where the values themselves are not sent", () => {
    const alone = vzlogger.decode(mqtt(`${topic}/agg`, "5"), stateOf("1-0:16.7.0"));
    expect(valuesOf(alone)).toEqual({ power: 5 });
    const seen = vzlogger.decode(mqtt(`${topic}/raw`, "5"), stateOf("1-0:16.7.0")).state;
    expect(vzlogger.decode(mqtt(`${topic}/agg`, "5"), seen)).toEqual({ readings: [] });
    expect(vzlogger.decode(mqtt(`${topic}/raw`, "5"), seen)).not.toHaveProperty("state");
  });

  const push = (body: unknown): Message => ({
    transport: "http",
    method: "POST",
    path: "/ingest/vzlogger",
    receivedAtMs: 0,
    payload: new TextEncoder().encode(JSON.stringify(body)),
  });

  it("reads a push to a server by the channel's uuid", () => {
    const decoded = decodeMessage(push({ data: [{ uuid: "a8da012a", tuples: [[1741944310250, -894], null] }, 3] }));
    expect(decoded.readings).toEqual([
      { device: "a8da012a", metric: "raw", value: -894, unit: null, timeMs: 1741944310250, kind: "gauge" },
    ]);
    expect(decoded.refusals).toHaveLength(2);
    expect(decodeMessage(push([])).error).toContain("data");
  });

  it.each(["{", '{"value":"much"}', "much"])("refuses %s with a sentence", (payload) => {
    expect(vzlogger.decode(mqtt(`${topic}/raw`, payload), undefined)).toMatchObject({
      readings: [],
      error: expect.any(String),
    });
  });

  it("bears anything", () => {
    const topics = ["raw", "agg", "id", "uuid"].map((name) => `${topic}/${name}`);
    expectToBearAnything(vzlogger, topics, ["ids", "raws", topic, "timestamp", "value", "1-0:1.8.0"]);
  });
});
