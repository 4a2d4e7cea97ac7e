import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { obisD0 } from "./obis-d0.ts";
import { obisField, obisOf } from "./obis.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

const decode = (lines: string[], config?: Record<string, unknown>) =>
  decodeMessage(mqtt("cellar/head", `/ESY5Q3DB1024 V3.04\r\n\r\n\x02${lines.join("\r\n")}\r\n!\r\n\x03F`, config));

describe("OBIS codes", () => {
  it.each([
    ["1-0:1.8.0*255", "energy.import"],
    ["1.8.0", "energy.import"],
    ["1.8", "energy.import"],
    ["1-1:2.8.4", "energy.export.t4"],
    ["1-0:1.7.255*255", "power.import"],
    ["16.7.0", "power"],
    ["1-0:56.7.0*255", "power.l2"],
    ["1-0:32.7.0", "voltage.l1"],
    ["1-0:33.7.0", "power_factor.l1"],
    ["1-0:41.8.0", "energy.import.l2"],
    ["1-0:16.8.0", "energy.net"],
    ["1-0:3.8.0", "energy_reactive.import"],
    ["1-0:91.7.0", "current.n"],
    ["1-0:1.8.0*01", undefined],
    ["1.8.0&12", undefined],
    ["7-0:3.0.0", undefined],
    ["1-0:81.7.1", undefined],
    ["C.1.0", undefined],
    ["F.F", undefined],
    ["1-0:5.8.0", undefined],
    ["hello", undefined],
  ])("%s is %s", (code, metric) => {
    const obis = obisOf(code);
    expect(obis && obisField(obis)?.metric).toBe(metric);
  });
});

describe("a D0 readout", () => {
  it("reads what is printed, and leaves past periods and absent units alone", () => {
    const decoded = decode([
      "0.0.0(00981234)",
      "1-0:1.8.0*255(00052185.78*kWh)",
      "1-0:1.8.0*01(00040000.00*kWh)",
      "2.8.0(0000033100*Wh)",
      "16.7.0(-000894.0*W)",
      "1.7.0(00.412*kW)",
      "1-0:32.7.0*255(231.2*V)",
      "1.8.1(0004312.250)",
    ]);
    expect(decoded.error).toBeUndefined();
    expect(valuesOf(decoded)).toEqual({
      "energy.import": 52185.78,
      "energy.export": 33.1,
      power: -894,
      "power.import": 412,
      "voltage.l1": 231.2,
      "energy.import.t1": 4312.25,
    });
    expect(decoded.readings.map(({ device }) => device)).toEqual(new Array(6).fill("00981234"));
    expect(decoded.readings.at(-1)).toMatchObject({ metric: "energy.import.t1", unit: null });
  });

  it.each([
    [["1-0:0.0.0*255(0272031312565)", "0-0:96.1.255*255(1ESY1313002565)"], "1ESY1313002565"],
    [["C.1.0(30303030)", "0.0.0(00981234)"], "00981234"],
    [["C.1.0(00345678)", "0.0.0()"], "00345678"],
    [["F.F(00)"], "@token"],
  ])("%j names the device %s", (lines, device) => {
    expect(decode([...lines, "1.8.0(1*kWh)"]).readings[0]!.device).toBe(device);
  });

  it("has a clock without a zone: the server's time, unless the user says where it is", () => {
    const lines = ["0.9.1(10:25:10)", "0.9.2(25-03-14)", "1.8.0(1*kWh)"];
    expect(decode(lines).readings[0]!.timeMs).toBeNull();
    const berlin = decode(lines, { timezone: "Europe/Berlin" });
    expect(berlin.readings[0]!.timeMs).toBe(Date.parse("2025-03-14T09:25:10Z"));
  });

  it("is known by its codes on any topic, and over HTTP by its path", () => {
    expect(decoderOf(mqtt("x", "/ISk5ME162\r\n1.8.0(1*kWh)\r\n!\r\n"))?.format).toBe("obis-d0");
    expect(decoderOf(mqtt("x", "/ISk5ME162\r\n1-0:1.8.0(1*kWh)\r\n!\r\n"))?.format).toBe("dsmr-p1");
    for (const path of ["/ingest/obis", "/ingest/obis-d0"])
      expect(decoderOf({ ...mqtt("", ""), transport: "http", topic: undefined, path })?.format).toBe("obis-d0");
  });

  it.each(["/ESY5Q3D\r\n1.8.0(0004312.2", "", "no readout"])("%j is refused", (payload) => {
    expect(obisD0.decode(mqtt("x", payload), undefined)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("keeps the good lines where one has a unit that does not fit", () => {
    const decoded = decode(["1.8.0(1*V)", "2.8.0(2*kWh)"]);
    expect(valuesOf(decoded)).toEqual({ "energy.export": 2 });
    expect(decoded.error).toContain("1.8.0");
  });

  it("bears anything", () => {
    expectToBearAnything(obisD0, ["x"], ["/ABC5X\r\n1.8.0(1e999*kWh)\r\n!\r\n", "/ABC5\r\n0.9.1()\r\n1.8.0()()\r\n!"]);
  });
});
