/**
 * What a person pastes into their hardware, with the real address and credential filled in. QoS 1 wherever the sender can: only
 * then is a message sent again until it is stored.
 */
export interface SetupValues {
  deviceName: string;
  username: string;
  password: string;
  token: string;
  /** What devices are told: host and ports, and the web address. */
  mqttHost: string;
  mqttPort: number;
  mqttTls: boolean;
  httpUrl: string;
}

export interface SetupText {
  name: string;
  /** Where to paste it. */
  where: string;
  text: string;
  /** What else is to be known. */
  note?: string;
}

/** A name that is safe in a topic. */
const topicName = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "") || "device";

export function setupTexts(values: SetupValues): SetupText[] {
  return [curl, mosquitto, tasmota, shelly, telegraf, esphome, zigbee2mqtt, homeAssistant].map((make) => make(values));
}

function tasmota({ username, password, mqttHost, mqttPort, deviceName, mqttTls }: SetupValues): SetupText {
  return {
    name: "Tasmota",
    where: "Tools → Console of the plug's web page",
    text: [
      `Backlog MqttHost ${mqttHost}; MqttPort ${mqttPort}; MqttUser ${username}; MqttPassword ${password}; Topic ${topicName(deviceName)}; SetOption3 1`,
      "TelePeriod 10",
    ].join("\n"),
    note: `The plug restarts after the first line. Its readings come every 10 seconds.${mqttTls ? " This address needs TLS: use a Tasmota build with TLS and SetOption103 1." : ""}`,
  };
}

function shelly({ username, password, mqttHost, mqttPort, mqttTls }: SetupValues): SetupText {
  const config = {
    config: {
      enable: true,
      server: `${mqttHost}:${mqttPort}`,
      user: username,
      pass: password,
      ssl_ca: mqttTls ? "ca.pem" : null,
      rpc_ntf: true,
      status_ntf: true,
    },
  };
  const call = (method: string, body?: object) => `curl -X POST ${body ? `-d '${JSON.stringify(body)}' ` : ""}http://SHELLY-ADDRESS/rpc/${method}`;
  return {
    name: "Shelly Gen2+",
    where: "a terminal; put your Shelly's own address in (or fill in the same values under Settings → MQTT of its web page)",
    text: [call("MQTT.SetConfig", config), call("Shelly.Reboot")].join("\n"),
    note: "status_ntf and rpc_ntf must be on: without them a Shelly sends no measurements over MQTT.",
  };
}

function esphome({ username, password, mqttHost, mqttPort, deviceName, mqttTls }: SetupValues): SetupText {
  return {
    name: "ESPHome",
    where: "the device's YAML",
    text: [
      "mqtt:",
      `  broker: ${mqttHost}`,
      `  port: ${mqttPort}`,
      `  username: ${username}`,
      `  password: ${password}`,
      `  topic_prefix: ${topicName(deviceName)}`,
      "  discovery: true",
    ].join("\n"),
    note: `The units come with discovery, so leave it on.${mqttTls ? " For TLS, add certificate_authority and use the esp-idf framework." : ""}`,
  };
}

function zigbee2mqtt({ username, password, mqttHost, mqttPort, deviceName, mqttTls }: SetupValues): SetupText {
  return {
    name: "Zigbee2MQTT",
    where: "configuration.yaml",
    text: [
      "mqtt:",
      `  base_topic: ${topicName(deviceName)}`,
      `  server: ${mqttTls ? "mqtts" : "mqtt"}://${mqttHost}:${mqttPort}`,
      `  user: ${username}`,
      `  password: ${password}`,
      "  version: 4",
      "advanced:",
      "  last_seen: ISO_8601",
    ].join("\n"),
    note: "Zigbee2MQTT speaks for many devices: make this a gateway.",
  };
}

function telegraf({ token, httpUrl }: SetupValues): SetupText {
  return {
    name: "Telegraf",
    where: "telegraf.conf",
    text: [
      "[[outputs.influxdb_v2]]",
      `  urls = ["${httpUrl}"]`,
      `  token = "${token}"`,
      '  organization = "energy"',
      '  bucket = "energy"',
      '  content_encoding = "gzip"',
    ].join("\n"),
    note: "Organization and bucket may be any words: the token says whose the readings are.",
  };
}

function homeAssistant({ token, httpUrl }: SetupValues): SetupText {
  const { hostname, port, protocol } = new URL(httpUrl);
  const isHttps = protocol === "https:";
  return {
    name: "Home Assistant",
    where: "configuration.yaml",
    text: [
      "influxdb:",
      "  api_version: 2",
      `  ssl: ${isHttps}`,
      `  host: ${hostname}`,
      `  port: ${port || (isHttps ? 443 : 80)}`,
      `  token: ${token}`,
      "  organization: energy",
      "  bucket: energy",
      "  include:",
      "    entity_globs:",
      "      - sensor.*power*",
      "      - sensor.*energy*",
    ].join("\n"),
    note: "Restart Home Assistant afterwards. Narrow the list to what you want to see here.",
  };
}

function curl({ token, httpUrl }: SetupValues): SetupText {
  return {
    name: "curl",
    where: "a terminal",
    text: [
      `curl ${httpUrl}/api/v1/readings -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '{"power": 421, "energy.import": 1234.5}'`,
      "",
      "# or as InfluxDB line protocol:",
      `curl '${httpUrl}/api/v2/write?org=energy&bucket=energy&precision=s' -H 'Authorization: Token ${token}' --data-binary 'home power=421'`,
    ].join("\n"),
    note: "Power is in W, energy in kWh. A reading without a time counts from its arrival.",
  };
}

function mosquitto({ username, password, mqttHost, mqttPort, deviceName, mqttTls }: SetupValues): SetupText {
  const tls = mqttTls ? "--tls-use-os-certs " : "";
  return {
    name: "mosquitto_pub",
    where: "a terminal",
    text: `mosquitto_pub -V mqttv311 ${tls}-h ${mqttHost} -p ${mqttPort} -u ${username} -P ${password} -q 1 -t energy/${topicName(deviceName)} -m '{"power": 421, "energy.import": 1234.5}'`,
    note: "The broker speaks MQTT 3.1.1.",
  };
}
