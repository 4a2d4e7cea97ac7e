import type { Sender } from "./mqtt-sender.ts";
import type { CredentialedDevice, HttpMessage } from "./simulated-device.ts";

const answerWithinMs = 10_000;

/** Posts with the token, as loggers that speak InfluxDB do. Rejects on anything but a 2xx. */
export function httpSender({ credential }: CredentialedDevice, url: string): Sender<HttpMessage> {
  return {
    async send({ path, query, headers, payload }) {
      const response = await fetch(`${url.replace(/\/+$/, "")}${path}?${query}`, {
        method: "POST",
        headers: { ...headers, authorization: `Token ${credential.token}` },
        body: payload,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
    },
    close: async () => {},
  };
}
