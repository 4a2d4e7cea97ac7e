/**
 * emonHub and emonTx over MQTT: emon/<node> with a JSON frame or a CSV line (counted from 0), emon/<node>/<input> with one
 * value, emonhub/rx/<id>/values with a CSV line (counted from 1, the last may be the rssi). The emonTx's own names have units:
 * P1 in W (negative = export), E1 in Wh since it was started, Vrms in V, T1 in degC; all others are the user's.
 * Worked: emon/emonTx4_15 {"P1":812,"E1":102031,"time":1741944410} is P1 = 812 W and E1 = 102.031 kWh.
 * Sources: openenergymonitor/emonhub EmonHubMqttInterfacer.py, conf/available.conf; emoncms emoncms_mqtt.php.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Decoder, Message, Refusal } from "./device.ts";
import { cleanName, numericOf, strtotime } from "./emoncms-values.ts";
import { describe, isObject, numberOf, parseJson, textOf, timeOf } from "./payload.ts";
import type { Json } from "./payload.ts";

const inputTopic = /^emon\/([^/]+)(?:\/(.+))?$/;
const frameTopic = /^emonhub\/rx\/([^/]+)\/(.+)$/;

export const emonMqtt: Decoder = {
  format: "emon-mqtt",
  priority: 50,
  match: ({ topic }) => topic !== undefined && (inputTopic.test(topic) || frameTopic.test(topic)),
  decode,
};

interface Gathering {
  device: string;
  timeMs: number | null;
  readings: DecodedReading[];
  refusals: Refusal[];
}

function decode(message: Message): Decoded {
  const topic = message.topic ?? "";
  const [, node = "", input = ""] = frameTopic.exec(topic) ?? inputTopic.exec(topic) ?? ["", "", topic];
  const name = cleanName(input.replaceAll("/", "_"));
  if (name.toLowerCase() === "describe") return { readings: [] };
  const into: Gathering = { device: cleanName(node) || "@token", timeMs: null, readings: [], refusals: [] };
  const text = textOf(message.payload).trim();
  if (/^[{[]/.test(text)) return takeJson(text, name, message, into);
  if (frameTopic.test(topic) && input === "values") takeFrame(text.split(","), into);
  else if (name !== "") take(name, text, into);
  else text.split(",").forEach((value, index) => take(String(index), value, into));
  if (into.readings.length === 0 && into.refusals.length > 0)
    return { readings: [], error: `a number, numbers with commas or JSON is expected: ${into.refusals[0]!.detail}` };
  return finished(into);
}

function finished({ readings, refusals }: Gathering): Decoded {
  return refusals.length > 0 ? { readings, refusals } : { readings };
}

/** A whole frame. `time` in any case is seconds or a text; what cannot be read is no time. */
function takeJson(text: string, topicName: string, { receivedAtMs, config }: Message, into: Gathering): Decoded {
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const entries = Object.entries(parsed.value as object) as [string, Json][];
  const time = entries.find(([key]) => key.toLowerCase() === "time")?.[1];
  if (time !== undefined) into.timeMs = instantOf(time, receivedAtMs, config?.timezone);
  const prefix = topicName === "" ? "" : `${topicName}_`;
  for (const [key, value] of entries) {
    if (key.toLowerCase() === "time" || key.toLowerCase() === "describe") continue;
    const isBox = isObject(value) && Object.hasOwn(value, "value");
    const suffix = isBox && value.name ? `_${scalarText(value.name)}` : "";
    take(`${prefix}${key}${suffix}`, isBox ? value.value! : value, into);
  }
  return finished(into);
}

const scalarText = (value: Json) => (typeof value === "object" ? "" : String(value));

function instantOf(given: Json, nowMs: number, timezone: unknown): number | null {
  const number = typeof given === "string" ? numericOf(given) : given;
  if (typeof number !== "number") return typeof given === "string" ? strtotime(given, nowMs, timezone) : null;
  const ms = timeOf(number);
  return typeof ms === "number" ? ms : null;
}

/** A radio frame: its values, and behind them the strength at which it was received, a whole negative dBm. */
function takeFrame(values: string[], into: Gathering): void {
  const last = Number(values.at(-1));
  const hasRssi = values.length > 1 && Number.isInteger(last) && last < 0 && last >= -130;
  const count = hasRssi ? values.length - 1 : values.length;
  for (let index = 0; index < count; index++) take(String(index + 1), values[index]!, into);
  if (hasRssi) take("rssi", last, into);
}

function take(name: string, raw: Json, into: Gathering): void {
  const metric = cleanName(name);
  const number = numberOf(raw);
  if (number === "absent" || number === "nan") return;
  if (typeof number !== "number" || metric === "") {
    into.refusals.push({ reason: "expected a number under a name", detail: `${metric || "''"} is ${describe(raw)}` });
    return;
  }
  const { device, timeMs } = into;
  into.readings.push({ device, metric, ...inUnit(metric, number), timeMs });
}

/** The names that the emonTx's firmware gives, and what they are; kWh where the wire has Wh. */
function inUnit(name: string, value: number): Pick<DecodedReading, "value" | "unit" | "kind"> {
  if (/^E\d+$/.test(name)) return { value: value / 1000, unit: "kWh", kind: "counter" };
  if (/^pulse\d*$/.test(name)) return { value, unit: null, kind: "counter" };
  const unit = /^P\d+$/.test(name) ? "W" : /^V(rms\d*|\d)$/.test(name) ? "V" : /^T\d+$/.test(name) ? "degC" : null;
  return { value, unit, kind: "gauge" };
}
