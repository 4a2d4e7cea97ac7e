/** Plugs, switches, sensors and boards of one's own that speak MQTT themselves. */
import { shell, topicName, yaml, type Guide, type SetupValues } from "../guide.ts";
import { isPlain, throughMosquitto } from "./bridge.ts";

/** Tasmota's settings, the broker's name last: setting it restarts the device. */
export const tasmotaLine = (values: SetupValues, settings: readonly string[]): string => {
  const { mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
  return `Backlog ${[
    ...settings,
    "SetOption3 1",
    ...(mqttTls ? ["SetOption103 1"] : []),
    ...(topicPrefix ? [`FullTopic ${topicPrefix}%prefix%/%topic%/`] : []),
    `MqttUser ${username}`,
    `MqttPassword ${password}`,
    `MqttPort ${mqttPort}`,
    `MqttHost ${mqttHost}`,
  ].join("; ")}`;
};

export const tasmotaTls = ({ mqttTls }: SetupValues): string[] =>
  mqttTls ? ["The address needs TLS: on an ESP8266 that takes a Tasmota build with TLS; ESP32 builds have it."] : [];

/** Sources: tasmota.github.io/docs Commands (Backlog, TelePeriod, PowerDelta, SetOption103), MQTT (TLS). */
export const tasmota: Guide = {
  id: "tasmota",
  name: "Tasmota",
  about: "Plugs, switches and meters with Tasmota firmware",
  words: "sonoff nous athom gosund delock refoss plug switch",
  kind: "device",
  steps: (values) => [
    {
      text: "Open the device's own web page, go to Tools → Console (Consoles → Console in older versions), and paste this line. It restarts by itself.",
      code: tasmotaLine(values, ["TelePeriod 10", "PowerDelta 110"]),
    },
  ],
  notes: (values) => [
    "It then reports every 10 seconds, and at once when its power changes by more than 10 W.",
    "Tasmota sends at QoS 0 only. What is lost while the network is down, its energy counter makes up for.",
    "Two devices must not have the same Topic: the default, tasmota_%06X, is never the same.",
    ...tasmotaTls(values),
  ],
};

/** Sources: shelly-api-docs.shelly.cloud gen1, /settings (mqtt_*); evcc and ioBroker.shelly for the topics. */
export const shellyGen1: Guide = {
  id: "shelly-gen1",
  name: "Shelly Gen1",
  about: "The first Shellys: 1PM, 2.5, Plug, Plug S, EM, 3EM",
  words: "plug-s 1pm em 3em allterco",
  kind: "device",
  steps: (values) => {
    const { mqttHost, mqttPort, username, password } = values;
    const settings = [
      ["mqtt_enable", "true"],
      ["mqtt_server", isPlain(values) ? `${mqttHost}:${mqttPort}` : "192.168.1.2:1883"],
      ...(isPlain(values)
        ? [
            ["mqtt_user", username],
            ["mqtt_pass", password],
          ]
        : []),
      ["mqtt_max_qos", "1"],
      ["mqtt_update_period", "30"],
      ["mqtt_clean_session", "false"],
    ];
    const query = settings.map(([name, value]) => `  --data-urlencode ${shell(`${name}=${value}`)}`).join(" \\\n");
    return [
      ...(isPlain(values) ? [] : [throughMosquitto(values, ["shellies/#"])]),
      {
        text: isPlain(values)
          ? "In a terminal, with your Shelly's own address in the first line. It restarts by itself."
          : "Then in a terminal, with your Shelly's own address in the first line and your Mosquitto's as mqtt_server (and mqtt_user and mqtt_pass if it asks for them):",
        code: [
          "SHELLY=192.168.1.50",
          `curl -sS -G "http://$SHELLY/settings" \\\n${query} &&`,
          'curl -sS "http://$SHELLY/reboot"',
        ].join("\n"),
      },
      {
        text: "Or on its web page: Internet & Security → Advanced – Developer settings → Enable MQTT, with the same values.",
      },
    ];
  },
  notes: () => [
    "MQTT switches its connection to the Shelly cloud off.",
    "Keep “Use custom MQTT prefix” as it is: the prefix is the name by which it appears here.",
    "If it asks for a login, add -u USER:ITS-PASSWORD to both calls.",
    "Its relays count watt-minutes and begin at 0 after each restart; that is understood.",
  ],
};

/** Source: shelly-api-docs.shelly.cloud gen2, Mqtt.SetConfig (QoS 1, topic_prefix of at most 300 characters), Shelly.Reboot. */
export const shelly: Guide = {
  id: "shelly",
  name: "Shelly Gen2+",
  about: "Shelly Gen2, Gen3 and Gen4: Plus, Pro, Mini, 3EM",
  words: "plus pro mini 3em 1pm pm plug",
  kind: "device",
  takes: { topicPrefix: 250 },
  steps({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix, deviceName }) {
    const config = {
      enable: true,
      server: `${mqttHost}:${mqttPort}`,
      user: username,
      pass: password,
      ssl_ca: mqttTls ? "ca.pem" : null,
      ...(topicPrefix && { topic_prefix: topicPrefix + topicName(deviceName) }),
      rpc_ntf: true,
      status_ntf: true,
    };
    const call = (id: number, method: string, params?: object) =>
      `curl -X POST -d ${shell(JSON.stringify({ id, method, ...(params && { params }) }))} "http://$SHELLY/rpc"`;
    return [
      {
        text: "In a terminal, with your Shelly's own address in the first line:",
        code: ["SHELLY=192.168.1.50", call(1, "Mqtt.SetConfig", { config }), call(2, "Shelly.Reboot")].join("\n"),
      },
      {
        text: `Or on its web page, Settings → MQTT: enable it, server ${mqttHost}:${mqttPort}, the user name and password above, switch on “RPC status notifications over MQTT” and “Generic status update over MQTT”${mqttTls ? ", connection type TLS with the default certificate bundle" : ""}, save and reboot.`,
      },
    ];
  },
  notes: () => [
    "Both notifications must be on: without them a Shelly sends no measurements over MQTT.",
    "If it asks for a login, add --digest -u admin:ITS-PASSWORD to both calls.",
    "It sends at QoS 1: what was not taken is sent again.",
  ],
};

/** Sources: esphome.io/components/mqtt (topic_prefix, discovery, discover_ip, qos of a component, reboot_timeout). */
export const esphome: Guide = {
  id: "esphome",
  name: "ESPHome",
  about: "Boards of your own with ESPHome, as they are",
  words: "esp32 esp8266 slimmelezer slimme lezer p1 cse7766 pzem athom",
  kind: "device",
  steps: ({ mqttHost, mqttPort, username, password, topicPrefix, deviceName }) => [
    {
      text: "Add this to the device's YAML and install it. All its sensors come along, with their units.",
      code: [
        "mqtt:",
        `  broker: ${yaml(mqttHost)}`,
        `  port: ${mqttPort}`,
        `  username: ${yaml(username)}`,
        `  password: ${yaml(password)}`,
        "  discovery: true",
        ...(topicPrefix
          ? [
              `  discovery_prefix: ${yaml(`${topicPrefix}homeassistant`)}`,
              `  topic_prefix: ${yaml(topicPrefix + topicName(deviceName))}`,
            ]
          : []),
      ].join("\n"),
    },
  ],
  notes: ({ mqttTls }) => [
    "Leave discovery on: that is where the units and the kinds of its values are said.",
    "Without Home Assistant, remove the api: block or set its reboot_timeout to 0s, or the board restarts every 15 minutes.",
    "It sends at QoS 0; give a sensor that matters its own qos: 1.",
    ...(mqttTls
      ? ["The address needs TLS: use an ESP32 with the esp-idf framework, and add certificate_authority."]
      : []),
  ],
};
