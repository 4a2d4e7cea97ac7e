import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { Decoded } from "./device.ts";
import { crc16, dsmrP1 } from "./dsmr-p1.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

const hexOf = (id: string): string => [...id].map((letter) => letter.charCodeAt(0).toString(16)).join("");
const meterId = `0-0:96.1.1(${hexOf("E0025003812345619")})`;
const telegramOf = (lines: string[], end = "\r\n"): string => `${["/KFM5KAIFA-METER", "", ...lines, "!"].join(end)}`;
const checksumOf = (telegram: string): string => crc16(new TextEncoder().encode(telegram)).toString(16).toUpperCase();
const signed = (lines: string[]): string => {
  const telegram = telegramOf(lines);
  return `${telegram}${checksumOf(telegram).padStart(4, "0")}\r\n`;
};
const decode = (payload: string, config?: Record<string, unknown>): Decoded =>
  decodeMessage(mqtt("p1/raw", payload, config));
const timesOf = ({ readings }: Decoded) =>
  readings.map(({ timeMs }) => (timeMs === null ? null : new Date(timeMs).toISOString()));

describe("the CRC", () => {
  it("is CRC16/ARC", () => {
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0xbb3d);
  });

  it("counts when leading zeros are dropped, in small letters, and where a bridge has shortened line ends", () => {
    for (let i = 0; ; i++) {
      const lines = [`1-0:1.7.0(00.${String(i).padStart(3, "0")}*kW)`];
      const telegram = telegramOf(lines);
      const checksum = checksumOf(telegram);
      if (checksum.length !== 3) continue;
      expect(decode(`${telegram}${checksum.toLowerCase()}\r\n`).readings).toHaveLength(1);
      expect(decode(`${telegramOf(lines, "\n")}0${checksum}\n`).readings).toHaveLength(1);
      return;
    }
  });

  it.each(["0000", "XYZ1", "12345"])("!%s is refused, readings and all", (checksum) => {
    const decoded = decode(`${telegramOf(["1-0:1.7.0(00.498*kW)"])}${checksum}`);
    expect(decoded).toMatchObject({ readings: [], error: expect.stringContaining("CRC mismatch") });
  });
});

