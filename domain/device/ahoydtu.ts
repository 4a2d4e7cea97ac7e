/**
 * AhoyDTU (Hoymiles inverters): <base>/<name>/ch<N>/<FIELD> with one value, or in JSON mode <base>/<name>/ch<N> with all of a
 * channel and its unix time `ts`; <base>/total the same for all inverters together. ch0 is the AC side, ch1.. are DC
 * inputs. Traps: YieldDay is Wh and YieldTotal kWh (the manual says Wh for both); PF_AC is 0..1 (the manual shows 95.8).
 * Worked: inverter/HM-800/ch1 {"P_DC":25,"YieldDay":17} is pv.power.dc1 = 25 W, energy.production.today.dc1 = 0.017 kWh.
 * Sources: lumapu/ahoy src/publisher/pubMqttIvData.h, pubMqttDefs.h, src/hm/hmDefines.h, manual/User_Manual.md.
 */
import type { Decoded, Decoder, DeviceConfig, Message } from "./device.ts";
import { baseTopicOf, counter, finished, fromWh, gather, gauge, powerFactor } from "./gathering.ts";
import { takeNumber, takeState } from "./gathering.ts";
import type { Field, Gathering } from "./gathering.ts";
import { describe, isObject, parseJson, textOf, timeOf } from "./payload.ts";

const fields: ReadonlyMap<string, Field> = new Map([
  ["P_AC", gauge("pv.power", "W")],
  ["P_DC", gauge("pv.power", "W")],
  ["Q_AC", gauge("reactive_power", "var")],
  ["U_AC", gauge("voltage", "V")],
  ["U_AC_1N", gauge("voltage.l1", "V")],
  ["U_AC_2N", gauge("voltage.l2", "V")],
  ["U_AC_3N", gauge("voltage.l3", "V")],
  ["UAC_12", gauge("UAC_12", "V")],
  ["UAC_23", gauge("UAC_23", "V")],
  ["UAC_31", gauge("UAC_31", "V")],
  ["U_DC", gauge("voltage", "V")],
  ["I_AC", gauge("current", "A")],
  ["IAC_1", gauge("current.l1", "A")],
  ["I_AC_1", gauge("current.l1", "A")],
  ["I_AC_2", gauge("current.l2", "A")],
  ["I_AC_3", gauge("current.l3", "A")],
  ["I_DC", gauge("current", "A")],
  ["F_AC", gauge("frequency", "Hz")],
  ["PF_AC", gauge("power_factor", "1", powerFactor)],
  ["Temp", gauge("temperature", "degC")],
  ["Efficiency", gauge("efficiency", "%")],
  ["Irradiation", gauge("irradiation", "%")],
  ["YieldDay", counter("energy.production.today", "kWh", fromWh)],
  ["YieldWeek", counter("energy.production.week", "kWh")],
  ["YieldTotal", counter("energy.production", "kWh")],
  ["MaxPower", gauge("max_power", "W")],
  ["active_PowerLimit", gauge("limit_relative", "%")],
  ["rssi", gauge("signal_strength", "dBm")],
]);

const channelTopic = /(?:^|\/)([^/]+)\/ch(\d)(?:\/([A-Za-z_0-9]+))?$/;
const totalTopic = /(?:^|\/)total(?:\/([A-Za-z_0-9]+))?$/;
const availableTopic = /(?:^|\/)([^/]+)\/available$/;
const defaultBase = "inverter";

/** What the gateway says of itself and of an inverter beside its values. */
const asideTopic =
  /\/(?:uptime|wifi_rssi|free_heap|heap_frag|sunrise|sunset|comm_start|comm_stop|dis_night_comm|comm_disabled|comm_dis_ts|version|device|ip_addr|status|mqtt|alarm|alarm_start|alarm_end|last_success|ack_pwr_limit|firmware|hardware|radio_stat)$/;

export const ahoydtu: Decoder = {
  format: "ahoydtu",
  priority: 65,
  match({ topic, payload, config }) {
    if (topic === undefined) return false;
    const field = channelTopic.exec(topic)?.[3] ?? totalTopic.exec(topic)?.[1];
    if (field !== undefined) return fields.has(field);
    if (availableTopic.test(topic)) return payload.length === 1 && payload[0]! >= 48 && payload[0]! <= 52;
    if (channelTopic.test(topic) || totalTopic.test(topic)) return hasFields(payload);
    if (!topic.startsWith(`${baseTopicOf(config) ?? defaultBase}/`) || !asideTopic.test(topic)) return false;
    // The device of another format may be called "inverter" too, and be online.
    return !topic.endsWith("/status") || payload.length === 1;
  },
  decode,
};

/** `{"P_AC":…` or the like: any of the words that only AhoyDTU uses. */
function hasFields(payload: Uint8Array): boolean {
  return (
    payload[0] === 123 &&
    payload.length < 4096 &&
    /"(?:[PUIQ]_(?:AC|DC)|Yield(?:Day|Total)|active_PowerLimit)"\s*:/.test(textOf(payload))
  );
}

function decode({ topic = "", payload, config }: Message): Decoded {
  const text = textOf(payload).trim();
  const channel = channelTopic.exec(topic);
  if (channel) return values(channel[1]!, Number(channel[2]), channel[3], text);
  const total = totalTopic.exec(topic);
  if (total) return values("total", 0, total[1], text);
  const available = availableTopic.exec(topic);
  if (available) return availability(available[1]!, text);
  return ofGateway(topic, text, config);
}

/** One value, or in JSON mode an object of them. An empty message is a retained one that was cleared. */
function values(device: string, channel: number, name: string | undefined, text: string): Decoded {
  if (name !== undefined) {
    const into = gather(device);
    takeField(into, name, text, channel);
    return finished(into);
  }
  if (text === "") return { readings: [] };
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value))
    return { readings: [], error: `a channel must be a JSON object, not ${describe(parsed.value)}` };
  const into = gather(device, timeIn(parsed.value.ts));
  for (const key in parsed.value) takeField(into, key, parsed.value[key], channel);
  return finished(into);
}

function takeField(into: Gathering, name: string, raw: unknown, channel: number): void {
  const field = fields.get(name);
  if (!field) return;
  // The DC power of channel 0 is the sum of the inputs.
  const suffix = channel > 0 ? `.dc${channel}` : name === "P_DC" ? ".dc" : "";
  takeNumber(into, field, raw, suffix);
}

/** Before the DTU has heard the time, `ts` counts from 1970. */
function timeIn(ts: unknown): number | null {
  const ms = timeOf(ts);
  return typeof ms === "number" && ms >= 1e12 ? ms : null;
}

/** 0 off, 1 starting, 2 producing, 3 was producing, 4 was available: the inverter does not answer any more. */
function availability(device: string, code: string): Decoded {
  const into = gather(device);
  if (/^[0-4]$/.test(code)) takeState(into, "online", code !== "0" && code !== "4");
  return finished(into);
}

/** <base>/status: 0 no inverter answers, 1 some, 2 all; <base>/mqtt is the gateway's will. The rest measures nothing. */
function ofGateway(topic: string, text: string, config: DeviceConfig | undefined): Decoded {
  const base = baseTopicOf(config) ?? defaultBase;
  const into = gather(base);
  const name = topic.startsWith(`${base}/`) ? topic.slice(base.length + 1) : "";
  if (name === "status" && /^[012]$/.test(text)) takeState(into, "online", text !== "0");
  if (name === "mqtt" && /^(not[ _])?connected$/.test(text)) takeState(into, "online", text === "connected");
  if (name === "wifi_rssi") takeNumber(into, gauge("signal_strength", "dBm"), text);
  return finished(into);
}
