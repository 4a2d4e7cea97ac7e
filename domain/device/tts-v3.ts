/**
 * The Things Stack v3: MQTT v3/<application>[@<tenant>]/devices/<id>/up, or a webhook's POST (/ingest/tts-v3). The readings are in
 * uplink_message.decoded_payload, which is absent where the application has no payload formatter; fields of the network
 * that are zero or empty are left out, zeros inside decoded_payload stay. Other events (join, down, location) measure nothing.
 * Worked: {"end_device_ids":{"device_id":"meter-1"},"uplink_message":{"decoded_payload":{"voltage":{"l1":231.5}}}} is
 * voltage.l1 = 231.5 of meter-1.
 * Sources: lorawan-stack-docs integrations/data-formats, other-integrations/mqtt; lorawan-stack formatters/json_test.go.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, put, startsWithWord, takeObject, takeSignal } from "./lorawan-object.ts";
import type { Uplink } from "./lorawan-object.ts";
import { describe, isObject, numberOf, parseJson, textOf, timeOf } from "./payload.ts";
import type { Json } from "./payload.ts";

const topicPattern = /^v3\/[^/]+\/devices\/([^/]+)\/(.+)$/;
const pathPattern = /^\/ingest\/(tts(-v3)?|ttn(-v3)?)(\/|$)/;

export const ttsV3: Decoder = {
  format: "tts-v3",
  priority: 90,
  match({ topic, path, payload }) {
    if (topic !== undefined) return topicPattern.test(topic);
    return pathPattern.test(path ?? "") || startsWithWord(payload, "end_device_ids");
  },
  decode,
};

function decode(message: Message): Decoded {
  const [, idInTopic, event = "up"] = topicPattern.exec(message.topic ?? "") ?? [];
  if (event !== "up") return { readings: [] };
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const root = parsed.value;
  if (!isObject(root)) return { readings: [], error: `an event must be a JSON object, not ${describe(root)}` };
  const uplink = root.uplink_message;
  if (!isObject(uplink)) return { readings: [] };
  const id = isObject(root.end_device_ids) ? root.end_device_ids.device_id : undefined;
  const into: Uplink = {
    device: typeof id === "string" && id !== "" ? id : (idInTopic ?? "@token"),
    timeMs: instantOf(uplink.received_at) ?? instantOf(root.received_at),
    // Made up in the console: kept apart from what the device measured.
    ...(root.simulated === true && { tags: { simulated: "true" } }),
    readings: [],
    refusals: [],
  };
  takeObject(uplink.decoded_payload, into);
  takeSignal(uplink.rx_metadata, into);
  takeBattery(uplink.last_battery_percentage, into);
  return finished(into);
}

/** What the device last answered when the network asked for its state; 0 is left out by the server. */
function takeBattery(answer: Json | undefined, into: Uplink): void {
  const percent = isObject(answer) ? numberOf(answer.value) : "absent";
  if (typeof percent !== "number" || percent < 0 || percent > 100) return;
  if (into.readings.some(({ metric }) => metric === "battery")) return;
  const timeMs = (isObject(answer) ? instantOf(answer.received_at) : null) ?? into.timeMs;
  put({ ...into, timeMs }, "battery", percent, "%", "gauge");
}

function instantOf(value: Json | undefined): number | null {
  const ms = timeOf(value);
  // The year 1 is how Go writes "no time".
  return typeof ms === "number" && ms > 0 ? ms : null;
}
