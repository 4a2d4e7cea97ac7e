/** Agents, gateways and controllers of industry and building automation. */
import { form, httpParts, shell, type Guide } from "../guide.ts";
import { isPlain, throughMosquitto } from "./bridge.ts";

/** Source: influxdata/telegraf plugins/outputs/influxdb_v2. */
export const telegraf: Guide = {
  id: "telegraf",
  name: "Telegraf",
  about: "Telegraf with Modbus, SNMP, OPC UA or any other input",
  words: "modbus snmp opc ua influxdb agent m-bus",
  kind: "device",
  steps: ({ httpUrl, token }) => [
    {
      text: "Add this output to telegraf.conf and restart Telegraf.",
      code: [
        "[[outputs.influxdb_v2]]",
        `  urls = ["${httpUrl}"]`,
        `  token = "${token}"`,
        '  organization = "energy"',
        '  bucket = "energy"',
        '  content_encoding = "gzip"',
      ].join("\n"),
    },
  ],
  notes: () => [
    "Organization and bucket may be any words: the token says whose the readings are.",
    "Telegraf keeps what it could not send and sends it again (metric_buffer_limit).",
  ],
};

/** Sources: InfluxDB OSS 2.7 and 1.8 HTTP API, as its client libraries call it. */
export const influx: Guide = {
  id: "influxdb",
  name: "InfluxDB clients",
  about: "Anything that can write to InfluxDB: openHAB, ioBroker, Node-RED, libraries",
  words: "influx line protocol openhab iobroker node-red grafana alloy evcc collectd",
  kind: "device",
  steps: ({ httpUrl, token, username, password }) => {
    const { host, port, isHttps } = httpParts(httpUrl);
    return [
      {
        text: "Where it asks for InfluxDB 2:",
        code: form({ URL: httpUrl, Organization: "energy", Bucket: "energy", Token: token }),
      },
      {
        text: "Where it asks for InfluxDB 1:",
        code: form({
          Protocol: isHttps ? "https" : "http",
          Host: host,
          Port: port,
          Database: "energy",
          User: username,
          Password: password,
        }),
      },
    ];
  },
  notes: () => [
    "Writing only: queries are answered, but with nothing in them.",
    "The credential says whose the readings are: organization, bucket and database may be any words.",
  ],
};

/** Sources: thingsboard.io docs, MQTT and HTTP device API; thingsboard-gateway config/tb_gateway.json. */
export const thingsboard: Guide = {
  id: "thingsboard",
  name: "ThingsBoard device",
  about: "Devices made for ThingsBoard's MQTT or HTTP API",
  words: "thingsboard access token telemetry milesight teltonika",
  kind: "device",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, httpUrl, token } = values;
    return [
      ...(values.topicPrefix
        ? [throughMosquitto(values, ["v1/devices/me/#"])]
        : [
            {
              text: "Over MQTT: where the device asks for the ThingsBoard server and the access token.",
              code: form({ Host: mqttHost, Port: mqttPort, TLS: mqttTls ? "on" : "off", "Access token": token }),
            },
          ]),
      {
        text: "Over HTTP, for a try:",
        code: [
          `curl -X POST ${shell(`${httpUrl}/api/v1/${token}/telemetry`)} \\`,
          "  -H 'Content-Type: application/json' \\",
          `  -d ${shell('{"power": 421, "energy": 1234.5}')}`,
        ].join("\n"),
      },
    ];
  },
  notes: () => [
    "Is the field too short for the token? The password above, with its 32 characters, does in its place.",
    "Keys keep their names; say on the device's page what each of them measures.",
    "Telemetry is taken; attributes and calls from the server are not.",
  ],
};

/** Sources: thingsboard-gateway config/tb_gateway.json (security, qos); thingsboard.io docs, gateway MQTT API. */
export const thingsboardGateway: Guide = {
  id: "thingsboard-gateway",
  name: "ThingsBoard gateway",
  about: "ThingsBoard IoT Gateway with Modbus, OPC UA, BACnet and others",
  words: "thingsboard iot gateway modbus bacnet opc ua",
  kind: "gateway",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, token } = values;
    const settings = {
      host: isPlain(values) ? mqttHost : values.topicPrefix ? "localhost" : mqttHost,
      port: values.topicPrefix ? 1883 : mqttPort,
      remoteConfiguration: false,
      security: {
        type: "accessToken",
        accessToken: token,
        ...(mqttTls && !values.topicPrefix && { caCert: "/etc/ssl/certs/ca-certificates.crt" }),
      },
      qos: 1,
    };
    return [
      ...(values.topicPrefix ? [throughMosquitto(values, ["v1/gateway/#"])] : []),
      {
        text: 'In tb_gateway.json, change these of "thingsboard" and restart the gateway.',
        code: `"thingsboard": ${JSON.stringify(settings, null, 2)}`,
      },
    ];
  },
  notes: () => [
    "Each device behind the gateway appears here by its name.",
    "remoteConfiguration must be off: there is no ThingsBoard here to configure it.",
  ],
};

/** Sources: Eclipse Sparkplug 3.0 chapters 4 to 6; Ignition MQTT Transmission settings. */
export const sparkplug: Guide = {
  id: "sparkplug",
  name: "Sparkplug B",
  about: "Edge nodes of industry: Ignition, gateways, PLCs",
  words: "sparkplug ignition plc scada mqtt transmission groov hivemq canary",
  kind: "gateway",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, username, password } = values;
    if (values.topicPrefix) {
      return [
        throughMosquitto(values, ["spBv1.0/#"], ["spBv1.0/+/NCMD/#"]),
        {
          text: "Then in the edge node's MQTT settings: your Mosquitto as the server, and the primary host id left empty.",
        },
      ];
    }
    return [
      {
        text: "In the edge node's MQTT settings (Ignition: MQTT Transmission → Servers):",
        code: form({
          URL: `${mqttTls ? "ssl" : "tcp"}://${mqttHost}:${mqttPort}`,
          Username: username,
          Password: password,
          "Primary host ID": "(left empty)",
          "MQTT version": "3.1.1",
        }),
      },
    ];
  },
  notes: () => [
    "Group, node and device ids stay as they are; each appears here by them.",
    "We ask a node for its birth again when we have missed it: it must be allowed to hear its NCMD topic.",
    "With a primary host id set, a node waits for that host and sends nothing.",
  ],
};
