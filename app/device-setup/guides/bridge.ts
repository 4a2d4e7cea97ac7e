import type { SetupValues, Step } from "../guide.ts";

/**
 * A Mosquitto that passes on what it hears (mosquitto.conf). `out`: topics to us; `answers`: what we may send back. It keeps
 * what could not be sent and sends it again. Source: mosquitto.conf(5), "Configuring bridges".
 */
export function bridge(values: SetupValues, out: readonly string[], answers: readonly string[] = []): string {
  const { mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
  const prefixed = topicPrefix && ` "" ${topicPrefix}`;
  return [
    `connection energy-${username}`,
    `address ${mqttHost}:${mqttPort}`,
    `remote_username ${username}`,
    `remote_password ${password}`,
    ...out.map((topic) => `topic ${topic} out 1${prefixed}`),
    ...answers.map((topic) => `topic ${topic} in 1${prefixed}`),
    "bridge_protocol_version mqttv311",
    "notifications false",
    "try_private false",
    ...(mqttTls ? ["bridge_capath /etc/ssl/certs"] : []),
  ].join("\n");
}

/** Whether a sender without TLS, or with topics that it cannot change, comes through. */
export const isPlain = ({ mqttTls, topicPrefix }: SetupValues): boolean => !mqttTls && topicPrefix === "";

/** For such a sender, where it does not: a Mosquitto in the same network goes between. */
export const throughMosquitto = (values: SetupValues, out: readonly string[], answers?: readonly string[]): Step => ({
  text: "It cannot come here by itself: the address needs TLS or a topic prefix. Let it send to a Mosquitto in your network, and that Mosquitto pass it on (mosquitto.conf):",
  code: bridge(values, out, answers),
});
