import { shell, topicName, yaml, type Guide } from "./guide.ts";

/** Sources: tasmota.github.io/docs Commands (Backlog, TelePeriod, PowerDelta, SetOption103), MQTT (TLS). */
export const tasmota: Guide = {
  id: "tasmota",
  name: "Tasmota",
  about: "Plugs, switches and meter readers with Tasmota firmware",
  kind: "device",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }) => [
    {
      text: "Open the device's own web page, go to Tools → Console (Consoles → Console in older versions), and paste this line. It restarts by itself.",
      code: `Backlog ${[
        "TelePeriod 10",
        "PowerDelta 110",
        "SetOption3 1",
        ...(mqttTls ? ["SetOption103 1"] : []),
        ...(topicPrefix ? [`FullTopic ${topicPrefix}%prefix%/%topic%/`] : []),
        `MqttUser ${username}`,
        `MqttPassword ${password}`,
        `MqttPort ${mqttPort}`,
        `MqttHost ${mqttHost}`,
      ].join("; ")}`,
    },
  ],
  notes: ({ mqttTls }) => [
    "It then reports every 10 seconds, and at once when its power changes by more than 10 W.",
    "Tasmota sends at QoS 0 only. What is lost while the network is down, its energy counter makes up for.",
    ...(mqttTls
      ? ["The address needs TLS: on an ESP8266 that takes a Tasmota build with TLS; ESP32 builds have it."]
      : []),
  ],
};

/** Source: shelly-api-docs.shelly.cloud gen2, Mqtt.SetConfig and Shelly.Reboot. */
export const shelly: Guide = {
  id: "shelly",
  name: "Shelly",
  about: "Shelly Gen2, Gen3 and Gen4: Plus, Pro, Mini, 3EM",
  kind: "device",
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
  ],
};

/** Source: esphome.io/components/mqtt (topic_prefix, discovery). */
export const esphome: Guide = {
  id: "esphome",
  name: "ESPHome",
  about: "Boards of your own with ESPHome",
  kind: "device",
  steps: ({ mqttHost, mqttPort, username, password, deviceName, topicPrefix }) => [
    {
      text: "Add this to the device's YAML, and install it. Every sensor with a name comes along, with its unit.",
      code: [
        "mqtt:",
        `  broker: ${yaml(mqttHost)}`,
        `  port: ${mqttPort}`,
        `  username: ${yaml(username)}`,
        `  password: ${yaml(password)}`,
        `  topic_prefix: ${yaml(topicPrefix + topicName(deviceName))}`,
        "  # Tells the units of its sensors:",
        "  discovery: true",
        ...(topicPrefix ? [`  discovery_prefix: ${yaml(`${topicPrefix}homeassistant`)}`] : []),
      ].join("\n"),
    },
  ],
  notes: ({ mqttTls }) => [
    "Without Home Assistant, remove the api: block or set its reboot_timeout to 0s, or the board restarts every 15 minutes.",
    "How often it reports is each sensor's update_interval.",
    ...(mqttTls
      ? ["The address needs TLS: use an ESP32 with the esp-idf framework, and add certificate_authority."]
      : []),
  ],
};

/** Sources: zigbee2mqtt.io configuration (mqtt, device_options); mosquitto.conf(5) bridges. */
export const zigbee2mqtt: Guide = {
  id: "zigbee2mqtt",
  name: "Zigbee2MQTT",
  about: "Zigbee plugs and meters behind Zigbee2MQTT",
  kind: "gateway",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }) => [
    {
      text: "If Zigbee2MQTT has no broker yet: put this in its configuration.yaml and restart it.",
      code: [
        "mqtt:",
        `  base_topic: ${topicPrefix}zigbee2mqtt`,
        `  server: ${mqttTls ? "mqtts" : "mqtt"}://${mqttHost}:${mqttPort}`,
        `  user: ${yaml(username)}`,
        `  password: ${yaml(password)}`,
        "device_options:",
        "  qos: 1",
      ].join("\n"),
    },
    {
      text: "If it has one (Home Assistant's Mosquitto, say), leave it there, and let that Mosquitto pass everything on (mosquitto.conf):",
      code: [
        "connection energy",
        `address ${mqttHost}:${mqttPort}`,
        `remote_username ${username}`,
        `remote_password ${password}`,
        `topic zigbee2mqtt/# out 1${topicPrefix ? ` "" ${topicPrefix}` : ""}`,
        "bridge_protocol_version mqttv311",
        "notifications false",
        "try_private false",
        ...(mqttTls ? ["bridge_capath /etc/ssl/certs"] : []),
      ].join("\n"),
    },
  ],
  notes: () => ["Each Zigbee device appears here by itself when it is first heard."],
};

/** Source: mosquitto_pub(1). */
export const mosquitto: Guide = {
  id: "mosquitto",
  name: "mosquitto_pub",
  about: "Scripts that publish over MQTT",
  kind: "device",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, deviceName, topicPrefix }) => [
    {
      text: "In a terminal:",
      code: [
        `mosquitto_pub -h ${mqttHost} -p ${mqttPort}${mqttTls ? " --tls-use-os-certs" : ""} -V mqttv311 -q 1 \\`,
        `  -u ${username} -P ${password} \\`,
        `  -t ${topicPrefix}energy/${topicName(deviceName)} \\`,
        `  -m ${shell('{"power": 421, "energy.import": 1234.5}')}`,
      ].join("\n"),
    },
  ],
  notes: () => [
    'Power is in W, energy a register in kWh; add "time" (ISO 8601 with zone, or Unix seconds) to send what was measured earlier.',
    "With -q 1 it returns when the reading is stored.",
  ],
};
