import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { decodeMessage, decoderOf } from "./registry.ts";
import { smlField } from "./sml-names.ts";
import { smlTasmota } from "./sml-tasmota.ts";

const decode = (payload: unknown, config?: Record<string, unknown>) =>
  decodeMessage(mqtt("tele/meter/SENSOR", payload, config));

describe("names in a script", () => {
  it.each([
    ["Total_in", "energy.import kWh"],
    ["Total_out", "energy.export kWh"],
    ["Total_in_T1", "energy.import.t1 kWh"],
    ["Total_HT", "energy.import.t1 kWh"],
    ["TotalIn", "energy.import kWh"],
    ["E_in", "energy.import kWh"],
    ["E_out", "energy.export kWh"],
    ["Verbrauch", "energy.import kWh"],
    ["Netzeinspeisung", "energy.export kWh"],
    ["Zählerstand", "energy.import kWh"],
    ["Power_curr", "power W"],
    ["Power_in", "power.import W"],
    ["Power_L1_curr", "power.l1 W"],
    ["power_l3", "power.l3 W"],
    ["P_L2", "power.l2 W"],
    ["P", "power W"],
    ["Leistung_kW", "power kW"],
    ["Volt_p1", "voltage.l1 V"],
    ["voltage_l2", "voltage.l2 V"],
    ["Spannung_L3", "voltage.l3 V"],
    ["Amperage_p2", "current.l2 A"],
    ["current_l1", "current.l1 A"],
    ["Strom_L1", "current.l1 A"],
    ["I2", "current.l2 A"],
    ["HZ", "frequency Hz"],
    ["cosphi", "power_factor 1"],
    ["1_8_0", "energy.import kWh"],
    ["1-0:2.8.1", "energy.export.t1 kWh"],
    ["16_7_0", "power W"],
    ["180", "energy.import kWh"],
    // Names of the scripts in Tasmota's documentation.
    ["EC_CounterVal", "energy.import kWh"],
    ["counter_pos", "energy.import kWh"],
    ["counter_neg", "energy.export kWh"],
    ["neg_wirk_tarif_2", "energy.export.t2 kWh"],
    ["Energy_P1_R3", "energy.import.t3 kWh"],
    ["HT_Total_in", "energy.import.t1 kWh"],
    ["kWh_OUT_T2", "energy.export.t2 kWh"],
    ["momentanwirkleistung", "power W"],
    ["current_consumption", "power W"],
    ["P_L1_L2_L3", "power W"],
    ["kW_L1+L2+L3", "power kW"],
    ["Voltage_L2-N", "voltage.l2 V"],
    ["Frequency_P1", "frequency.l1 Hz"],
    ["PFactor_P1", "power_factor.l1 1"],
  ])("%s is %s", (name, field) => {
    const found = smlField("SML", name);
    expect(`${found?.metric} ${found?.unit}`).toBe(field);
  });

  it.each([
    "Meter_number",
    "Meter_id",
    "Server_ID",
    "Total_in_24h",
    "Total_yesterday",
    "Phase_angle_L2_L1",
    "Temp",
    "x",
    "total_delivered_kwh",
    "kvarh_IN",
    "Blindleistung",
    "Curr_SF",
    "Tariff_P1",
    "HeatEnergyE1",
  ])("%s is no guess", (name) => {
    expect(smlField("SML", name)).toBeUndefined();
  });

  it("a heat meter's energy is no electricity", () => {
    expect([smlField("WAERME", "w_total"), smlField("WAERME", "v_total")]).toEqual([undefined, undefined]);
    expect(smlField("Heat_Pump", "Power_curr")).toMatchObject({ metric: "power" });
  });

  it("reads the counts of a gas or water meter", () => {
    expect(smlField("Gas", "Count")).toMatchObject({ metric: "gas", unit: "m3", kind: "counter" });
    expect(smlField("SML", "Total_water")).toMatchObject({ metric: "water" });
    expect(smlField("Gas", "Power")).toBeUndefined();
  });
});

