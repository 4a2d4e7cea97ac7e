/** Clamp-on energy monitors: OpenEnergyMonitor's and IoTaWatt. */
import { form, httpParts, plainHttpNote, type Guide } from "../guide.ts";
import { bridge, throughMosquitto } from "./bridge.ts";

const meaning = "Its inputs appear by their own names; say on the device's page what each of them measures.";

/**
 * Sources: openenergymonitor/emonhub conf/interfacer_examples/Emoncms and MQTT; EmonHubEmoncmsHTTPInterfacer.py (the key has 32
 * characters, and only the answer "ok" ends a batch).
 */
export const emonhub: Guide = {
  id: "emonhub",
  name: "emonHub, emonPi",
  about: "OpenEnergyMonitor: emonPi, emonBase, emonTx behind emonHub",
  words: "openenergymonitor emonpi emonbase emontx emonth emoncms oem",
  kind: "gateway",
  steps: (values) => {
    const { httpUrl, mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
    return [
      {
        text: "Over HTTP: add this to the interfacers in emonhub.conf. What could not be sent is sent again.",
        code: [
          "[[energy]]",
          "    Type = EmonHubEmoncmsHTTPInterfacer",
          "    [[[init_settings]]]",
          "    [[[runtimesettings]]]",
          "        pubchannels = ToRFM12,",
          "        subchannels = ToEmonCMS,",
          `        url = ${httpUrl}`,
          `        apikey = ${password}`,
          "        senddata = 1",
          "        sendstatus = 0",
          "        sendinterval = 30",
        ].join("\n"),
      },
      {
        text: "Or over MQTT:",
        code: [
          "[[energyMQTT]]",
          "    Type = EmonHubMqttInterfacer",
          "    [[[init_settings]]]",
          `        mqtt_host = ${mqttHost}`,
          `        mqtt_port = ${mqttPort}`,
          `        mqtt_user = ${username}`,
          `        mqtt_passwd = ${password}`,
          ...(mqttTls ? ["        mqtt_tls_enabled = true"] : []),
          "    [[[runtimesettings]]]",
          "        subchannels = ToEmonCMS,",
          "        node_format_enable = 0",
          "        nodevar_format_enable = 0",
          "        node_JSON_enable = 1",
          `        node_JSON_basetopic = ${topicPrefix}emon/`,
        ].join("\n"),
      },
      {
        text: "Or, since an emonPi has a Mosquitto of its own, let that pass it on (mosquitto.conf):",
        code: bridge(values, ["emon/#"]),
      },
    ];
  },
  notes: () => [
    "Each node appears here as a device.",
    meaning,
    "The API key is the password above: 32 characters, as emonHub insists.",
  ],
};

/** Sources: openenergymonitor/EmonESP src/config.cpp (EEPROM_* lengths), src/emoncms.cpp, src/mqtt.cpp. */
export const emonesp: Guide = {
  id: "emonesp",
  name: "EmonESP",
  about: "Wi-Fi boards with EmonESP, such as emonTx and smart plugs",
  words: "openenergymonitor emontx emonevse openevse esp8266",
  kind: "device",
  takes: { mqttHost: 44, username: 31, password: 63, topicPrefix: 20 },
  steps: (values) => {
    const { httpUrl, mqttHost, mqttPort, username, password, topicPrefix } = values;
    const { host, port } = httpParts(httpUrl);
    return [
      {
        text: "On its web page: Emoncms Server, with these values, then Save.",
        code: form({
          "Emoncms server": port === 80 || port === 443 ? host : `${host}:${port}`,
          "Emoncms node": "emonesp",
          "Write API key": password,
        }),
      },
      ...(values.mqttTls
        ? [throughMosquitto(values, ["emon/#"])]
        : [
            {
              text: "Or MQTT Server:",
              code: form({
                "MQTT server": mqttHost,
                Port: mqttPort,
                Username: username,
                Password: password,
                "Base topic": `${topicPrefix}emon/emonesp`,
              }),
            },
          ]),
    ];
  },
  notes: ({ httpUrl }) => [
    meaning,
    "Its fields are short: server 44, user name 31, topic 31, password 63, API key 32 characters. The key is the password above.",
    ...(httpParts(httpUrl).isHttps
      ? [
          "For an HTTPS address it asks for the certificate's SHA-1 fingerprint, which changes when the certificate does: MQTT, or an address in your own network, is less trouble.",
        ]
      : []),
  ],
};

/**
 * Sources: docs.iotawatt.com influxDB and emoncms pages; boblemaire/IoTaWatt Firmware uploaders (orgID of exactly 16, token of
 * exactly 88 characters, api key of 32; HTTPS only through a proxy of one's own).
 */
export const iotawatt: Guide = {
  id: "iotawatt",
  name: "IoTaWatt",
  about: "IoTaWatt's own uploaders: InfluxDB v2 or v1, or Emoncms",
  words: "clamp ct influxdb emoncms",
  kind: "device",
  steps: ({ httpUrl, token, username, password }) => [
    {
      text: "Setup → Web server → add → influxDB_v2, with these values. Add a measurement for each input and output.",
      code: form({
        "post interval(sec)": 10,
        "server URL": httpUrl,
        bucket: "energy",
        "organization ID": "0123456789abcdef",
        "auth token": token,
        measurement: "$name",
        "field-key": "$units",
      }),
    },
    {
      text: "Or influxDB_v1:",
      code: form({
        "server URL": httpUrl,
        database: "energy",
        user: username,
        password,
        measurement: "$name",
        "field-key": "$units",
      }),
    },
    {
      text: "Or Emoncms:",
      code: form({ "server URL": httpUrl, "api key": password, node: "IotaWatt" }),
    },
  ],
  notes: ({ httpUrl }) => [
    "After a break it sends what it has logged meanwhile, so nothing is lost.",
    "The organization may be any 16 characters; the token has the 88 that it insists on.",
    "Give it Wh as well as Watts: an output with the unit Wh is a register, from which energy is exact.",
    meaning,
    ...plainHttpNote(httpUrl, "IoTaWatt"),
  ],
};
