import { describe, expect, test } from "vitest";
import { decodeAll, json, post, sample, values, type Sent } from "../../../tests/support/sent-by-devices.ts";
import { guideOf, guides } from "../guides.ts";

interface Example {
  id: string;
  /** What the guide must say for the message to come as it does. */
  says: string;
  sent: Sent[];
  /** [device, metric, value, unit] */
  gives: [string, string, number | boolean, string | null][];
}

const telegramLines = ["/ISK5\\2M550T-1012", "", "1-0:1.8.1(001234.567*kWh)", "1-0:1.7.0(00.421*kW)", "!"];
const telegram = telegramLines.join("\r\n") + "\r\n";

const examples: Example[] = [
  {
    id: "tasmota",
    says: "MqttHost energy.example.org",
    sent: [json("tele/tasmota_A1B2C3/SENSOR", { ENERGY: { Total: 211.4, Power: 361 } })],
    gives: [
      ["tasmota_A1B2C3", "power", 361, "W"],
      ["tasmota_A1B2C3", "energy.import", 211.4, "kWh"],
    ],
  },
  {
    id: "shelly",
    says: '"status_ntf":true',
    sent: [json("shellyplus1pm-a0/status/switch:0", { id: 0, apower: 361.5, aenergy: { total: 211400 } })],
    gives: [
      ["shellyplus1pm-a0", "power.ch0", 361.5, "W"],
      ["shellyplus1pm-a0", "energy.import.ch0", 211.4, "kWh"],
    ],
  },
  {
    id: "shelly-gen1",
    says: "mqtt_update_period=30",
    sent: [
      { topic: "shellies/shellyplug-s-A1/relay/0/power", payload: "361.5" },
      { topic: "shellies/shellyplug-s-A1/relay/0/energy", payload: "60000" },
    ],
    gives: [
      ["shellyplug-s-A1", "power.ch0", 361.5, "W"],
      ["shellyplug-s-A1", "energy.import.ch0", 1, "kWh"],
    ],
  },
  {
    id: "esphome",
    says: "discovery: true",
    sent: [
      json("homeassistant/sensor/washer/power/config", {
        unit_of_meas: "kW",
        dev_cla: "power",
        stat_cla: "measurement",
        stat_t: "washer/sensor/power/state",
      }),
      { topic: "washer/sensor/power/state", payload: "0.361" },
    ],
    gives: [["washer", "power", 361, "W"]],
  },
  {
    id: "home-assistant",
    says: "URL:           http://energy.example.org:3000",
    sent: [post("/api/v2/write", "W,domain=sensor,entity_id=washer_power value=361", "org=energy&bucket=energy")],
    gives: [["@token", "W.value", 361, null]],
  },
  {
    id: "home-assistant-statestream",
    says: "base_topic: 'statestream'",
    sent: [
      { topic: "statestream/sensor/washer_power/unit_of_measurement", payload: '"W"' },
      { topic: "statestream/sensor/washer_power/device_class", payload: '"power"' },
      { topic: "statestream/sensor/washer_power/state", payload: "361" },
    ],
    gives: [["sensor.washer_power", "power", 361, "W"]],
  },
  {
    id: "home-assistant-bridge",
    says: "topic shellies/# out 1",
    sent: [{ topic: "shellies/shellyem-A1/emeter/0/power", payload: "-620" }],
    gives: [["shellyem-A1", "power.ch0", -620, "W"]],
  },
  {
    id: "zigbee2mqtt",
    says: "server: 'mqtt://energy.example.org:1883'",
    sent: [
      json("zigbee2mqtt/washer", { power: 361, energy: 211.4, linkquality: 145, update: { installed_version: 5 } }),
    ],
    gives: [
      ["washer", "power", 361, "W"],
      ["washer", "energy.import", 211.4, "kWh"],
    ],
  },
  {
    id: "opendtu",
    says: "solar/",
    sent: [
      { topic: "solar/114182947501/0/power", payload: "356.7" },
      { topic: "solar/114182947501/0/yieldtotal", payload: "110.8" },
    ],
    gives: [
      ["114182947501", "pv.power", 356.7, "W"],
      ["114182947501", "energy.production", 110.8, "kWh"],
    ],
  },
  {
    id: "ahoydtu",
    says: "inverter",
    sent: [{ topic: "inverter/HM-800/ch0/P_AC", payload: "71" }],
    gives: [["HM-800", "pv.power", 71, "W"]],
  },
  {
    id: "victron",
    says: "topic N/# out 1",
    sent: [json("N/c0619ab1f2d3/system/0/Dc/Battery/Power", { value: 1250 })],
    gives: [["c0619ab1f2d3/system/0", "battery.power", 1250, "W"]],
  },
  {
    id: "fronius",
    says: "/ingest/fronius?apikey=1234567890123456789012345678e901",
    sent: sample("fronius/powerflow-export-battery"),
    gives: [["site", "grid.power", -2210.4, "W"]],
  },
  {
    id: "solaredge",
    says: "/ingest/solaredge",
    sent: [
      post(
        "/ingest/solaredge",
        '{"overview":{"lifeTimeData":{"energy":761985.75},"currentPower":{"power":3041.8},"measuredBy":"INVERTER"}}',
      ),
    ],
    gives: [
      ["@token", "pv.power", 3041.8, "W"],
      ["@token", "energy.production", 761.98575, "kWh"],
    ],
  },
  {
    id: "evcc",
    says: "topic: 'evcc'",
    sent: [{ topic: "evcc/loadpoints/1/chargePower", payload: "7380" }],
    gives: [["evcc/loadpoints/1", "power", 7380, "W"]],
  },
  {
    id: "sml-tasmota",
    says: "Total_in,4",
    sent: [json("tele/zaehler/SENSOR", { SML: { Total_in: 34507.4761, Power_curr: -894 } })],
    gives: [
      ["zaehler", "energy.import", 34507.4761, "kWh"],
      ["zaehler", "power", -894, "W"],
    ],
  },
  {
    id: "p1",
    says: "/ingest/p1",
    sent: [post("/ingest/p1", telegram)],
    gives: [
      ["@token", "energy.import.t1", 1234.567, "kWh"],
      ["@token", "power.import", 421, "W"],
    ],
  },
  {
    id: "d0",
    says: "/ingest/obis",
    sent: [
      post("/ingest/obis", "/EBZ5DD3\r\n\r\n1-0:1.8.0*255(00052185.78*kWh)\r\n1-0:16.7.0*255(-000894*W)\r\n!\r\n"),
    ],
    gives: [
      ["@token", "energy.import", 52185.78, "kWh"],
      ["@token", "power", -894, "W"],
    ],
  },
  {
    id: "dsmr-reader",
    says: "dsmr/json",
    sent: [json("dsmr/json", { electricity_delivered_1: "1234.567", electricity_currently_delivered: "0.421" })],
    gives: [
      ["dsmr", "energy.import.t1", 1234.567, "kWh"],
      ["dsmr", "power.import", 421, "W"],
    ],
  },
  {
    id: "vzlogger",
    says: '"topic": "vzlogger/data"',
    sent: [
      { topic: "vzlogger/data/chn0/id", payload: "1-0:1.8.0" },
      json("vzlogger/data/chn0/raw", { timestamp: 1741944310250, value: 34507476.1 }),
    ],
    gives: [["vzlogger/data/chn0", "energy.import", 34507.4761, "kWh"]],
  },
  {
    id: "vzlogger-d0",
    says: '"topic": "vzlogger/data"',
    sent: [
      { topic: "vzlogger/data/chn0/id", payload: "1-0:1.8.0" },
      json("vzlogger/data/chn0/raw", { timestamp: 1741944310250, value: 34507.4761 }),
    ],
    gives: [["vzlogger/data/chn0", "energy.import", 34507.4761, "kWh"]],
  },
  {
    id: "wmbusmeters",
    says: "-t wmbusmeters/$METER_ID",
    sent: [
      json("wmbusmeters/01135263", {
        media: "water",
        meter: "multical21",
        id: "01135263",
        total_m3: 6.408,
        timestamp: "2025-03-14T09:25:00Z",
      }),
    ],
    gives: [["01135263", "water", 6.408, "m3"]],
  },
  {
    id: "emonhub",
    says: "apikey = 1234567890123456789012345678e901",
    sent: [
      post("/input/bulk", 'data=[[1741944400,"emontx",421]]&sentat=1741944400'),
      json("emon/emonTx4_15", { P1: 812, E1: 102031, time: 1741944410 }),
    ],
    gives: [
      ["emontx", "1", 421, null],
      ["emonTx4_15", "P1", 812, "W"],
      ["emonTx4_15", "E1", 102.031, "kWh"],
    ],
  },
  {
    id: "emonesp",
    says: "emon/emonesp",
    sent: [
      { method: "GET", path: "/input/post", query: "node=emonesp&fulljson={%22ct1%22:421}", payload: "" },
      { topic: "emon/emonesp/ct1", payload: "422" },
    ],
    gives: [
      ["emonesp", "ct1", 421, null],
      ["emonesp", "ct1", 422, null],
    ],
  },
  {
    id: "iotawatt",
    says: "$units",
    sent: [
      post("/api/v2/write", "mains Watts=1250.3 1741944400\n", "precision=s&orgID=0123456789abcdef&bucket=energy"),
    ],
    gives: [["@token", "mains.Watts", 1250.3, null]],
  },
  {
    id: "the-things-stack",
    says: "/ingest/tts",
    sent: [
      post(
        "/ingest/tts",
        '{"end_device_ids":{"device_id":"meter-1"},"received_at":"2025-03-14T09:26:54Z","uplink_message":{"decoded_payload":{"active_power":1250}}}',
      ),
    ],
    gives: [["meter-1", "active_power", 1250, null]],
  },
  {
    id: "chirpstack",
    says: "/ingest/chirpstack",
    sent: [
      post(
        "/ingest/chirpstack",
        '{"time":"2025-03-14T09:27:10Z","deviceInfo":{"devEui":"24e124538b223344"},"object":{"power":1250}}',
        "event=up",
      ),
    ],
    gives: [["24e124538b223344", "power", 1250, null]],
  },
  {
    id: "telegraf",
    says: 'urls = ["http://energy.example.org:3000"]',
    sent: [post("/api/v2/write", "modbus,host=a power=421i 1741944400000000000", "org=energy&bucket=energy")],
    gives: [["@token", "modbus.power", 421, null]],
  },
  {
    id: "influxdb",
    says: "Database:",
    sent: [post("/write", "meter power=421 1741944400", "db=energy&precision=s")],
    gives: [["@token", "meter.power", 421, null]],
  },
  {
    id: "sparkplug",
    says: "tcp://energy.example.org:1883",
    sent: sample("sparkplug-b/dbirth-units"),
    gives: [["plant1/edge-7/em42", "Meter/ActivePower", 1250.5, "W"]],
  },
  {
    id: "thingsboard",
    says: "/telemetry",
    sent: [json("v1/devices/me/telemetry", { power: 421 }), post("/api/v1/***/telemetry", '{"power": 422}')],
    gives: [
      ["@token", "power", 421, null],
      ["@token", "power", 422, null],
    ],
  },
  {
    id: "thingsboard-gateway",
    says: '"accessToken"',
    sent: [json("v1/gateway/telemetry", { "Meter A": [{ ts: 1741944360000, values: { power: 421 } }] })],
    gives: [["Meter A", "power", 421, null]],
  },
  {
    id: "mqtt",
    says: "energy/washer",
    sent: [
      { topic: "energy/washer", payload: '{"power": 421, "energy.import": 1234.5}' },
      { topic: "home/boiler/power", payload: "1250.5" },
    ],
    gives: [
      ["washer", "power", 421, "W"],
      ["washer", "energy.import", 1234.5, "kWh"],
      ["@token", "home.boiler.power", 1250.5, null],
    ],
  },
  {
    id: "python",
    says: 'client.publish("energy/washer"',
    sent: [{ topic: "energy/washer", payload: '{"time": 1741944360.5, "power": 421, "energy.import": 1234.5}' }],
    gives: [["washer", "power", 421, "W"]],
  },
  {
    id: "green-button",
    says: "/ingest/green-button",
    sent: sample("green-button/hourly-wh"),
    gives: [["01", "energy.import", 0.265, "kWh"]],
  },
];

const code = (id: string) => guideOf(id)!.steps(values).map((step) => step.code ?? "").join("\n"); // prettier-ignore

describe("what a device sends after its guide was followed", () => {
  test.each(examples)("$id", ({ id, says, sent, gives }) => {
    expect(code(id)).toContain(says);
    const readings = decodeAll(id, sent);
    for (const [device, metric, value, unit] of gives)
      expect(readings).toContainEqual(expect.objectContaining({ device, metric, value, unit }));
    const devices = new Set(readings.map((reading) => reading.device).filter((name) => name !== "@token"));
    expect(devices.size <= 1 || guideOf(id)!.kind === "gateway").toBe(true);
  });

  test("every guide has an example, or its own command is run in commands.test.ts", () => {
    const known = [...examples.map((example) => example.id), "curl", "mosquitto"];
    expect(known.sort()).toEqual(guides.map((guide) => guide.id).sort());
  });
});
