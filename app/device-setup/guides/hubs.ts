/** Home automation and brokers that speak for many devices. */
import { httpParts, yaml, type Guide, type SetupValues } from "../guide.ts";
import { bridge } from "./bridge.ts";

const energyEntities = ["sensor.*_power", "sensor.*_energy"];
const entities = ["  include:", "    entity_globs:", ...energyEntities.map((glob) => `      - ${glob}`)];

function beforeDialogs({ httpUrl, token }: SetupValues): string {
  const { host, port, isHttps } = httpParts(httpUrl);
  return [
    "influxdb:",
    "  api_version: 2",
    `  ssl: ${isHttps}`,
    `  host: ${yaml(host)}`,
    `  port: ${port}`,
    `  token: ${yaml(token)}`,
    "  organization: energy",
    "  bucket: energy",
    "  max_retries: 5",
    ...entities,
  ].join("\n");
}

function inVersion1({ httpUrl, username, password }: SetupValues): string {
  const { host, port, isHttps } = httpParts(httpUrl);
  return [
    "influxdb:",
    `  ssl: ${isHttps}`,
    `  host: ${yaml(host)}`,
    `  port: ${port}`,
    `  username: ${yaml(username)}`,
    `  password: ${yaml(password)}`,
    "  database: energy",
    "  max_retries: 5",
    ...entities,
  ].join("\n");
}

/** Sources: home-assistant.io/integrations/influxdb and home-assistant/core components/influxdb (dialog since 2026.3). */
export const homeAssistant: Guide = {
  id: "home-assistant",
  name: "Home Assistant",
  about: "What Home Assistant knows, through its InfluxDB integration",
  words: "hass hassio influxdb homewizard",
  kind: "device",
  steps: (values) => [
    {
      text: "First say what to send, in configuration.yaml, and restart Home Assistant. Name your own entities.",
      code: ["influxdb:", ...entities].join("\n"),
    },
    {
      text: "Then Settings → Devices & services → Add integration → InfluxDB → v2.x, with these values:",
      code: [
        `URL:           ${values.httpUrl}`,
        "Organization:  energy",
        "Bucket:        energy",
        `API token:     ${values.token}`,
        ...(httpParts(values.httpUrl).isHttps ? ["Verify SSL certificate: yes"] : []),
      ].join("\n"),
    },
    { text: "Before Home Assistant 2026.3, all of it goes into configuration.yaml:", code: beforeDialogs(values) },
    { text: "Or, where only version 1 of InfluxDB is offered:", code: inVersion1(values) },
  ],
  notes: () => [
    "Home Assistant sends changes only: a value that stays the same is not sent again.",
    "It keeps what it could not send for some retries, not over a restart.",
    "Organization, bucket and database may be any words: the credential says whose the readings are.",
  ],
};

/** Sources: home-assistant.io/integrations/mqtt_statestream and mqtt; home-assistant/core components/mqtt_statestream. */
export const statestream: Guide = {
  id: "home-assistant-statestream",
  name: "Home Assistant (MQTT)",
  about: "What Home Assistant knows, published by mqtt_statestream",
  words: "hass statestream mqtt",
  kind: "gateway",
  steps: (values) => {
    const { mqttHost, mqttPort, username, password, topicPrefix, mqttTls } = values;
    return [
      {
        text: "In configuration.yaml, then restart Home Assistant. Name your own entities.",
        code: [
          "mqtt_statestream:",
          `  base_topic: ${yaml(`${topicPrefix}statestream`)}`,
          "  publish_attributes: true",
          "  publish_timestamps: true",
          ...entities,
        ].join("\n"),
      },
      {
        text: `If Home Assistant has no broker yet: Settings → Devices & services → Add integration → MQTT: broker ${mqttHost}, port ${mqttPort}, user name ${username}, password ${password}${mqttTls ? ", and under the advanced options broker certificate validation: automatic" : ""}.`,
      },
      {
        text: "If it has one (its Mosquitto add-on, say), leave it there, with base_topic: statestream, and let that Mosquitto pass it on. In the add-on, set customize: active, and put this into /share/mosquitto/energy.conf:",
        code: bridge(values, ["statestream/#"]),
      },
    ];
  },
  notes: () => [
    "publish_attributes must be true: that is where the units are.",
    "Each entity appears here as a device. It sends at QoS 1, and changes only.",
  ],
};

const published = [
  "tele/#",
  "shellies/#",
  "+/events/rpc",
  "+/status/#",
  "+/online",
  "zigbee2mqtt/#",
  "solar/#",
  "inverter/#",
  "dsmr/#",
  "evcc/#",
  "+/sensor/#",
  "homeassistant/#",
];

/** Sources: mosquitto.conf(5), “Configuring bridges”; home-assistant/addons mosquitto DOCS.md (customize). */
export const mosquittoBridge: Guide = {
  id: "home-assistant-bridge",
  name: "Mosquitto bridge",
  about: "All that devices publish to a Mosquitto you have, such as Home Assistant's",
  words: "home assistant add-on addon broker iobroker openhab node-red domoticz bridge emqx",
  kind: "gateway",
  steps: (values) => [
    {
      text: "Put this into a file of the Mosquitto you have (/etc/mosquitto/conf.d/energy.conf) and restart it. Delete the topics that you do not have.",
      code: bridge(values, published),
    },
    {
      text: "In Home Assistant's Mosquitto add-on, the file is /share/mosquitto/energy.conf, and its configuration says:",
      code: ["customize:", "  active: true", "  folder: mosquitto"].join("\n"),
    },
  ],
  notes: ({ mqttTls }) => [
    "Your devices stay as they are. Each appears here by itself when it is first heard.",
    "topic # out 1 passes everything on; then what is not a measurement is counted as not understood.",
    "The bridge keeps what was sent at QoS 1 while the line is down, 1,000 messages of each client by default (max_queued_messages).",
    ...(mqttTls ? ["Where there is no /etc/ssl/certs, name the CA's file instead: bridge_cafile."] : []),
  ],
};

/** Sources: zigbee2mqtt.io configuration (mqtt, device_options); lib/mqtt.ts. */
export const zigbee2mqtt: Guide = {
  id: "zigbee2mqtt",
  name: "Zigbee2MQTT",
  about: "Zigbee plugs and meters behind Zigbee2MQTT",
  words: "zigbee z2m ikea aqara tuya sonoff",
  kind: "gateway",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
    return [
      {
        text: "If Zigbee2MQTT has no broker yet: put this in its configuration.yaml and restart it.",
        code: [
          "mqtt:",
          ...(topicPrefix ? [`  base_topic: ${yaml(`${topicPrefix}zigbee2mqtt`)}`] : []),
          `  server: ${yaml(`${mqttTls ? "mqtts" : "mqtt"}://${mqttHost}:${mqttPort}`)}`,
          `  user: ${yaml(username)}`,
          `  password: ${yaml(password)}`,
          "device_options:",
          "  qos: 1",
        ].join("\n"),
      },
      {
        text: "If it has one (Home Assistant's Mosquitto, say), leave it there and let that Mosquitto pass everything on (mosquitto.conf):",
        code: bridge(values, ["zigbee2mqtt/#"]),
      },
    ];
  },
  notes: () => [
    "Each Zigbee device appears here by its friendly name when it is first heard.",
    "Switch availability on in Zigbee2MQTT, and you see here which plug is gone.",
  ],
};
