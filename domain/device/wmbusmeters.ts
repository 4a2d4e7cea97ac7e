/**
 * wmbusmeters: one JSON object per telegram on a topic of the user's choice (README: wmbusmeters/<id>). The id is a text whose
 * leading zeros count; the unit is the suffix of the key (wmbus-names.ts); timestamp is UTC, while device_datetime and
 * meter_date are the meter's own clock. Null is "not in this telegram". GJ of heat become kWh (/0.0036).
 * Worked: media electricity, "current_power_consumption_kw": 0.33 is power.import = 330 W.
 * Sources: wmbusmeters/wmbusmeters README.md, drivers/library.xmq, drivers/src/*.xmq, simulations/*.txt.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather, takeState } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, parseJson, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";
import { mediumOf, wmbusField } from "./wmbus-names.ts";
import { about, take } from "./wire-field.ts";

const topicPattern = /^wmbusmeters\/([^/]+)$/;
const path = "/ingest/wmbusmeters";

export const wmbusmeters: Decoder = {
  format: "wmbusmeters",
  priority: 70,
  match(message) {
    if (message.topic === undefined) return message.path === path;
    return message.topic.startsWith("wmbusmeters/") || isTelegram(message.payload);
  },
  decode,
};

/** Any topic may carry one; the three keys together are nobody else's. Newer versions say driver instead of meter. */
function isTelegram(payload: Uint8Array): boolean {
  if (payload[0] !== 123) return false;
  const text = textOf(payload);
  return /"media"\s*:\s*"/.test(text) && /"(meter|driver)"\s*:\s*"/.test(text) && /"id"\s*:/.test(text);
}

function decode({ topic, transport, payload, config }: Message): Decoded {
  const text = textOf(payload);
  if (text.trim() === "" && transport === "mqtt") return { readings: [] };
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const telegrams = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const into = gather(topicPattern.exec(topic ?? "")?.[1] ?? "@token");
  for (const telegram of telegrams) {
    if (!isObject(telegram))
      return { readings: [], error: `an object with media, meter and id is expected, not ${describe(telegram)}` };
    // Other messages of wmbusmeters ("_": "alarm") have no values.
    if (telegram._ === undefined || telegram._ === "telegram") takeTelegram(telegram, config?.timezone, into);
  }
  return finished(into);
}

function takeTelegram(telegram: JsonObject, timezone: unknown, whole: Gathering): void {
  const { id, media, status } = telegram;
  const device = (typeof id === "string" && id !== "") || typeof id === "number" ? String(id) : whole.device;
  const time = telegram.timestamp ?? telegram.timestamp_ut ?? telegram.timestamp_utc;
  const into = about(whole, device, instantOf(time, timezone) ?? null);
  const medium = mediumOf(media);
  for (const name in telegram) {
    const field = wmbusField(name, medium);
    if (field) take(into, field, telegram[name], name);
  }
  if (typeof status === "string" && status !== "") takeState(into, "status", status);
}
