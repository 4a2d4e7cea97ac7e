/** Scripts, programs and files of one's own. */
import { shell, topicName, type Guide } from "../guide.ts";

const sample = '{"power": 421, "energy.import": 1234.5}';
const units = "Power is in W, energy a register in kWh. ";

/** Sources: our own API; InfluxDB's /api/v2/write. */
export const curl: Guide = {
  id: "curl",
  name: "curl",
  about: "Scripts and programs that post over HTTP",
  words: "http post json rest api webhook script",
  kind: "device",
  steps: ({ httpUrl, token, deviceName }) => [
    {
      text: "JSON, in a terminal:",
      code: [
        `curl ${shell(`${httpUrl}/api/v1/readings`)} \\`,
        `  -H ${shell(`Authorization: Bearer ${token}`)} \\`,
        "  -H 'Content-Type: application/json' \\",
        `  -d ${shell(sample)}`,
      ].join("\n"),
    },
    {
      text: "Or InfluxDB line protocol:",
      code: [
        `curl ${shell(`${httpUrl}/api/v2/write?org=energy&bucket=energy&precision=s`)} \\`,
        `  -H ${shell(`Authorization: Token ${token}`)} \\`,
        `  --data-binary ${shell(`${topicName(deviceName)} power=421,energy=1234.5`)}`,
      ].join("\n"),
    },
  ],
  notes: () => [
    `${units}A reading without a time counts from its arrival.`,
    "The answer comes when the readings are stored; on an error or a 5xx, send again.",
  ],
};

/** Source: mosquitto_pub(1). */
export const mosquitto: Guide = {
  id: "mosquitto",
  name: "mosquitto_pub",
  about: "Scripts that publish over MQTT",
  words: "mqtt publish shell script json",
  kind: "device",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, deviceName, topicPrefix }) => [
    {
      text: "In a terminal:",
      code: [
        `mosquitto_pub -h ${mqttHost} -p ${mqttPort}${mqttTls ? " --tls-use-os-certs" : ""} -V mqttv311 -q 1 \\`,
        `  -u ${username} -P ${password} \\`,
        `  -t ${topicPrefix}energy/${topicName(deviceName)} \\`,
        `  -m ${shell(sample)}`,
      ].join("\n"),
    },
  ],
  notes: () => [
    `${units}Add "time" (ISO 8601 with zone, or Unix seconds) to send what was measured earlier.`,
    "With -q 1 it returns when the reading is stored.",
  ],
};

/** Sources: Eclipse Paho Python 2 (CallbackAPIVersion, loop_start, wait_for_publish). */
export const python: Guide = {
  id: "python",
  name: "Python",
  about: "A Python program that publishes JSON over MQTT",
  words: "paho script program micropython json mqtt",
  kind: "device",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, deviceName, topicPrefix }) => [
    { text: "Once:", code: "pip install paho-mqtt" },
    {
      text: "Then:",
      code: [
        "import json, time",
        "import paho.mqtt.client as mqtt",
        "",
        `client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=${JSON.stringify(topicName(deviceName))}, clean_session=False)`,
        `client.username_pw_set(${JSON.stringify(username)}, ${JSON.stringify(password)})`,
        ...(mqttTls ? ["client.tls_set()"] : []),
        `client.connect(${JSON.stringify(mqttHost)}, ${mqttPort})`,
        "client.loop_start()",
        "while True:",
        '    reading = {"time": time.time(), "power": 421, "energy.import": 1234.5}',
        `    client.publish(${JSON.stringify(`${topicPrefix}energy/${topicName(deviceName)}`)}, json.dumps(reading), qos=1)`,
        "    time.sleep(10)",
      ].join("\n"),
    },
  ],
  notes: () => [
    `${units}With their time in it, readings are stored exactly once, however often they are sent.`,
    "At QoS 1 the library keeps what was not taken and sends it again when the line is back.",
  ],
};

/** Source: our own decoders; any client of MQTT 3.1 or 3.1.1. */
export const anyMqtt: Guide = {
  id: "mqtt",
  name: "Any MQTT device",
  about: "Whatever has fields for a broker, a user name and a password",
  words: "generic other plc arduino esp node-red iobroker openhab inverter heat pump",
  kind: "device",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, deviceName, topicPrefix }) => [
    {
      text: "In its MQTT settings:",
      code: [
        `Server:    ${mqttHost}`,
        `Port:      ${mqttPort}`,
        `TLS:       ${mqttTls ? "on" : "off"}`,
        `User:      ${username}`,
        `Password:  ${password}`,
        `Topic:     ${topicPrefix}energy/${topicName(deviceName)}`,
        "QoS:       1",
      ].join("\n"),
    },
    { text: "What it may send: this, an object of numbers of your own, or one number a topic.", code: sample },
  ],
  notes: ({ topicPrefix }) => [
    `${units}Names of your own appear as they are; say on the device's page what each of them measures.`,
    topicPrefix
      ? `Any topic that begins with ${topicPrefix} is taken.`
      : "Any topic is taken; so is any client id, even one that others use.",
    "MQTT 3.1 and 3.1.1 are spoken here.",
  ],
};

/** Sources: NAESB REQ.21 ESPI (Green Button Download My Data). */
export const greenButton: Guide = {
  id: "green-button",
  name: "Green Button",
  about: "Consumption files of North American utilities",
  words: "espi download my data xml utility pge import file",
  kind: "gateway",
  steps: ({ httpUrl, token }) => [
    {
      text: "Download the XML file from your utility's page (Green Button, Download My Data), and import it: you see beforehand what is in it.",
      link: { name: "Import a file", path: "import" },
    },
    {
      text: "Or post it from a script:",
      code: [
        `curl ${shell(`${httpUrl}/ingest/green-button`)} \\`,
        `  -H ${shell(`Authorization: Bearer ${token}`)} \\`,
        "  -H 'Content-Type: application/atom+xml' \\",
        "  --data-binary @green-button.xml",
      ].join("\n"),
    },
  ],
  notes: () => [
    "The same file twice, or files that overlap, count once.",
    "Each usage point of the file appears here as a device.",
  ],
};