describe("a telegram", () => {
  it.each([
    ["1-0:1.8.1(000301.548*kWh)", { "energy.import.t1": 301.548 }],
    ["1-0:2.8.0(00000005*Wh)", { "energy.export": 0.005 }],
    ["1-0:22.7.0(00.951*kW)", { "power.export.l1": 951 }],
    ["1-0:61.7.0(00639.73*W)", { "power.import.l3": 639.73 }],
    ["1-0:72.7.0(237.2*V)", { "voltage.l3": 237.2 }],
    ["1-0:51.7.0(004.2*A)", { "current.l2": 4.2 }],
    ["1-0:23.7.0(00.309*kvar)", { "reactive_power.import.l1": 309 }],
    ["1-0:14.7.0(49.98*Hz)", { frequency: 49.98 }],
    ["1-0:13.7.0(0.98)", { power_factor: 0.98 }],
    ["1-0:1.4.0(02.351*kW)", { "power.demand.average": 2351 }],
    ["0-0:96.14.0(0001)", { tariff: "1" }],
    ["0-0:17.0.0(999.9*kW)", {}],
    ["1-0:31.4.0(999*A)", {}],
    ["1-0:99.97.0(1)(0-0:96.7.19)(000101000001W)(2147483647*s)", {}],
    ["1-0:1.8.0()", {}],
    ["1-0:1.6.0(632525252525W)(00.000*kW)", {}],
    ["0-0:96.13.0(3031323334)", {}],
  ])("%s is %j", (line, values) => {
    const decoded = decode(signed([line]));
    expect(decoded.error).toBeUndefined();
    expect(valuesOf(decoded)).toEqual(values);
  });

  it.each([
    ["250706115130W", undefined, "2025-07-06T10:51:30.000Z"],
    ["250706115130S", undefined, "2025-07-06T09:51:30.000Z"],
    ["251026023000S", undefined, "2025-10-26T00:30:00.000Z"],
    ["251026023000W", undefined, "2025-10-26T01:30:00.000Z"],
    ["250706115130", undefined, null],
    ["250706115130", { timezone: "Europe/Brussels" }, "2025-07-06T09:51:30.000Z"],
    ["632525252525S", undefined, null],
    ["000101000000W", undefined, null],
  ])("the clock %s with %j is %s", (clock, config, time) => {
    expect(timesOf(decode(signed([`0-0:1.0.0(${clock})`, "1-0:1.7.0(00.498*kW)"]), config))).toEqual([time]);
  });

  it.each([
    [hexOf("E0025003812345619"), "E0025003812345619"],
    ["E0025003812345619", "E0025003812345619"],
    ["00981234", "00981234"],
    ["", "@token"],
  ])("the id %s is %s", (id, device) => {
    expect(decode(signed([`0-0:96.1.1(${id})`, "1-0:1.7.0(00.498*kW)"])).readings[0]!.device).toBe(device);
  });

  it("of DSMR 2.2 has no CRC and no clock, and its gas on a second line", () => {
    const telegram = telegramOf([
      meterId,
      "1-0:1.8.1(00608.400*kWh)",
      "0-1:96.1.0(3238303131303031323333343031)",
      "0-1:24.1.0(03)",
      "0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.0)(m3)",
      "(00947.680)",
    ]);
    const decoded = decode(`${telegram}\r\n`);
    expect(decoded.readings).toMatchObject([
      { device: "E0025003812345619", metric: "energy.import.t1", value: 608.4, timeMs: null },
      { device: "28011001233401", metric: "gas", value: 947.68, unit: "m3", timeMs: null },
    ]);
  });

  const subMeter = (type: string, id: string, line: string) =>
    decode(signed([meterId, "0-0:1.0.0(250314092600W)", `0-1:24.1.0(${type})`, `0-1:96.1.0(${id})`, `0-1:${line}`]));

  it.each([
    ["004", "24.2.1(250314090000W)(12.345*GJ)", "heat", 3429.1666667, "kWh"],
    ["012", "24.2.1(250314090000W)(1.000*GJ)", "heat", 277.7777778, "kWh"],
    ["007", "24.2.1(250314090000W)(00008.579*m3)", "water", 8.579, "m3"],
    ["002", "24.2.1(250314090000W)(00012.345*kWh)", "energy.import", 12.345, "kWh"],
    ["003", "24.2.3(250314090000W)(00092.287*m3)", "gas", 92.287, "m3"],
    ["003", "24.2.1(00092.287*m3)", "gas", 92.287, "m3"],
  ])("sub-meter %s %s is %s", (type, line, metric, value, unit) => {
    const { readings } = subMeter(type, hexOf("G0030002345678918"), line);
    expect(readings).toMatchObject([{ device: "G0030002345678918", metric, unit, kind: "counter" }]);
    expect(readings[0]!.value).toBeCloseTo(value, 6);
  });

  it.each([
    ["003", "", "24.2.1(250314090000W)(00092.287*m3)"],
    ["003", hexOf("G0030002345678918"), "24.2.1(632525252525S)(00000.000)"],
    ["003", hexOf("G0030002345678918"), "24.2.1(700101000000W)(00000000)"],
    ["008", hexOf("H0030002345678918"), "24.2.1(250314090000W)(00001.000*m3)"],
  ])("sub-meter %s %s %s is a ghost", (type, id, line) => {
    expect(subMeter(type, id, line)).toEqual({ format: "dsmr-p1", readings: [] });
  });

  it("that a gateway has shortened still says gas", () => {
    const decoded = decode(signed([meterId, "0-1:24.2.1(250314090000W)(00092.287*m3)"]));
    expect(decoded.readings).toMatchObject([{ device: "E0025003812345619", metric: "gas" }]);
  });

  it("behind the rest of another, and two in one message, are read", () => {
    const one = signed([meterId, "1-0:1.7.0(00.498*kW)"]);
    expect(decode(`00.5*kW)\r\n!AB12\r\n${one}`).readings).toHaveLength(1);
    expect(decode(one + one).readings).toHaveLength(2);
    expect(decode(one + one.slice(0, 40)).readings).toHaveLength(1);
  });

  it.each([
    ["/KFM5KAIFA-METER\r\n1-0:1.7.0(00.5", "incomplete telegram"],
    ["no telegram at all", "no telegram"],
    [`${telegramOf(["1-0:1.7.0(00.498*parsec)"])}`, "parsec"],
  ])("%j is refused", (payload, sentence) => {
    expect(decode(payload)).toMatchObject({ readings: [], error: expect.stringContaining(sentence) });
  });

  it("encrypted is refused, an empty retained message is nothing", () => {
    const encrypted = { ...mqtt("p1/raw", ""), payload: new Uint8Array([0xdb, 8, 1, 2]) };
    expect(decodeMessage(encrypted).error).toContain("encrypted");
    expect(decode("")).toEqual({ format: "dsmr-p1", readings: [] });
  });

  it("is known on any topic, and over HTTP by its path", () => {
    const telegram = signed(["1-0:1.7.0(00.498*kW)"]);
    expect(decoderOf(mqtt("cellar/meter", telegram))?.format).toBe("dsmr-p1");
    expect(dsmrP1.match(mqtt("cellar/meter", "/home"))).toBe(false);
    for (const path of ["/ingest/p1", "/ingest/dsmr-p1"])
      expect(decoderOf({ ...mqtt("", telegram), transport: "http", topic: undefined, path })?.format).toBe("dsmr-p1");
  });
});

describe("whatever a telegram holds", () => {
  it("bytes and JSON are borne", () => {
    expectToBearAnything(dsmrP1, ["dsmr/raw"], ["/KFM5X\r\n1-0:1.7.0(1*kW)\r\n!", "!", "/ABC5"]);
  });

  it("lines of anything are borne, with finite numbers", () => {
    const code = fc.constantFrom(
      "0-0:1.0.0",
      "0-0:96.1.1",
      "1-0:1.8.0",
      "1-0:1.6.0",
      "0-1:24.1.0",
      "0-1:24.2.1",
      "0-1:24.3.0",
    );
    const value = fc.constantFrom(
      "",
      "003",
      "250314092600W",
      "1e999*kWh",
      "9".repeat(400),
      "1*GJ",
      "00.5*kW",
      "m3",
      "*",
      "nan",
    );
    const line = fc
      .tuple(code, fc.array(value, { maxLength: 7 }))
      .map(([name, all]) => name + all.map((v) => `(${v})`).join(""));
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 8 }), (lines) => {
        for (const { value: number, kind } of decode(signed(lines)).readings)
          if (kind !== "state") expect(number).toSatisfy(Number.isFinite);
      }),
      { numRuns: 1000 },
    );
  });
});
