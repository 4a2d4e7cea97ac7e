import { describe, expect, test } from "vitest";
import type { Message } from "../../domain/device/device.ts";
import { decodeMessage } from "../../domain/device/registry.ts";
import { isLoopback, shell, topicName, yaml, type SetupValues, type Step } from "./guide.ts";
import { guideOf, guides } from "./guides.ts";

const values: SetupValues = {
  deviceName: "Küche: Spülmaschine",
  username: "d-abcdefgh23",
  password: "1234567890123456789012345678e901",
  token: "-tok_en".padEnd(88, "x"),
  mqttHost: "energy.example.org",
  mqttPort: 1883,
  mqttTls: false,
  httpUrl: "https://energy.example.org",
  topicPrefix: "",
};

const overTls: SetupValues = { ...values, mqttTls: true, mqttPort: 8883 };
const external: SetupValues = { ...values, topicPrefix: "t/d-abcdefgh23/" };
const steps = (id: string, given = values): Step[] => guideOf(id)!.steps(given);
const code = (id: string, given = values) => steps(id, given).map((step) => step.code ?? "").join("\n"); // prettier-ignore

const decode = (message: Partial<Message> & { text: string }) =>
  decodeMessage({
    transport: "mqtt",
    receivedAtMs: 1.7e12,
    ...message,
    payload: new TextEncoder().encode(message.text),
  }).readings.map(({ device, metric, value, unit }) => ({ device, metric, value, unit }));

describe("every guide", () => {
  test.each(guides.map((guide) => guide.id))("%s carries the address and the secret that it needs", (id) => {
    const text = code(id);
    expect(text).toContain("energy.example.org");
    expect(text.includes(values.password) || text.includes(values.token)).toBe(true);
  });

  test.each(["tasmota", "shelly", "esphome", "zigbee2mqtt", "mosquitto"])("%s stays below its prefix", (id) => {
    expect(code(id, external)).toContain("t/d-abcdefgh23/");
    expect(code(id)).not.toContain("t/d-");
  });

  test("ids are unique", () => {
    expect(new Set(guides.map((guide) => guide.id)).size).toBe(guides.length);
  });
});

describe("Tasmota", () => {
  test("one line that sets the broker last, because that restarts it", () => {
    expect(code("tasmota")).toBe(
      "Backlog TelePeriod 10; PowerDelta 110; SetOption3 1; MqttUser d-abcdefgh23; " +
        "MqttPassword 1234567890123456789012345678e901; MqttPort 1883; MqttHost energy.example.org",
    );
  });

  test("with TLS and behind an external broker", () => {
    expect(code("tasmota", overTls)).toContain("SetOption103 1; ");
    expect(code("tasmota", overTls)).toContain("MqttPort 8883; ");
    expect(code("tasmota", external)).toContain("FullTopic t/d-abcdefgh23/%prefix%/%topic%/; ");
  });

  test("what it sends then is understood", () => {
    const text = '{"Time":"2025-03-14T09:27:11","ENERGY":{"Total":211.4,"Power":361,"Voltage":229}}';
    expect(decode({ topic: "tele/tasmota_A1B2C3/SENSOR", text })).toContainEqual({
      device: "tasmota_A1B2C3",
      metric: "power",
      value: 361,
      unit: "W",
    });
  });
});

describe("Shelly", () => {
  const configOf = (given: SetupValues) => {
    const [, json] = /-d '(\{"id":1.*?\})' "http/.exec(code("shelly", given))!;
    return JSON.parse(json!);
  };

  test("is a call of Mqtt.SetConfig with both notifications, then a restart", () => {
    expect(configOf(values)).toEqual({
      id: 1,
      method: "Mqtt.SetConfig",
      params: {
        config: {
          enable: true,
          server: "energy.example.org:1883",
          user: "d-abcdefgh23",
          pass: values.password,
          ssl_ca: null,
          rpc_ntf: true,
          status_ntf: true,
        },
      },
    });
    expect(code("shelly")).toContain(`'{"id":2,"method":"Shelly.Reboot"}'`);
  });

  test("with TLS it checks the certificate by its own bundle; behind a broker it has a prefix", () => {
    expect(configOf(overTls).params.config.ssl_ca).toBe("ca.pem");
    expect(configOf(external).params.config.topic_prefix).toBe("t/d-abcdefgh23/kuche_spulmaschine");
  });
});

