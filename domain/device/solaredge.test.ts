import { describe, expect, it } from "vitest";
import { expectToBearAnything, valuesOf } from "../../tests/support/hostile-messages.ts";
import { decodeMessage } from "./registry.ts";
import { solaredge } from "./solaredge.ts";

const decode = (body: unknown, config?: Record<string, unknown>) =>
  decodeMessage({
    transport: "http",
    method: "POST",
    path: "/ingest/solaredge",
    receivedAtMs: 0,
    payload: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
    ...(config && { config }),
  });
const part = (currentPower: unknown, more: object = {}) => ({ status: "Active", currentPower, ...more });
const flow = (parts: object, connections: [string, string][], unit: unknown = "kW") =>
  decode({ siteCurrentPowerFlow: { unit, connections: connections.map(([from, to]) => ({ from, to })), ...parts } });

describe("SolarEdge", () => {
  it.each([
    [{ GRID: part(1.5) }, [["GRID", "Load"]], "kW", { "grid.power": 1500 }],
    [{ GRID: part(1.5) }, [["PV", "Grid"]], "kW", { "grid.power": -1500 }],
    [{ GRID: part(1500) }, [["LOAD", "GRID"]], "W", { "grid.power": -1500 }],
    [{ GRID: part(0.25), LOAD: part(0.25) }, [["grid", "load"]], undefined, { "grid.power": 250, "load.power": 250 }],
    [{ GRID: part(0) }, [], "kW", { "grid.power": 0 }],
    [{ GRID: part(0.3) }, [], "kW", {}],
    [{ PV: part(null) }, [], "kW", {}],
    [{ STORAGE: part(2, { status: "Charging" }) }, [["PV", "Storage"]], "kW", { "battery.power": 2000 }],
    [{ STORAGE: part(2, { status: "Discharging" }) }, [["STORAGE", "Load"]], "kW", { "battery.power": -2000 }],
    [{ STORAGE: part(2) }, [["STORAGE", "Load"]], "kW", { "battery.power": -2000 }],
    [{ STORAGE: part(2) }, [["GRID", "Storage"]], "kW", { "battery.power": 2000 }],
    [{ STORAGE: part(0, { status: "Idle", chargeLevel: 12 }) }, [], "kW", { "battery.power": 0, soc: 12 }],
  ] as [object, [string, string][], unknown, object][])(
    "power flow %j %j in %s is %j",
    (parts, connections, unit, values) => {
      const decoded = flow(parts, connections, unit);
      expect(decoded.error).toBeUndefined();
      expect(valuesOf(decoded)).toEqual(values);
    },
  );

  it("passes over a site without a meter, and refuses a unit that is no power", () => {
    expect(decode({ siteCurrentPowerFlow: {} })).toEqual({ format: "solaredge", readings: [] });
    expect(flow({ PV: part(1) }, [], "kWh").error).toBe('unit is not W or kW but "kWh"');
  });

  const overview = {
    lastUpdateTime: "2025-06-21 13:05:47",
    lifeTimeData: { energy: 761985.75, revenue: 946.13 },
    lastYearData: { energy: 5000 },
    lastMonthData: { energy: 2000 },
    lastDayData: { energy: null },
    currentPower: { power: 0 },
  };

  it("reads an overview, its time in the user's zone", () => {
    const decoded = decode({ overview }, { timezone: "Europe/Berlin" });
    expect(valuesOf(decoded)).toEqual({
      "pv.power": 0,
      "energy.production": 761.98575,
      "energy.production.year": 5,
      "energy.production.month": 2,
    });
    expect(decoded.readings[0]!.timeMs).toBe(Date.parse("2025-06-21T11:05:47Z"));
  });

  it("reads the overviews of several sites as so many devices", () => {
    const sites = { count: 1, siteEnergyList: [{ siteId: 7, siteOverview: { currentPower: { power: 3 } } }, null] };
    expect(decode({ sitesOverviews: sites }).readings).toMatchObject([{ device: "7", metric: "pv.power", value: 3 }]);
  });

  it.each(["", "{", "[]", "{}", '{"overview":3}'])("refuses %s with a sentence", (payload) => {
    expect(decode(payload)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("bears anything", () => {
    expectToBearAnything(
      solaredge,
      ["x"],
      "overview siteCurrentPowerFlow unit kW connections from to GRID STORAGE status currentPower power sitesOverviews siteEnergyList".split(
        " ",
      ),
    );
  });
});
