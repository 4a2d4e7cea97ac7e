/** Utility meters: their reading heads, customer ports and radio telegrams. */
import { form, shell, type Guide, type SetupValues } from "../guide.ts";
import { bridge } from "./bridge.ts";
import { tasmotaLine, tasmotaTls } from "./plugs.ts";

/** Sources: tasmota/docs Smart-Meter-Interface.md (sensor53, descriptor lines), Commands. */
export const smlTasmota: Guide = {
  id: "sml-tasmota",
  name: "Reading head (Tasmota)",
  about: "A smart meter's optical port, read by Tasmota: SML or OBIS",
  words: "sml hichi volkszaehler zaehler zähler lesekopf edl21 emh easymeter iskra ebz holley dzg smart meter",
  kind: "device",
  steps: (values) => [
    {
      text: "If the head has no script yet: Tools → Edit Script, tick “Script enable”, paste this (the receiving pin is 3), and save. Scripts for other meters are in Tasmota's documentation.",
      code: [
        ">D",
        ">B",
        "=>sensor53 r",
        ">M 1",
        "+1,3,s,0,9600,SML",
        "1,77070100010800ff@1000,Import,kWh,Total_in,4",
        "1,77070100020800ff@1000,Export,kWh,Total_out,4",
        "1,77070100100700ff@1,Power,W,Power_curr,0",
        "#",
      ].join("\n"),
    },
    {
      text: "Then Tools → Console, and this line. It restarts by itself.",
      code: tasmotaLine(values, ["TelePeriod 10"]),
    },
  ],
  notes: (values) => [
    "Keep the names Total_in, Total_out and Power_curr: by them the values are known. Other names appear too; say on the device's page what each is.",
    "Whole kilowatt-hours and no power? The meter wants its PIN, from your grid operator.",
    "Tasmota sends at QoS 0 only. What is lost while the network is down, the register makes up for.",
    ...tasmotaTls(values),
  ],
};

/** What reads telegrams from its input and posts each, from its "/" line to its "!" line. */
const telegramScript = ({ httpUrl, token }: SetupValues, format: string): string =>
  [
    "#!/bin/sh",
    "telegram=",
    "while IFS= read -r line; do",
    "  case $line in /*) telegram= ;; esac",
    '  telegram="$telegram$line',
    '"',
    "  case $telegram in /*'",
    "!'*)",
    `    printf %s "$telegram" | curl -sS -H ${shell(`Authorization: Bearer ${token}`)} \\`,
    `      --data-binary @- ${shell(`${httpUrl}/ingest/${format}`)}`,
    "    telegram= ;;",
    "  esac",
    "done",
  ].join("\n");

/** Sources: DSMR P1 companion standard 5.0.2; ser2net(8). */
export const p1: Guide = {
  id: "p1",
  name: "P1 port (telegrams)",
  about: "Dutch, Belgian, Luxembourgish, Swedish and other P1 ports, by cable or ser2net",
  words: "dsmr emucs slimme meter telegram ser2net han smarty landis kamstrup sagemcom fluvius",
  kind: "device",
  steps: (values) => [
    {
      text: "Save this as p1.sh and make it executable. It needs nothing but a shell and curl.",
      code: telegramScript(values, "p1"),
    },
    {
      text: "With a P1 cable at this machine:",
      code: "stty -F /dev/ttyUSB0 115200 raw -echo && ./p1.sh < /dev/ttyUSB0",
    },
    {
      text: "With ser2net or a P1 gateway that hands telegrams out over TCP, its own address in it:",
      code: "nc 192.168.1.70 2001 | ./p1.sh",
    },
  ],
  notes: () => [
    "Each telegram is checked by its CRC: the line ends must stay as they came.",
    "Meters before DSMR 4 speak at 9600 baud, 7E1: stty -F /dev/ttyUSB0 9600 cs7 parenb -parodd raw -echo.",
    "Gas, water and heat meters behind the port come along.",
    "Luxembourgish telegrams are encrypted: decrypt them on site with the key from your grid operator.",
  ],
};

/** Source: IEC 62056-21 (D0 readout); socat(1), ser2net(8). */
export const d0: Guide = {
  id: "d0",
  name: "D0 readout",
  about: "Meters that print OBIS lines at their optical port (IEC 62056-21)",
  words: "obis d0 optical iec 62056-21 iec 1107 haushaltszähler easymeter",
  kind: "device",
  steps: (values) => [
    { text: "Save this as d0.sh and make it executable.", code: telegramScript(values, "obis") },
    {
      text: "With the reading head at this machine, for a meter that sends by itself:",
      code: "stty -F /dev/ttyUSB0 9600 cs7 parenb -parodd raw -echo && ./d0.sh < /dev/ttyUSB0",
    },
  ],
  notes: () => [
    "A meter that waits to be asked (/?!) is better read by vzlogger.",
    "The unit is taken from each line, kWh or Wh.",
  ],
};

