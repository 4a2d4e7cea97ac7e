import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { decodeMessage, decoderOf } from "./registry.ts";
import { mediumOf, wmbusField } from "./wmbus-names.ts";
import { wmbusmeters } from "./wmbusmeters.ts";

const telegram = (values: object, media = "electricity") => ({
  ...{ _: "telegram", media, meter: "amiplus", name: "Meter", id: "00254358" },
  ...values,
  timestamp: "2025-03-14T09:25:00Z",
});
const decode = (values: object, media?: string) => decodeMessage(mqtt("wmbusmeters/00254358", telegram(values, media)));

describe("keys", () => {
  it.each([
    ["electricity", "total_energy_consumption_kwh", "energy.import kWh"],
    ["electricity", "total_kwh", "energy.import kWh"],
    ["electricity", "total_energy_production_tariff_2_kwh", "energy.export.t2 kWh"],
    ["electricity", "total_energy_consumption_tariff_1_kwh", "energy.import.t1 kWh"],
    ["electricity", "current_power_consumption_kw", "power.import kW"],
    ["electricity", "active_consumption_l2_kw", "power.import.l2 kW"],
    ["electricity", "current_power_production_kw", "power.export kW"],
    ["electricity", "power_kw", "power kW"],
    ["electricity", "voltage_at_phase_3_v", "voltage.l3 V"],
    ["electricity", "voltage_l1_n_v", "voltage.l1 V"],
    ["electricity", "current_at_phase_1_a", "current.l1 A"],
    ["electricity", "current_l3_a", "current.l3 A"],
    ["electricity", "frequency_hz", "frequency Hz"],
    ["heat", "total_energy_consumption_kwh", "heat kWh"],
    ["heat", "total_energy_consumption_gj", "heat GJ"],
    ["heat", "total_volume_m3", "heat.volume m3"],
    // ultraheat, sensostar and hydrocalm3 name theirs in their own way.
    ["heat", "heat_kwh", "heat kWh"],
    ["heat", "total_kwh", "heat kWh"],
    ["heat", "total_water_m3", "heat.volume m3"],
    ["heat", "volume_m3", "heat.volume m3"],
    ["heat", "forward_c", "temperature.flow degC"],
    ["heat", "flow_c", "temperature.flow degC"],
    ["heat", "return_c", "temperature.return degC"],
    ["heat", "supply_temperature_c", "temperature.flow degC"],
    ["heat/cooling load", "total_heating_kwh", "heat kWh"],
    ["heat/cooling load", "total_heating_m3", "heat.volume m3"],
    ["heat/cooling load", "total_cooling_kwh", "cooling kWh"],
    ["heat/cooling load", "total_cooling_m3", "cooling.volume m3"],
    ["heat", "power_kw", "heat.power kW"],
    ["heat", "current_power_consumption_kw", "heat.power kW"],
    ["heat", "volume_flow_m3h", "heat.flow m3/h"],
    ["heat", "t1_temperature_c", "temperature.flow degC"],
    ["heat", "return_temperature_c", "temperature.return degC"],
    ["water", "total_m3", "water m3"],
    ["warm water", "total_m3", "water m3"],
    ["water", "total_water_m3", "water m3"],
    ["water", "total_l", "water L"],
    ["water", "flow_temperature_c", "temperature.flow degC"],
    ["water", "external_temperature_c", "temperature.external degC"],
    ["gas", "total_m3", "gas m3"],
    ["radio converter (meter side)", "total_m3", "volume m3"],
    ["room sensor", "current_temperature_c", "temperature degC"],
    ["room sensor", "current_relative_humidity_rh", "humidity %"],
    ["heat cost allocation", "current_consumption_hca", "heat.allocation null"],
    ["water", "rssi_dbm", "signal_strength dBm"],
  ])("of %s: %s is %s", (media, key, field) => {
    const found = wmbusField(key, mediumOf(media));
    expect(`${found?.metric} ${found?.unit}`).toBe(field);
  });

  it.each([
    ["heat", "prev_1_month_kwh"],
    ["heat", "due_energy_consumption_kwh"],
    ["heat", "total_energy_consumption_last_month_kwh"],
    ["heat", "max_power_last_month_kw"],
    ["heat", "previous_kwh"],
    ["heat", "current_kwh"],
    ["heat", "flow_return_temperature_difference_c"],
    ["heat", "total_energy_backward_kwh"],
    ["heat", "total_volume_subunit1_m3"],
    ["heat", "difference_c"],
    ["heat", "flow_water_max_m3h"],
    ["heat", "energy_consumption_at_reporting_date_kwh"],
    ["heat/cooling load", "c1_volume_m3"],
    ["water", "target_m3"],
    ["water", "total_at_date_m3"],
    ["water", "total_at_woot_m3"],
    ["water", "consumption_at_set_date_m3"],
    ["water", "total_backward_m3"],
    ["water", "total_forward_m3"],
    ["water", "max_flow_m3h"],
    ["water", "battery_v"],
    ["water", "remaining_battery_life_y"],
    ["electricity", "max_power_consumption_kw"],
    ["electricity", "absolute_max_power_consumption_kw"],
    ["electricity", "reactive_consumption_kw"],
    ["electricity", "voltage_l1_l2_v"],
    ["room sensor", "average_temperature_1h_c"],
    ["heat cost allocation", "consumption_at_set_date_hca"],
    ["water", "meter_datetime"],
    ["water", "constructor"],
    ["water", "c"],
  ])("of %s: %s is no register of now", (media, key) => {
    expect(wmbusField(key, mediumOf(media))).toBeUndefined();
  });
});

