/**
 * OpenDTU (Hoymiles inverters): one value a message. <base>/<serial>/0/* is the AC side, /1../6/* are DC inputs (not phases),
 * /status/* the inverter's state; <base>/ac/* and /dc/* are sums, <base>/dtu/* is the gateway itself. The base is the
 * user's text, so messages are known by their end. Traps: yieldday is Wh, yieldtotal kWh; the power factor is 0..1 in the
 * firmware, percent in the documents. At night values freeze or go to 0: they are passed on as they are.
 * Worked: solar/114182947501/0/yieldday 1834 is energy.production.today = 1.834 kWh.
 * Sources: tbnobody/OpenDTU MqttHandleInverter*.cpp, MqttHandleDtu.cpp; OpenDTU-docs mqtt_topics.md.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import {
  baseTopicOf,
  counter,
  finished,
  fromWh,
  gather,
  gauge,
  powerFactor,
  takeNumber,
  takeState,
} from "./gathering.ts";
import type { Field } from "./gathering.ts";
import { textOf } from "./payload.ts";

const inverterTopic = /(?:^|\/)([0-9a-f]{12})\/(?:([0-6])\/([^/]+)|(name|(?:status|device|radio|cmd)\/[^/]+))$/i;
const totalTopic = /(?:^|\/)(ac|dc)\/(power|yieldtotal|yieldday|irradiation|is_valid)$/;
const gatewayTopic =
  /(?:^|\/)dtu\/(status|ip|hostname|bssid|rssi|temperature|uptime|heap\/(?:free|size|minfree|maxalloc))$/;

/** ac/power alone is too common a word: the sums need a base that speaks of such a device, or the user's word for it. */
const usualBase = /solar|dtu|pv|hoymiles/i;

export const opendtu: Decoder = {
  format: "opendtu",
  priority: 75,
  match({ topic, config }) {
    if (topic === undefined) return false;
    if (inverterTopic.test(topic) || gatewayTopic.test(topic)) return true;
    const total = totalTopic.exec(topic);
    if (!total) return false;
    const base = topic.slice(0, total.index);
    return usualBase.test(base) || base === baseTopicOf(config);
  },
  decode,
};

const dcPower = gauge("pv.power.dc", "W");

/** Of the AC side, of a DC input (whose metrics end in its number) and of the sums. */
const fields: ReadonlyMap<string, Field> = new Map([
  ["power", gauge("pv.power", "W")],
  ["powerdc", dcPower],
  ["yieldday", counter("energy.production.today", "kWh", fromWh)],
  ["yieldtotal", counter("energy.production", "kWh")],
  ["voltage", gauge("voltage", "V")],
  ["voltage ph1-n", gauge("voltage.l1", "V")],
  ["voltage ph2-n", gauge("voltage.l2", "V")],
  ["voltage ph3-n", gauge("voltage.l3", "V")],
  ["current", gauge("current", "A")],
  ["current ph1", gauge("current.l1", "A")],
  ["current ph2", gauge("current.l2", "A")],
  ["current ph3", gauge("current.l3", "A")],
  ["frequency", gauge("frequency", "Hz")],
  ["powerfactor", gauge("power_factor", "1", powerFactor)],
  ["reactivepower", gauge("reactive_power", "var")],
  ["temperature", gauge("temperature", "degC")],
  ["efficiency", gauge("efficiency", "%")],
  ["irradiation", gauge("irradiation", "%")],
]);

const aside: ReadonlyMap<string, Field> = new Map([
  ["status/limit_relative", gauge("limit_relative", "%")],
  ["status/limit_absolute", gauge("limit_absolute", "W")],
  ["radio/rssi", gauge("signal_strength", "dBm")],
  ["rssi", gauge("signal_strength", "dBm")],
  ["temperature", gauge("temperature", "degC")],
]);

function decode(message: Message): Decoded {
  const topic = message.topic ?? "";
  const text = textOf(message.payload).trim();
  const inverter = inverterTopic.exec(topic);
  if (inverter) return ofInverter(inverter, text);
  const total = totalTopic.exec(topic);
  if (total) return ofTotal(total[1]!, total[2]!, text);
  const gateway = gatewayTopic.exec(topic);
  return gateway ? ofGateway(gateway[1]!, text) : { readings: [] };
}

function ofInverter([, serial, channel, name, other]: RegExpExecArray, text: string): Decoded {
  const into = gather(serial!);
  const field = other === undefined ? fields.get(name!.toLowerCase()) : aside.get(other);
  if (other === "status/reachable") takeFlag(into, "online", text);
  else if (other === "status/producing") takeFlag(into, "producing", text);
  else if (field) takeNumber(into, field, text, channel === undefined || channel === "0" ? "" : `.dc${channel}`);
  return finished(into);
}

function ofTotal(side: string, name: string, text: string): Decoded {
  const into = gather(side);
  if (name === "is_valid") takeFlag(into, "is_valid", text);
  else takeNumber(into, side === "dc" && name === "power" ? dcPower : fields.get(name)!, text);
  return finished(into);
}

function ofGateway(name: string, text: string): Decoded {
  const into = gather("dtu");
  const field = aside.get(name);
  if (name === "status" && (text === "online" || text === "offline")) takeState(into, "online", text === "online");
  if (field) takeNumber(into, field, text);
  return finished(into);
}

function takeFlag(into: ReturnType<typeof gather>, metric: string, text: string): void {
  if (text === "0" || text === "1") takeState(into, metric, text === "1");
}
