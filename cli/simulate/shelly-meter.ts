/**
 * A Shelly Pro 3EM in front of the wallbox: NotifyStatus with em:0 every report and emdata:0 once a minute, as the device
 * does, and the same em:0 under status/ once a minute (status_ntf on). Energy is Wh, per phase and in all.
 */
import { cut, round, type House, type MqttMessage, type SimulatedDevice } from "./simulated-device.ts";

export interface ShellySettings {
  key: string;
  name: string;
  /** "shellypro3em-" and the MAC address; also its topic prefix. */
  source: string;
}

/** The car draws a little differently from each phase. */
const shares = { a: 0.335, b: 0.332, c: 0.333 };
const letters = ["a", "b", "c"] as const;

export function shellyMeter(house: House, { key, name, source }: ShellySettings): SimulatedDevice {
  const notify = (ms: number, method: "NotifyStatus" | "NotifyFullStatus", components: object): MqttMessage => ({
    transport: "mqtt",
    topic: `${source}/events/rpc`,
    payload: JSON.stringify({
      src: source,
      dst: `${source}/events`,
      method,
      params: { ts: Math.floor(ms / 10) / 100, ...components },
    }),
  });
  const full = (ms: number) =>
    notify(ms, "NotifyFullStatus", {
      cloud: { connected: false },
      "em:0": powers(house, ms),
      "emdata:0": registers(house, ms),
      sys: { mac: source.split("-")[1]!.toUpperCase(), unixtime: Math.floor(ms / 1000) },
      wifi: { rssi: -58 },
    });
  const online = (payload: string): MqttMessage => ({
    transport: "mqtt",
    topic: `${source}/online`,
    payload,
    retain: true,
  });
  return {
    key,
    name,
    hasClock: true,
    will: online("false"),
    greeting: (ms) => [online("true"), full(ms)],
    report(ms, tick) {
      const messages = [notify(ms, "NotifyStatus", { "em:0": powers(house, ms) })];
      if (tick % 6 === 0) messages.push(notify(ms, "NotifyStatus", { "emdata:0": registers(house, ms) }));
      if (tick % 12 === 6)
        messages.push({
          transport: "mqtt",
          topic: `${source}/status/em:0`,
          payload: JSON.stringify(powers(house, ms)),
        });
      return messages;
    },
    snapshot: (ms) => [full(ms)],
    history: {
      metrics: ["power", "power.l1", "power.l2", "power.l3", "energy.import", "energy.export"],
      everySeconds: { "energy.import": 60, "energy.export": 60, "power.l1": 60, "power.l2": 60, "power.l3": 60 },
    },
  };
}

function powers({ household, mains }: House, ms: number): object {
  const watts = household.power("car", ms);
  const status: Record<string, unknown> = { id: 0 };
  let current = 0;
  letters.forEach((letter, phase) => {
    const voltage = mains.voltage(phase, ms);
    const active = watts * shares[letter];
    const apparent = active < 20 ? active + 6 : active / 0.99;
    current += apparent / voltage;
    status[`${letter}_current`] = round(apparent / voltage, 3);
    status[`${letter}_voltage`] = round(voltage, 1);
    status[`${letter}_act_power`] = round(active, 1);
    status[`${letter}_aprt_power`] = round(apparent, 1);
    status[`${letter}_pf`] = round(active / apparent, 2);
    status[`${letter}_freq`] = round(mains.frequency(ms), 2);
  });
  return {
    ...status,
    n_current: null,
    total_current: round(current, 3),
    total_act_power: watts,
    total_aprt_power: round(watts < 60 ? watts + 18 : watts / 0.99, 1),
    user_calibrated_phase: [],
  };
}

function registers({ household }: House, ms: number): object {
  const wh = household.register("car", ms) * 1000;
  const phases = letters.flatMap((letter) => [
    [`${letter}_total_act_energy`, cut(wh * shares[letter], 2)],
    [`${letter}_total_act_ret_energy`, 0],
  ]);
  return { id: 0, ...Object.fromEntries(phases), total_act: cut(wh, 2), total_act_ret: 0 };
}
