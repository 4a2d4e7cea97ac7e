import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { dsmrReader } from "./dsmr-reader.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

const decode = (name: string, payload: unknown, config?: Record<string, unknown>) =>
  decodeMessage(mqtt(`dsmr/${name}`, payload, config));

describe("DSMR-reader", () => {
  it.each([
    ["reading/electricity_delivered_1", "5779.835", "energy.import.t1", 5779.835, "kWh"],
    ["reading/electricity_returned_2", "1.5", "energy.export.t2", 1.5, "kWh"],
    ["reading/electricity_currently_delivered", "0.498", "power.import", 498, "W"],
    ["reading/phase_currently_returned_l2", "0.902", "power.export.l2", 902, "W"],
    ["reading/phase_voltage_l1", "231.4", "voltage.l1", 231.4, "V"],
    ["reading/phase_power_current_l3", "2", "current.l3", 2, "A"],
    ["reading/extra_device_delivered", "4139.079", "gas", 4139.079, "m3"],
    ["consumption/gas/delivered", "4139.079", "gas", 4139.079, "m3"],
    ["day-consumption/electricity_merged", "7.125", "energy.import.today", 7.125, "kWh"],
    ["day-totals/electricity1_returned", "2.5", "energy.export.today.t1", 2.5, "kWh"],
    ["day-consumption/gas", "0.213", "gas.today", 0.213, "m3"],
    ["current-month/electricity2", "80.5", "energy.import.month.t2", 80.5, "kWh"],
    ["meter-stats/electricity_tariff", "2", "tariff", "2", null],
  ])("%s %s is %s", (name, payload, metric, value, unit) => {
    expect(decode(name, payload).readings).toMatchObject([{ device: "dsmr", metric, value, unit, timeMs: null }]);
  });

  it.each([
    ["reading/phase_voltage_l2", "None"],
    ["reading/timestamp", "2025-03-14T08:26:00Z"],
    ["reading/extra_device_timestamp", "2025-03-14T08:00:00Z"],
    ["consumption/gas/currently_delivered", "0.213"],
    ["consumption/gas/read_at", "2025-03-14T08:00:00Z"],
    ["day-consumption/total_cost", "1.23"],
    ["meter-stats/power_failure_count", "3"],
    ["json", ""],
    ["json", "null"],
  ])("%s %s measures nothing", (name, payload) => {
    expect(decode(name, payload)).toEqual({ format: "dsmr-reader", readings: [] });
  });

  it("places times with an offset, and without one only in the user's zone", () => {
    const timeOf = (timestamp: string, config?: Record<string, unknown>) =>
      decode("json", { timestamp, electricity_currently_delivered: "1" }, config).readings[0]!.timeMs;
    expect(timeOf("2025-03-14T09:26:00+01:00")).toBe(Date.parse("2025-03-14T08:26:00Z"));
    expect(timeOf("2025-03-14T09:26:00")).toBeNull();
    expect(timeOf("2025-03-14T09:26:00", { timezone: "Europe/Amsterdam" })).toBe(Date.parse("2025-03-14T08:26:00Z"));
  });

  it("reads the JSON of days, periods and peaks", () => {
    expect(valuesOf(decode("day-totals", { electricity1: "1.5", gas: null, total_cost: "3" }))).toEqual({
      "energy.import.today.t1": 1.5,
    });
    expect(valuesOf(decode("current-period", { current_year_electricity_merged: "900" }))).toEqual({
      "energy.import.year": 900,
    });
    const peak = decode("consumption/quarter-hour-peak-electricity/json", {
      read_at_start: "2025-03-14T08:00:00Z",
      read_at_end: "2025-03-14T08:15:00Z",
      average_delivered: "2.351",
    });
    expect(peak.readings).toMatchObject([
      { metric: "power.demand.average", value: 2351, timeMs: Date.parse("2025-03-14T08:15:00Z") },
    ]);
  });

  it("leaves other topics and raw telegrams alone", () => {
    expect(dsmrReader.match(mqtt("home/reading/temperature", "1"))).toBe(false);
    expect(decoderOf(mqtt("home/dsmr/reading/phase_voltage_l1", "1"))?.format).toBe("dsmr-reader");
    expect(decoderOf(mqtt("meter/reading/electricity_delivered_1", "1"))?.format).toBe("dsmr-reader");
    expect(decoderOf(mqtt("dsmr/raw", "/KFM5KAIFA"))?.format).toBe("dsmr-p1");
  });

  it.each(["{", "[]", '"x"'])("refuses %s with a sentence", (payload) => {
    expect(decode("json", payload)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("refuses what is no number, and keeps the rest", () => {
    const decoded = decode("json", { phase_voltage_l1: "much", phase_voltage_l2: "230" });
    expect(valuesOf(decoded)).toEqual({ "voltage.l2": 230 });
    expect(decoded.error).toBe('phase_voltage_l1 is "much", a number was expected');
  });

  it("bears anything", () => {
    expectToBearAnything(
      dsmrReader,
      [
        "dsmr/json",
        "dsmr/reading/phase_voltage_l1",
        "dsmr/consumption/gas/json",
        "dsmr/meter-stats/electricity_tariff",
      ],
      [
        "timestamp",
        "electricity_delivered_1",
        "extra_device_delivered",
        "extra_device_timestamp",
        "read_at",
        "delivered",
      ],
    );
  });
});