describe("wmbusmeters", () => {
  it("converts GJ of heat, and tells flags as a state", () => {
    const decoded = decode({ total_energy_consumption_gj: 3.6, status: "LOW_BATTERY" }, "heat");
    expect(valuesOf(decoded)).toEqual({ heat: 1000, status: "LOW_BATTERY" });
    expect(decoded.readings[0]).toMatchObject({ device: "00254358", timeMs: Date.parse("2025-03-14T09:25:00Z") });
  });

  it("knows its telegrams on any topic, also of newer versions that name the driver", () => {
    const { meter: _, ...newer } = { ...telegram({ total_kwh: 5 }), driver: "amiplus" };
    expect(decoderOf(mqtt("cellar/radio", newer))?.format).toBe("wmbusmeters");
    expect(decoderOf(mqtt("cellar/radio", { media: "x", id: 1 }))?.format).toBe("generic-json");
    expect(valuesOf(decodeMessage(mqtt("cellar/radio", newer)))).toEqual({ "energy.import": 5 });
  });

  it("takes the id from the topic where the message has none, and places no local time", () => {
    const decoded = decodeMessage(
      mqtt("wmbusmeters/01135263", { media: "water", total_m3: 1, timestamp: "2025-03-14 10:25:00" }),
    );
    expect(decoded.readings).toMatchObject([{ device: "01135263", metric: "water", timeMs: null }]);
  });

  it("passes over alarms and emptied topics", () => {
    expect(decode({ _: "alarm", total_kwh: 5 })).toEqual({ format: "wmbusmeters", readings: [] });
    expect(decodeMessage(mqtt("wmbusmeters/1", ""))).toEqual({ format: "wmbusmeters", readings: [] });
  });

  it.each(["{", "[3]", "12"])("refuses %s with a sentence", (payload) => {
    expect(decodeMessage(mqtt("wmbusmeters/1", payload))).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("bears anything", () => {
    expectToBearAnything(
      wmbusmeters,
      ["wmbusmeters/1", "x/y"],
      ["_", "telegram", "media", "heat", "meter", "id", "total_kwh", "total_m3", "timestamp", "status", "power_kw"],
    );
  });
});
