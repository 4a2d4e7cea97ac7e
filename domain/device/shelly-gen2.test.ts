import { describe, expect, it } from "vitest";
import type { DecoderState } from "./device.ts";
import { decodeMessage } from "./registry.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A gateway that remembers: each message is decoded with the state of those before it. */
function connection() {
  let state: DecoderState | undefined;
  return (topic: string, payload: unknown) => {
    const text = typeof payload === "string" ? payload : JSON.stringify(payload);
    const decoded = decodeMessage({ transport: "mqtt", topic, receivedAtMs: 0, payload: bytes(text) }, () => state);
    if (decoded.state) state = decoded.state;
    return { ...decoded, values: Object.fromEntries(decoded.readings.map(({ metric, value }) => [metric, value])) };
  };
}

const notify = (params: object, method = "NotifyStatus") => ({
  src: "shelly-1",
  dst: "shelly-1/events",
  method,
  params: { ts: 1741944360.02, ...params },
});

describe("returned energy is counted in aenergy too", () => {
  it("subtracts what was returned, remembered from an earlier message where a delta leaves it out", () => {
    const send = connection();
    const full = { "switch:0": { aenergy: { total: 10000 }, ret_aenergy: { total: 4000 } } };
    expect(send("shelly-1/events/rpc", notify(full, "NotifyFullStatus")).values).toEqual({
      "energy.import.ch0": 6,
      "energy.export.ch0": 4,
    });
    expect(send("shelly-1/events/rpc", notify({ "switch:0": { aenergy: { total: 10500.5 } } })).values).toEqual({
      "energy.import.ch0": 6.5005,
    });
  });

  it("gives no import for a delta that brings the returned energy alone, and none while the two do not fit", () => {
    const send = connection();
    send("shelly-1/status/switch:0", { aenergy: { total: 10000 }, ret_aenergy: { total: 4000 } });
    expect(send("shelly-1/events/rpc", notify({ "switch:0": { ret_aenergy: { total: 4100 } } })).values).toEqual({
      "energy.export.ch0": 4.1,
    });
    expect(send("shelly-1/events/rpc", notify({ "switch:0": { aenergy: { total: 0 } } })).values).toEqual({});
    expect(
      send("shelly-1/events/rpc", notify({ "switch:0": { aenergy: { total: 5 }, ret_aenergy: { total: 0 } } })).values,
    ).toEqual({
      "energy.import.ch0": 0.005,
      "energy.export.ch0": 0,
    });
  });

  it("keeps components and devices apart, and says nothing of its state when that is as before", () => {
    const send = connection();
    send("a/events/rpc", notify({ "switch:0": { aenergy: { total: 9 }, ret_aenergy: { total: 4 } } }));
    expect(send("a/events/rpc", notify({ "switch:1": { aenergy: { total: 9 } } })).values).toEqual({
      "energy.import.ch1": 0.009,
    });
    expect(
      send("a/events/rpc", notify({ "switch:0": { aenergy: { total: 9 }, ret_aenergy: { total: 4 } } })).state,
    ).toBeUndefined();
  });

  it("a full status without the register means there is none", () => {
    const send = connection();
    send("p/status/switch:0", { aenergy: { total: 10000 }, ret_aenergy: { total: 4000 } });
    expect(send("p/status/switch:0", { aenergy: { total: 10000 } }).values).toEqual({ "energy.import.ch0": 10 });
  });

  it("never changes the state it was given", () => {
    const state = Object.freeze({
      returnedWh: Object.freeze({ "shelly-1 switch:0": 1 }),
      names: Object.freeze({}),
    }) as unknown as DecoderState;
    const payload = bytes(JSON.stringify(notify({ "switch:0": { ret_aenergy: { total: 2 } } })));
    const decoded = decodeMessage({ transport: "mqtt", topic: "x/events/rpc", receivedAtMs: 0, payload }, () => state);
    expect(decoded.state).toEqual({ returnedWh: { "shelly-1 switch:0": 2 }, names: { x: "shelly-1" } });
  });
});

describe("limits", () => {
  it("does not remember more devices than anybody has", () => {
    let state: DecoderState | undefined;
    for (let i = 0; i < 1200; i++) {
      const params = { "switch:0": { aenergy: { total: 2 }, ret_aenergy: { total: 1 } } };
      const payload = bytes(JSON.stringify({ ...notify(params), src: `shelly-${i}` }));
      const message = { transport: "mqtt" as const, topic: `x${i}/events/rpc`, receivedAtMs: 0, payload };
      state = decodeMessage(message, () => state).state ?? state;
    }
    expect(Object.values(state!).map((memory) => Object.keys(memory as object).length)).toEqual([1000, 1000]);
  });

  it("keeps registers finite that are too large to be rounded", () => {
    const registers = { "switch:0": { aenergy: { total: 1e308 }, ret_aenergy: { total: 4000 } } };
    expect(connection()("s/events/rpc", notify(registers)).values).toEqual({
      "energy.import.ch0": 1e305,
      "energy.export.ch0": 4,
    });
  });
});

