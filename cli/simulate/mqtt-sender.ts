import mqtt from "mqtt";
import type { MqttClient } from "mqtt";
import type { CredentialedDevice, MqttMessage } from "./simulated-device.ts";

/** Sends what a device says. `send` resolves when the server has answered: a PUBACK (QoS 1) or a 2xx. */
export interface Sender<Message> {
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}

export interface MqttOptions {
  url: string;
  qos: 0 | 1;
  /** Told once when the connection is refused or lost, and why. */
  onTrouble: (sentence: string) => void;
}

/** Unanswered messages of one device; beyond them it throws away, as a small device does. */
const mostUnanswered = 200;

/** A device's own connection; it says its greeting each time it is connected, and reconnects by itself. */
export function mqttSender(
  { device, credential }: CredentialedDevice,
  { url, qos, onTrouble }: MqttOptions,
): Sender<MqttMessage> {
  const { username, password } = credential;
  const { will } = device;
  const client: MqttClient = mqtt.connect(url, {
    username,
    password,
    clientId: `sim-${device.key}-${username}`,
    clean: true,
    keepalive: 30,
    reconnectPeriod: 2_000,
    ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos, retain: will.retain ?? false } }),
  });
  const publish = (message: MqttMessage) =>
    client.publishAsync(message.topic, message.payload, { qos, retain: message.retain ?? false });
  let unanswered = 0;
  let isTroubled = false;
  const trouble = (error: Error) => {
    if (!isTroubled)
      onTrouble(`${device.name}: ${error.message || (error as { code?: string }).code || "no connection"}`);
    isTroubled = true;
  };
  client.on("error", trouble);
  client.on("connect", () => {
    isTroubled = false;
    for (const message of device.greeting?.(Date.now()) ?? []) publish(message).catch(trouble);
  });
  return {
    async send(message) {
      if (unanswered >= mostUnanswered) throw new Error(`${mostUnanswered} messages are unanswered`);
      unanswered++;
      try {
        await publish(message);
      } finally {
        unanswered--;
      }
    },
    close: () => client.endAsync(!client.connected),
  };
}
