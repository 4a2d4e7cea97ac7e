import { readFileSync } from "node:fs";
import type { DecoderState, Message } from "../../domain/device/device.ts";
import { decodeMessage } from "../../domain/device/registry.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import type { SetupValues } from "../../app/device-setup/guide.ts";
import { guideOf } from "../../app/device-setup/guides.ts";

/** What the guides are filled in with. */
export const values: SetupValues = {
  deviceName: "Washer",
  username: "d-abcdefgh23",
  password: "1234567890123456789012345678e901",
  token: "-tok_en".padEnd(88, "x"),
  mqttHost: "energy.example.org",
  mqttPort: 1883,
  mqttTls: false,
  httpUrl: "http://energy.example.org:3000",
  topicPrefix: "",
};

/** A message as a device sends it after its guide was followed. */
export interface Sent {
  topic?: string;
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  payload: string;
  encoding?: BufferEncoding;
}

/** Messages of the captured samples: where a format is not written by hand. */
export const sample = (path: string): Sent[] => {
  const file = new URL(`../../domain/device/fixtures/${path}.json`, import.meta.url);
  const { before = [], ...last } = JSON.parse(readFileSync(file, "utf8")) as Sent & { before?: Sent[] };
  return [...before.map((earlier) => ({ ...last, ...earlier })), last];
};

export const json = (topic: string, value: unknown): Sent => ({ topic, payload: JSON.stringify(value) });
const headers = { authorization: `Token ${values.token}` };
export const post = (path: string, payload: string, query = ""): Sent => ({
  method: "POST",
  path,
  query,
  headers,
  payload,
});

/** The readings of messages sent one after the other, by the real decoders. Throws when one is refused. */
export function decodeAll(id: string, sent: readonly Sent[]): DecodedReading[] {
  const states = new Map<string, DecoderState>();
  return sent.flatMap(({ payload, encoding, ...rest }) => {
    const message: Message = {
      transport: rest.topic === undefined ? "http" : "mqtt",
      receivedAtMs: 1.7e12,
      config: guideOf(id)!.config ?? {},
      ...rest,
      payload: new Uint8Array(Buffer.from(payload, encoding ?? "utf8")),
    };
    const { format, state, readings, error } = decodeMessage(message, (name) => states.get(name));
    if (state && format) states.set(format, state);
    if (error) throw new Error(`${id}: ${error}`);
    return readings;
  });
}