describe("SML over Tasmota", () => {
  it("takes only what has a script's meter from Tasmota", () => {
    const formatOf = (payload: unknown, topic = "tele/x/SENSOR") => decoderOf(mqtt(topic, payload))?.format;
    expect(formatOf({ SML: { Power_curr: 1 } })).toBe("sml-tasmota");
    expect(formatOf({ StatusSNS: { MT175: { P: 1 } } }, "stat/x/STATUS10")).toBe("sml-tasmota");
    expect(formatOf({ ENERGY: { Power: 1 } })).toBe("tasmota");
    expect(formatOf({ AM2301: { Temperature: 21, Humidity: 40 } })).toBe("tasmota");
    expect(formatOf({ INA219: { Voltage: 4.4, Current: 0.02, Power: 0.08 } })).toBe("tasmota");
    expect(formatOf({ SML: { Power_curr: 1 } }, "tele/x/STATE")).toBe("tasmota");
    expect(formatOf("{")).toBe("tasmota");
  });

  it("keeps what Tasmota reads beside the meter", () => {
    const decoded = decode({ SML: { Power_curr: -894 }, DS18B20: { Temperature: 18.5 } });
    expect(valuesOf(decoded)).toEqual({ power: -894, temperature: 18.5 });
  });

  it("tells meters under other keys apart", () => {
    const { readings } = decode({ House: { Power_curr: 500 }, PV: { Power_curr: -200 } });
    expect(readings.map(({ value, tags }) => [value, tags])).toEqual([
      [500, { meter: "House" }],
      [-200, { meter: "PV" }],
    ]);
  });

  it("takes the first of two names that read the same: an older season is not a register of now", () => {
    expect(valuesOf(decode({ STROM: { Total_T1: 500, "Total_T1-1": 400, "Total_T1-2": 300 } }))).toEqual({
      "energy.import.t1": 500,
    });
  });

  it("waits for the meter after boot, but takes a true zero beside a register", () => {
    expect(valuesOf(decode({ SML: { Total_in: 0, Total_out: 0, Power_curr: 0 } }))).toEqual({});
    expect(valuesOf(decode({ SML: { Total_in: 5, Total_out: 0, Power_curr: 0 } }))).toEqual({
      "energy.import": 5,
      "energy.export": 0,
      power: 0,
    });
    expect(valuesOf(decode({ SML: { Power_curr: 0 } }))).toEqual({ power: 0 });
  });

  it("takes the user's map instead of guesses, with Tasmota's time", () => {
    const config = { map: { "SML.a": "energy.import:Wh:counter", "SML.b": "power:kW" }, timezone: "Europe/Berlin" };
    const decoded = decode({ Time: "2025-03-14T10:25:00", SML: { a: 1500, b: "0.5", Power_curr: 7 } }, config);
    expect(valuesOf(decoded)).toEqual({ "energy.import": 1.5, power: 500 });
    expect(decoded.readings[0]).toMatchObject({ device: "meter", timeMs: Date.parse("2025-03-14T09:25:00Z") });
    const wrong = decode({ SML: { Power_curr: 1 } }, { map: { "SML.a": "power:parsec" } });
    expect(wrong).toMatchObject({ readings: [], error: expect.stringContaining("parsec") });
  });

  it("passes over nan, refuses what is no number, and keeps the rest", () => {
    expect(valuesOf(decode('{"SML":{"Power_curr":nan,"Total_in":5}}'))).toEqual({ "energy.import": 5 });
    const decoded = decode({ SML: { Power_curr: "much", Total_in: 5 } });
    expect(valuesOf(decoded)).toEqual({ "energy.import": 5 });
    expect(decoded.error).toBe('Power_curr is "much", a number was expected');
  });

  it("bears anything", () => {
    expectToBearAnything(
      smlTasmota,
      ["tele/x/SENSOR", "stat/x/STATUS10", "x/tele/SENSOR"],
      ["SML", "Total_in", "Power_curr", "1_8_0", "StatusSNS", "Time", "P_L1"],
    );
  });
});
