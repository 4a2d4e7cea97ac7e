/**
 * A plug with Tasmota: tele/<topic>/SENSOR every report, STATE every tenth, LWT retained. Its clock is local and without a
 * zone, and today's register starts again at local midnight.
 */
import { offsetMs } from "../../domain/local-time/zone.ts";
import { instantAt, localDayOf } from "../../domain/household/calendar.ts";
import type { Flow } from "../../domain/household/day-trace.ts";
import { cut, round, type House, type MqttMessage, type SimulatedDevice } from "./simulated-device.ts";

export interface PlugSettings {
  key: string;
  name: string;
  /** %topic%, which is also what the device is called on the wire. */
  topic: string;
  flow: Extract<Flow, "heatPump" | "washingMachine">;
  phase: number;
  powerFactor: number;
}

export function tasmotaPlug(house: House, settings: PlugSettings): SimulatedDevice {
  const { key, name, topic } = settings;
  const { timezone } = house.household.settings;
  const startedMs = house.household.settings.sinceMs;
  const sensor = (ms: number): MqttMessage => ({
    transport: "mqtt",
    topic: `tele/${topic}/SENSOR`,
    payload: JSON.stringify({ Time: localClock(timezone, ms), ENERGY: energy(house, settings, ms) }),
  });
  const state = (ms: number): MqttMessage => ({
    transport: "mqtt",
    topic: `tele/${topic}/STATE`,
    payload: JSON.stringify({
      Time: localClock(timezone, ms),
      Uptime: uptime(ms - startedMs),
      UptimeSec: Math.floor((ms - startedMs) / 1000),
      Heap: 27,
      SleepMode: "Dynamic",
      Sleep: 50,
      LoadAvg: 19,
      MqttCount: 1,
      POWER: "ON",
      Wifi: { AP: 1, SSId: "home", BSSId: "10:27:BE:00:11:22", Channel: 6, Mode: "11n", RSSI: 62, Signal: -69 },
    }),
  });
  const lwt = (payload: string): MqttMessage => ({
    transport: "mqtt",
    topic: `tele/${topic}/LWT`,
    payload,
    retain: true,
  });
  return {
    key,
    name,
    hasClock: false,
    will: lwt("Offline"),
    greeting: (ms) => [lwt("Online"), state(ms)],
    report: (ms, tick) => (tick % 10 === 9 ? [state(ms), sensor(ms)] : [sensor(ms)]),
    snapshot: (ms) => [sensor(ms)],
    history: {
      metrics: ["power", "energy.import", "energy.today", "voltage"],
      everySeconds: { voltage: 60, "energy.today": 60 },
    },
  };
}

function energy({ household, mains }: House, { flow, phase, powerFactor }: PlugSettings, ms: number): object {
  const { timezone, sinceMs } = household.settings;
  const watts = household.power(flow, ms);
  const voltage = mains.voltage(phase, ms);
  const apparent = watts / powerFactor;
  const today = localDayOf(timezone, ms);
  const midnight = instantAt(timezone, today, 0);
  const dayBefore = instantAt(timezone, today - 1, 0);
  return {
    TotalStartTime: localClock(timezone, sinceMs),
    Total: cut(household.register(flow, ms), 3),
    Yesterday: cut(household.energy(flow, dayBefore, midnight), 3),
    Today: cut(household.energy(flow, midnight, ms), 3),
    Period: 0,
    Power: watts,
    ApparentPower: Math.round(apparent),
    ReactivePower: Math.round(Math.sqrt(apparent ** 2 - watts ** 2)),
    Factor: watts === 0 ? 0 : powerFactor,
    Voltage: Math.round(voltage),
    Current: round(apparent / voltage, 3),
  };
}

/** "2025-03-14T09:25:00": the wall clock, without a zone. */
function localClock(timezone: string, ms: number): string {
  return new Date(ms + offsetMs(timezone, ms)).toISOString().slice(0, 19);
}

/** "12T04:11:09" */
function uptime(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  return `${days}T${new Date(ms - days * 86_400_000).toISOString().slice(11, 19)}`;
}