describe("ESPHome", () => {
  test("says where to publish, and asks for the discovery that tells the units", () => {
    const text = code("esphome");
    expect(text).toContain("topic_prefix: 'kuche_spulmaschine'");
    expect(text).toContain("discovery: true");
    expect(text).toContain(`password: '${values.password}'`);
    expect(code("esphome", external)).toContain("discovery_prefix: 't/d-abcdefgh23/homeassistant'");
  });

  test("what it sends then is understood", () => {
    const topic = "kuche_spulmaschine/sensor/power/state";
    expect(decode({ topic, text: "421.0" })).toEqual([
      { device: "kuche_spulmaschine", metric: "power", value: 421, unit: null },
    ]);
  });
});

describe("Zigbee2MQTT", () => {
  test("is a gateway, told to ask for acknowledgements", () => {
    expect(guideOf("zigbee2mqtt")!.kind).toBe("gateway");
    expect(code("zigbee2mqtt")).toContain("server: mqtt://energy.example.org:1883");
    expect(code("zigbee2mqtt", overTls)).toContain("server: mqtts://energy.example.org:8883");
    expect(code("zigbee2mqtt")).toContain("device_options:\n  qos: 1");
    expect(code("zigbee2mqtt", external)).toContain('topic zigbee2mqtt/# out 1 "" t/d-abcdefgh23/');
  });

  test("each plug is a device of its own, and the bridge is none", () => {
    const text =
      '{"power":361,"energy":211.4,"voltage":229,"linkquality":145,"state":"ON","update":{"installed_version":5},' +
      '"device":{"friendlyName":"washer","ieeeAddr":"0x00158d0001d82999"}}';
    expect(decode({ topic: "zigbee2mqtt/washer", text })).toEqual(
      expect.arrayContaining([
        { device: "washer", metric: "power", value: 361, unit: "W" },
        { device: "washer", metric: "energy.import", value: 211.4, unit: "kWh" },
      ]),
    );
    expect(decode({ topic: "zigbee2mqtt/bridge/state", text: '{"state":"online"}' })).toEqual([]);
  });
});

describe("over HTTP", () => {
  test("what the curl guide posts is understood, both ways", () => {
    const [json, line] = steps("curl").map((step) => /(?:-d|--data-binary) '(.*)'$/.exec(step.code!)![1]!);
    const headers = { authorization: `Token ${values.token}` };
    const http = { transport: "http" as const, method: "POST", headers };
    expect(decode({ ...http, path: "/api/v1/readings", text: json! })).toMatchObject([
      { metric: "power", value: 421, unit: "W" },
      { metric: "energy.import", value: 1234.5, unit: "kWh" },
    ]);
    const query = "org=energy&bucket=energy&precision=s";
    expect(decode({ ...http, path: "/api/v2/write", query, text: line! }).map((reading) => reading.value)).toEqual([
      421, 1234.5,
    ]);
  });

  test("Telegraf writes to the v2 endpoint", () => {
    expect(code("telegraf")).toContain('urls = ["https://energy.example.org"]');
    expect(code("telegraf")).toContain(`token = "${values.token}"`);
  });

  test("Home Assistant: by its dialog, and by YAML before 2026.3, where the token is quoted", () => {
    expect(code("home-assistant")).toContain("URL:           https://energy.example.org\n");
    expect(code("home-assistant")).toContain(`token: '${values.token}'`);
    expect(code("home-assistant")).toMatch(/ssl: true\n {2}host: 'energy.example.org'\n {2}port: 443/);
    expect(code("home-assistant", { ...values, httpUrl: "http://10.0.0.2:3000" })).toMatch(
      /ssl: false[\s\S]*port: 3000/,
    );
  });
});

test("mosquitto_pub asks for an acknowledgement, and its message is understood", () => {
  expect(code("mosquitto")).toContain("-q 1");
  expect(code("mosquitto", overTls)).toContain("-p 8883 --tls-use-os-certs");
  const [, message] = /-m '(.*)'$/.exec(code("mosquitto"))!;
  expect(decode({ topic: "energy/kuche_spulmaschine", text: message! })).toHaveLength(2);
});

test.each([
  ["Washing machine", "washing_machine"],
  ["Küche: Spülmaschine", "kuche_spulmaschine"],
  ["電力計", "device"],
  ["a/b+c#", "a_b_c"],
])("the topic of %j is %s", (name, topic) => expect(topicName(name)).toBe(topic));

test("quotes", () => {
  expect(yaml("it's")).toBe("'it''s'");
  expect(shell("it's")).toBe(`'it'\\''s'`);
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["192.168.1.2", false],
  ["energy.example.org", false],
])("%s is of this machine only: %s", (host, expected) => expect(isLoopback(host)).toBe(expected));
