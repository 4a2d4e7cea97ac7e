/**
 * ChirpStack v4: MQTT application/<id>/device/<devEui>/event/<event>, or POST /ingest/chirpstack-v4?event=up. The readings of an
 * uplink are in `object`, which is absent where the device profile has no codec; the device is its devEui. A status event
 * has the battery in %. The other events (join, ack, txack, log, location, integration) measure nothing.
 * Worked: {"deviceInfo":{"devEui":"24e1…"},"object":{"power":{"total":1250}}} is power.total = 1250 of 24e1….
 * Sources: chirpstack-docs integrations/events.md, mqtt.md; chirpstack api/proto/integration/integration.proto.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, put, startsWithWord, takeObject, takeSignal } from "./lorawan-object.ts";
import type { Uplink } from "./lorawan-object.ts";
import { describe, isObject, numberOf, parseJson, textOf, timeOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";

/** The user may put a prefix before it (the region). */
const topicPattern = /(?:^|\/)application\/[^/]+\/device\/([^/]+)\/event\/([^/]+)$/;
const pathPattern = /^\/ingest\/chirpstack(-v4)?(\/|$)/;

export const chirpstackV4: Decoder = {
  format: "chirpstack-v4",
  priority: 90,
  match({ topic, path, payload }) {
    if (topic !== undefined) return topicPattern.test(topic);
    return pathPattern.test(path ?? "") || startsWithWord(payload, "deviceInfo");
  },
  decode,
};

function decode(message: Message): Decoded {
  const [, euiInTopic, eventInTopic] = topicPattern.exec(message.topic ?? "") ?? [];
  const said = eventInTopic ?? new URLSearchParams(message.query ?? "").get("event");
  if (said !== null && said !== "up" && said !== "status") return { readings: [] };
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: `${parsed.error} (the integration must be set to JSON, not Protobuf)` };
  const root = parsed.value;
  if (!isObject(root)) return { readings: [], error: `an event must be a JSON object, not ${describe(root)}` };
  const eui = isObject(root.deviceInfo) ? root.deviceInfo.devEui : undefined;
  const timeMs = timeOf(root.time);
  const into: Uplink = {
    device: typeof eui === "string" && eui !== "" ? eui : (euiInTopic ?? "@token"),
    timeMs: typeof timeMs === "number" && timeMs > 0 ? timeMs : null,
    readings: [],
    refusals: [],
  };
  const isStatus = said === "status" || (said === null && Object.hasOwn(root, "margin"));
  if (isStatus) takeStatus(root, into);
  else {
    takeObject(root.object, into);
    takeSignal(root.rxInfo, into);
  }
  return finished(into);
}

/** Devices on mains power, and those that cannot tell, have no battery level; the server then leaves 0 or nothing. */
function takeStatus({ batteryLevel, externalPowerSource, batteryLevelUnavailable }: JsonObject, into: Uplink): void {
  if (externalPowerSource === true || batteryLevelUnavailable === true) return;
  const percent = numberOf(batteryLevel);
  if (typeof percent === "number" && percent >= 0 && percent <= 100) put(into, "battery", percent, "%", "gauge");
}
