/**
 * SolarEdge monitoring API answers, relayed by a script. `overview`: W and Wh, time local without zone (server time unless the
 * user set one). `siteCurrentPowerFlow`: magnitudes in `unit` (usually kW); their direction is in `connections` (into the grid
 * = export) and in STORAGE.status. An empty power flow is a site without a meter.
 * Worked: unit kW, connections [{"from":"LOAD","to":"Grid"}], GRID 3.59 is grid.power = -3590 W.
 * Sources: SolarEdge monitoring server API, site overview and site power flow; public code samples of its answers.
 */
import { conversionOf } from "../units.ts";
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, numberOf, parseJson, textOf } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";
import { about, counter, gauge, refuse, take } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

const path = "/ingest/solaredge";

export const solaredge: Decoder = {
  format: "solaredge",
  priority: 100,
  match: (message) => message.path === path,
  decode,
};

function decode({ payload, config }: Message): Decoded {
  const parsed = parseJson(textOf(payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value))
    return {
      readings: [],
      error: `an object with overview or siteCurrentPowerFlow is expected, not ${describe(parsed.value)}`,
    };
  const { overview, siteCurrentPowerFlow, sitesOverviews } = parsed.value;
  if (!isObject(overview) && !isObject(siteCurrentPowerFlow) && !isObject(sitesOverviews))
    return { readings: [], error: "an answer with overview, sitesOverviews or siteCurrentPowerFlow is expected" };
  const into = gather("@token");
  if (isObject(overview)) takeOverview(overview, config?.timezone, into);
  if (isObject(siteCurrentPowerFlow)) takePowerFlow(siteCurrentPowerFlow, into);
  if (isObject(sitesOverviews)) takeSites(sitesOverviews.siteEnergyList, config?.timezone, into);
  return finished(into);
}

const overviewFields: [string, string, Field][] = [
  ["currentPower", "power", gauge("pv.power", "W")],
  ["lifeTimeData", "energy", counter("energy.production", "Wh")],
  ["lastYearData", "energy", counter("energy.production.year", "Wh")],
  ["lastMonthData", "energy", counter("energy.production.month", "Wh")],
  ["lastDayData", "energy", counter("energy.production.today", "Wh")],
];

function takeOverview(overview: JsonObject, timezone: unknown, into: Gathering): void {
  const timed = about(into, into.device, instantOf(overview.lastUpdateTime, timezone) ?? null);
  for (const [group, name, field] of overviewFields) {
    const values = overview[group];
    if (isObject(values)) take(timed, field, values[name], `${group}.${name}`);
  }
}

function takeSites(sites: Json | undefined, timezone: unknown, into: Gathering): void {
  for (const site of Array.isArray(sites) ? sites : []) {
    if (!isObject(site) || !isObject(site.siteOverview)) continue;
    const { siteId } = site;
    const device = typeof siteId === "number" || typeof siteId === "string" ? String(siteId) : "@token";
    takeOverview(site.siteOverview, timezone, about(into, device));
  }
}

function takePowerFlow(flow: JsonObject, into: Gathering): void {
  const unit = typeof flow.unit === "string" ? flow.unit : "kW";
  if (conversionOf(unit)?.canonical !== "W") return refuse(into, "unit", `not W or kW but ${describe(unit)}`);
  const connections = connectionsOf(flow.connections);
  const takePart = (part: string, metric: string, sign: number | undefined): void => {
    const values = flow[part];
    if (!isObject(values)) return;
    const power = numberOf(values.currentPower);
    // Nothing flows: no direction is needed. Else a magnitude without a direction says nothing.
    if (typeof power === "number" && power !== 0 && sign === undefined) return;
    const signed = typeof power === "number" && power !== 0 ? Math.abs(power) * sign! : values.currentPower;
    take(into, gauge(metric, unit), signed, `${part}.currentPower`);
  };
  takePart("GRID", "grid.power", directionOf(connections, "grid"));
  takePart("LOAD", "load.power", 1);
  takePart("PV", "pv.power", 1);
  takePart("STORAGE", "battery.power", storageSign(flow.STORAGE, connections));
  if (isObject(flow.STORAGE)) take(into, gauge("soc", "%"), flow.STORAGE.chargeLevel, "STORAGE.chargeLevel");
}

interface Connection {
  from: string;
  to: string;
}

/** Written as "GRID", "Grid" or "grid". */
function connectionsOf(connections: Json | undefined): Connection[] {
  if (!Array.isArray(connections)) return [];
  return connections
    .filter(isObject)
    .map(({ from, to }) => ({ from: String(from).toLowerCase(), to: String(to).toLowerCase() }));
}

/** 1: power comes from this part; -1: power goes into it; undefined: no connection says so. */
function directionOf(connections: Connection[], part: string): 1 | -1 | undefined {
  if (connections.some(({ to }) => to === part)) return -1;
  return connections.some(({ from }) => from === part) ? 1 : undefined;
}

/** + is charging. The status says it in one word; the connections where it says something else. */
function storageSign(storage: Json | undefined, connections: Connection[]): 1 | -1 | undefined {
  const status = isObject(storage) && typeof storage.status === "string" ? storage.status.toLowerCase() : "";
  if (status === "charging") return 1;
  if (status === "discharging") return -1;
  const direction = directionOf(connections, "storage");
  return direction === undefined ? undefined : direction === 1 ? -1 : 1;
}