/** Sources: dsmrreader dsmr_mqtt/models/settings (broker, telegram), docs “MQTT”. */
export const dsmrReader: Guide = {
  id: "dsmr-reader",
  name: "DSMR-reader",
  about: "DSMR-reader's MQTT, and P1 gateways that use its topics",
  words: "dsmrreader p1 slimme meter smart gateways gateway",
  kind: "device",
  steps: (values) => {
    const { mqttHost, mqttPort, mqttTls, username, password, topicPrefix } = values;
    return [
      {
        text: "Configuration → MQTT: Broker (on a P1 gateway: its MQTT page), with these values.",
        code: form({
          "Broker hostname": mqttHost,
          "Broker port": mqttPort,
          Secure: mqttTls ? "TLS, certificate required" : "None",
          Username: username,
          Password: password,
          "Quality of service": 1,
        }),
      },
      {
        text: "Then MQTT: Telegram → JSON, enabled, with this topic. Its fields stay as they are.",
        code: `${topicPrefix}dsmr/json`,
      },
      {
        text: "If DSMR-reader has another broker already, leave it there and let that Mosquitto pass it on (mosquitto.conf):",
        code: bridge(values, ["dsmr/#"]),
      },
    ];
  },
  notes: () => [
    "Topics of single fields (dsmr/reading/…) are understood as well, and so are raw telegrams (dsmr/raw).",
    "It sends only what has changed: a value that stays the same is not sent again.",
    "A reader with ESPHome (SlimmeLezer) is set up by the guide for ESPHome; a HomeWizard P1 has no such setting and comes through Home Assistant.",
  ],
};

/** Sources: volkszaehler/vzlogger src/mqtt.cpp (keys of "mqtt"), etc/vzlogger.conf. */
const vzlogger = (protocol: "sml" | "d0"): Guide => ({
  id: protocol === "sml" ? "vzlogger" : "vzlogger-d0",
  name: `vzlogger (${protocol.toUpperCase()})`,
  about: `Meters that vzlogger reads by ${protocol.toUpperCase()}`,
  words: "volkszaehler volkszähler reading head",
  kind: "gateway",
  config: { protocol },
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }) => [
    {
      text: 'Put this beside "meters" in vzlogger.conf and restart vzlogger.',
      code: `"mqtt": ${JSON.stringify(
        {
          enabled: true,
          host: mqttHost,
          port: mqttPort,
          ...(mqttTls && { capath: "/etc/ssl/certs" }),
          topic: `${topicPrefix}vzlogger/data`,
          user: username,
          pass: password,
          retain: false,
          rawAndAgg: false,
          qos: 1,
          timestamp: true,
        },
        null,
        2,
      )},`,
    },
  ],
  notes: () => [
    "vzlogger must have been built with MQTT.",
    "Each channel appears here as a device. What it measures is told by its identifier (1-0:1.8.0); give each channel one.",
    protocol === "sml"
      ? "SML meters count in Wh, and that is how their registers are read here."
      : "D0 meters print kWh, and that is how their registers are read here.",
  ],
});

export const vzloggerSml = vzlogger("sml");
export const vzloggerD0 = vzlogger("d0");

/** Source: wmbusmeters README.md (shell=, $METER_ID, $METER_JSON). */
export const wmbusmeters: Guide = {
  id: "wmbusmeters",
  name: "wmbusmeters",
  about: "Wireless M-Bus meters: water, heat, gas, electricity",
  words: "wmbus wireless m-bus mbus water heat gas rtl-sdr im871a",
  kind: "gateway",
  steps: ({ mqttHost, mqttPort, mqttTls, username, password, topicPrefix }) => [
    {
      text: "Add this line to wmbusmeters.conf and restart wmbusmeters.",
      code: [
        "shell=/usr/bin/mosquitto_pub -V mqttv311 -q 1",
        `-h ${mqttHost} -p ${mqttPort}${mqttTls ? " --tls-use-os-certs" : ""}`,
        `-u ${username} -P ${password}`,
        `-t ${topicPrefix}wmbusmeters/$METER_ID -m "$METER_JSON"`,
      ].join(" "),
    },
  ],
  notes: () => [
    "Set format=json. Each meter appears here by its number.",
    "An encrypted meter needs its key in its own file, as always with wmbusmeters.",
    "Old values beside the register (last month, due date) are left out.",
  ],
};
