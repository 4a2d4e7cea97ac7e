import { describe, expect, it } from "vitest";
import { expectToBearAnything, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { Message } from "./device.ts";
import { fronius } from "./fronius.ts";
import { decodeMessage } from "./registry.ts";

const head = (request: object = {}) => ({
  RequestArguments: request,
  Status: { Code: 0, Reason: "", UserMessage: "" },
  Timestamp: "2025-06-21T13:05:00+02:00",
});
const push = (body: unknown): Message => ({
  transport: "http",
  method: "POST",
  path: "/ingest/fronius",
  receivedAtMs: 0,
  payload: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
});
const decode = (data: unknown, request?: object) => decodeMessage(push({ Head: head(request), Body: { Data: data } }));

describe("Fronius", () => {
  it("reads one inverter (device scope), its phases and its DC inputs", () => {
    const data = {
      DAY_ENERGY: { Unit: "Wh", Value: 8000 },
      FAC: { Unit: "Hz", Value: 50.01 },
      IAC: { Unit: "A", Value: 3.4 },
      IDC: { Unit: "A", Value: 8.2 },
      UDC_2: { Unit: "V", Value: 420 },
      UAC_L2: { Unit: "V", Value: 231 },
      PAC: { Unit: "kW", Value: 0.78 },
      TOTAL_ENERGY: { Unit: "MWh", Value: 26.2 },
      DeviceStatus: { StatusCode: 7, ErrorCode: 0 },
    };
    const decoded = decode(data, { DeviceId: "2", Scope: "Device", DataCollection: "CommonInverterData" });
    expect(new Set(decoded.readings.map(({ device }) => device))).toEqual(new Set(["inverter/2"]));
    expect(valuesOf(decoded)).toEqual({
      "energy.production.today": 8,
      frequency: 50.01,
      current: 3.4,
      "current.dc1": 8.2,
      "voltage.dc2": 420,
      "voltage.l2": 231,
      "pv.power": 780,
      "energy.production": 26200,
    });
  });

  it("keeps several inverters apart, and passes over the one that sleeps", () => {
    const { readings } = decode({ PAC: { Unit: "W", Values: { 1: 100, 2: null, 3: 300 } } });
    expect(readings.map(({ device, value }) => `${device} ${value}`)).toEqual(["inverter/1 100", "inverter/3 300"]);
  });

  const meter = {
    Details: { Model: "Smart Meter 63A" },
    PowerReal_P_Sum: -2210.4,
    PowerReal_P_Phase_2: -700,
    Voltage_AC_Phase_1: 231.2,
    Frequency_Phase_Average: 50,
    EnergyReal_WAC_Sum_Consumed: 4312250,
    EnergyReal_WAC_Sum_Produced: 33100,
    EnergyReal_WAC_Plus_Absolute: 4312250,
    EnergyReactive_VArAC_Sum_Consumed: 88000,
    TimeStamp: 1750503900,
  };
  const meterValues = {
    power: -2210.4,
    "power.l2": -700,
    "voltage.l1": 231.2,
    frequency: 50,
    "energy.import": 4312.25,
    "energy.export": 33.1,
    "energy_reactive.import": 88,
  };

  it("reads a meter by itself and among others", () => {
    const alone = decode(meter, { DeviceClass: "Meter", DeviceId: 1, Scope: "Device" });
    expect(alone.readings[0]).toMatchObject({ device: "meter/1", timeMs: Date.parse("2025-06-21T11:05:00Z") });
    expect(valuesOf(alone)).toEqual(meterValues);
    const all = decode({ 0: meter, 1: { PowerReal_P_Sum: 5 } }, { DeviceClass: "Meter", Scope: "System" });
    expect(new Set(all.readings.map(({ device }) => device))).toEqual(new Set(["meter/0", "meter/1"]));
  });

  it("reads a GEN24's meter, a storage and an Ohmpilot", () => {
    expect(
      valuesOf(
        decode({ 0: { SMARTMETER_POWERACTIVE_MEAN_SUM_F64: 12, SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64: 5000 } }),
      ),
    ).toEqual({ power: 12, "energy.export": 5 });
    const storage = decode({ 0: { Controller: { StateOfCharge_Relative: 71.4, Temperature_Cell: 23 }, Modules: [] } });
    expect(storage.readings.map(({ device, metric }) => `${device} ${metric}`)).toEqual([
      "storage/0 soc",
      "storage/0 temperature",
    ]);
    const ohmpilot = decode({ 0: { PowerReal_PAC_Sum: 900, EnergyReal_WAC_Sum_Consumed: 2000, CodeOfState: 0 } });
    expect(ohmpilot.readings[0]!.device).toBe("ohmpilot/0");
    expect(valuesOf(ohmpilot)).toEqual({ power: 900, "energy.import": 2 });
  });

  it("reads a power flow: discharging is negative, and inverters keep their state of charge", () => {
    const site = { P_Grid: 0, P_Load: 0, P_Akku: 850, P_PV: 10, E_Year: 1000, rel_Autonomy: 100 };
    const decoded = decode({ Site: site, Inverters: { 1: { P: 860, SOC: 40 } } });
    expect(valuesOf(decoded)).toEqual({
      "grid.power": 0,
      "load.power": 0,
      "battery.power": -850,
      "pv.power": 10,
      "energy.production.year": 1,
      autonomy: 100,
      soc: 40,
    });
    expect(decoded.readings.find(({ metric }) => metric === "soc")?.device).toBe("inverter/1");
    expect(Object.is(decoded.readings.find(({ metric }) => metric === "load.power")?.value, 0)).toBe(true);
  });

  it("takes data right in the body, and answers without measurements", () => {
    const bare = push({ Head: head(), Body: { PAC: { Unit: "W", Values: { 1: 5 } } } });
    expect(valuesOf(decodeMessage(bare))).toEqual({ "pv.power": 5 });
    const info = push({ Head: head(), Body: { LoggerInfo: { UniqueID: "240.1", CO2Factor: 0.53 } } });
    expect(decodeMessage(info)).toEqual({ format: "fronius", readings: [] });
  });

  it("gives the device's own reason for an error", () => {
    const error = { ...head(), Status: { Code: 8, Reason: "", UserMessage: "Device not available" } };
    expect(decodeMessage(push({ Head: error, Body: { Data: { PAC: { Unit: "W", Value: 3 } } } }))).toEqual({
      format: "fronius",
      readings: [],
      error: "device status code 8: Device not available",
    });
  });

  it.each(["", "{", "[]", "{}", '{"Head":{}}', '{"Body":{}}'])("refuses %s with a sentence", (payload) => {
    expect(decodeMessage(push(payload))).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("refuses an unknown unit, and keeps the rest", () => {
    const decoded = decode({ PAC: { Unit: "parsec", Value: 3 }, FAC: { Unit: "Hz", Value: 50 } });
    expect(valuesOf(decoded)).toEqual({ frequency: 50 });
    expect(decoded.error).toBe('PAC is in an unknown unit, "parsec"');
  });

  it("bears anything", () => {
    expectToBearAnything(
      fronius,
      ["x"],
      "Head Body Data Status Code Site Inverters PAC Unit Values Value 0 1 Controller P_Load W Timestamp".split(" "),
    );
  });
});