describe("topics and names", () => {
  it("a device under a prefix of the user's is one device, once it has said its name", () => {
    const send = connection();
    expect(send("home/plug/status/switch:0", { apower: 5 }).readings[0]!.device).toBe("home/plug");
    send("home/plug/events/rpc", notify({ "switch:0": { apower: 5 } }));
    expect(send("home/plug/status/switch:0", { apower: 5 }).readings[0]!.device).toBe("shelly-1");
    expect(send("home/plug/online", "false").readings).toEqual([
      { device: "shelly-1", metric: "online", value: false, unit: null, timeMs: null, kind: "state" },
    ]);
  });

  it("reads an answer to a request, and is quiet about what measures nothing", () => {
    const send = connection();
    const answer = {
      id: 1,
      src: "shellyplus1pm-1",
      dst: "user_1",
      result: { "pm1:0": { id: 0, apower: 7.5 }, sys: { uptime: 1 } },
    };
    expect(send("user_1/rpc", answer).values).toEqual({ "power.ch0": 7.5 });
    expect(send("p/status/sys", { uptime: 1 })).toMatchObject({ format: "shelly-gen2", readings: [] });
    const cleared = send("p/status/switch:0", "");
    expect([cleared.readings, cleared.error], "a retained topic that is cleared").toEqual([[], undefined]);
    expect(send("p/events/rpc", notify({ events: [] }, "NotifyEvent"))).toMatchObject({ readings: [] });
  });

  it.each(["", "{", "[]", "null", '{"method":"NotifyStatus","params":{}}', '{"src":"a","method":"NotifyStatus"}'])(
    "refuses %s with a sentence",
    (payload) => expect(connection()("p/events/rpc", payload).error).toEqual(expect.any(String)),
  );
});

describe("components", () => {
  it.each([
    ["cover:0", { state: "open", apower: 3, pf: 0.5 }, { "power.ch0": 3, "power_factor.ch0": 0.5 }],
    ["light:1", { output: true, brightness: 50, apower: 9 }, { "relay.ch1": true, "power.ch1": 9 }],
    ["pm1:0", { apower: 3, aprtpower: 4, freq: 50 }, { "power.ch0": 3, "apparent_power.ch0": 4, "frequency.ch0": 50 }],
    [
      "em:0",
      { a_current: 1, n_current: 0.2, total_current: 3, a_pf: null },
      { "current.l1": 1, "current.n": 0.2, current: 3 },
    ],
    ["em1:2", { act_power: -5, errors: ["out_of_range:voltage"], voltage: 0 }, { "power.ch2": -5 }],
    ["em:0", { a_act_power: 0, a_errors: ["power_meter_failure"], b_act_power: 2 }, { "power.l2": 2 }],
    ["em1data:0", { total_act_energy: 1000, total_act_ret_energy: null }, { "energy.import.ch0": 1 }],
    ["emdata:0", { c_total_act_energy: 500, total_act_ret: 0 }, { "energy.import.l3": 0.5, "energy.export": 0 }],
    ["temperature:100", { tC: 21.5, tF: 70.7 }, { "temperature.ch100": 21.5 }],
    ["humidity:0", { rh: 40 }, { "humidity.ch0": 40 }],
    ["voltmeter:100", { voltage: 4.2 }, { "voltage.ch100": 4.2 }],
    ["devicepower:0", { battery: { V: 5.3, percent: 80 }, external: { present: false } }, { battery: 80 }],
    ["devicepower:0", { battery: { V: null, percent: null }, external: { present: true } }, {}],
    ["wifi", { sta_ip: "192.0.2.7", rssi: -61 }, { signal_strength: -61 }],
    ["wifi", { sta_ip: null, rssi: 0 }, {}],
    ["switch:0", { apower: null, temperature: { tC: null }, errors: ["overtemp"] }, {}],
    ["input:0", { state: true }, {}],
  ])("%s %j", (component, status, expected) => {
    expect(connection()(`p/status/${component}`, status).values).toEqual(expected);
  });

  it("takes no time from a clock that was never set", () => {
    const [reading] = connection()("p/events/rpc", notify({ ts: 12.5, "switch:0": { apower: 1 } })).readings;
    expect(reading!.timeMs).toBeNull();
  });

  it("refuses a number that is not finite and keeps the others", () => {
    const decoded = connection()("p/status/switch:0", '{"apower":1e999,"voltage":230}');
    expect(decoded.values).toEqual({ "voltage.ch0": 230 });
    expect(decoded.error).toBe("power.ch0 is not a finite number");
  });
});
