import { describe, expect, test } from "vitest";
import { credentialBytes, makeCredential } from "../../domain/access/credential.ts";
import { isLoopback, misfits, shell, topicName, yaml, type SetupValues } from "./guide.ts";
import { families, familiesWith, guideOf, guides } from "./guides.ts";

const values: SetupValues = {
  deviceName: "Küche: Spülmaschine",
  ...makeCredential(Uint8Array.from({ length: credentialBytes }, (_, i) => (i * 37) % 256)),
  mqttHost: "energy.example.org",
  mqttPort: 1883,
  mqttTls: false,
  httpUrl: "https://energy.example.org",
  topicPrefix: "",
};
const prefix = `t/${values.username}/`;

const overTls: SetupValues = { ...values, mqttTls: true, mqttPort: 8883 };
const external: SetupValues = { ...values, topicPrefix: prefix };
const hostileName = `'; rm -rf / #\n"$(id)" \`id\` \${x} <b> %s \\ # + 電`;
const ids = guides.map((guide) => guide.id);

const code = (id: string, given = values) => guideOf(id)!.steps(given).map((step) => step.code ?? "").join("\n"); // prettier-ignore
const text = (id: string, given = values) => {
  const guide = guideOf(id)!;
  const steps = guide.steps(given).map((step) => `${step.text}\n${step.code ?? ""}`);
  return [...steps, ...(guide.notes?.(given) ?? [])].join("\n");
};
const speaksMqtt = ids.filter((id) => code(id).includes(values.username) && /1883|MqttHost/.test(code(id)));

describe.each([
  ["plain", values],
  ["over TLS", overTls],
  ["behind an external broker", external],
  ["both", { ...overTls, topicPrefix: prefix }],
])("every guide, %s", (_how, given) => {
  test.each(ids)("%s carries the address and the secret that it needs", (id) => {
    expect(code(id, given)).toContain("energy.example.org");
    expect(code(id, given).includes(values.password) || code(id, given).includes(values.token)).toBe(true);
  });

  test.each(ids)("%s leaves no gap", (id) => {
    expect(text(id, given)).not.toMatch(/undefined|NaN|\[object|(?<!ITS-)PASSWORD|TOKEN|<[a-z-]+>|\$\{/);
    for (const step of guideOf(id)!.steps(given)) expect(step.text.trim()).not.toBe("");
  });

  test.each(ids)("%s says the same whatever the device is called", (id) => {
    const hostile = text(id, { ...given, deviceName: hostileName });
    expect(hostile).toBe(text(id, { ...given, deviceName: "rm_rf_id_id_x_b_s" }));
  });
});

describe("MQTT", () => {
  test("most speak it", () => expect(speaksMqtt.length).toBeGreaterThan(18));

  test.each(speaksMqtt)("%s stays below its prefix", (id) => {
    expect(code(id, external)).toContain(prefix);
    expect(code(id)).not.toContain("t/d-");
  });

  test.each(speaksMqtt)("%s says so where the address needs TLS", (id) => {
    expect(code(id, overTls)).toContain("8883");
    expect(text(id, overTls)).not.toBe(text(id, { ...overTls, mqttTls: false }));
  });
});

describe("each one's own", () => {
  test("Tasmota: one line that sets the broker last, because that restarts it", () => {
    expect(code("tasmota")).toBe(
      `Backlog TelePeriod 10; PowerDelta 110; SetOption3 1; MqttUser ${values.username}; ` +
        `MqttPassword ${values.password}; MqttPort 1883; MqttHost energy.example.org`,
    );
    expect(code("tasmota", overTls)).toContain("SetOption103 1; ");
    expect(code("tasmota", external)).toContain(`FullTopic ${prefix}%prefix%/%topic%/; `);
  });

  test("ESPHome: its own MQTT, with discovery, and nothing to program", () => {
    expect(code("esphome")).toBe(
      [
        "mqtt:",
        "  broker: 'energy.example.org'",
        "  port: 1883",
        `  username: '${values.username}'`,
        `  password: '${values.password}'`,
        "  discovery: true",
      ].join("\n"),
    );
    expect(code("esphome", external)).toContain(`topic_prefix: '${prefix}kuche_spulmaschine'`);
  });

  test("Zigbee2MQTT: a gateway that needs no settings here", () => {
    expect(guideOf("zigbee2mqtt")).toMatchObject({ kind: "gateway" });
    expect(guideOf("zigbee2mqtt")!.config).toBeUndefined();
    expect(code("zigbee2mqtt", overTls)).toContain("server: 'mqtts://energy.example.org:8883'");
    expect(code("zigbee2mqtt", external)).toContain(`topic zigbee2mqtt/# out 1 "" ${prefix}`);
  });

  test("Shelly: with TLS it checks the certificate by its own bundle; behind a broker it has a prefix", () => {
    expect(code("shelly", overTls)).toContain('"ssl_ca":"ca.pem"');
    expect(code("shelly", external)).toContain(`"topic_prefix":"${prefix}kuche_spulmaschine"`);
  });

  test.each(["shelly-gen1", "ahoydtu"])("%s without TLS goes through a Mosquitto", (id) => {
    expect(code(id)).not.toContain("connection ");
    expect(code(id, overTls)).toContain(`connection energy-${values.username}\naddress energy.example.org:8883`);
  });

  test.each(["victron", "sparkplug"])("%s hears what we ask, behind a broker too", (id) => {
    expect(code(id, external)).toMatch(new RegExp(` in 1 "" ${prefix}`));
  });

  test("Home Assistant: by its dialog, and by YAML before 2026.3, where the token is quoted", () => {
    expect(code("home-assistant")).toContain("URL:           https://energy.example.org\n");
    expect(code("home-assistant")).toContain(`token: '${values.token}'`);
    expect(code("home-assistant")).toMatch(/ssl: true\n {2}host: 'energy.example.org'\n {2}port: 443/);
    const local = { ...values, httpUrl: "http://10.0.0.2:3000" };
    expect(code("home-assistant", local)).toMatch(/ssl: false[\s\S]*port: 3000/);
  });

  test.each(["iotawatt", "fronius"])("%s: an HTTPS address is warned of", (id) => {
    expect(text(id)).toContain("over HTTPS");
    expect(text(id, { ...values, httpUrl: "http://10.0.0.2:3000" })).not.toContain("over HTTPS");
  });

  test("vzlogger's part of its file is JSON", () => {
    expect(JSON.parse(`{${code("vzlogger").replace(/,$/, "")}}`)).toMatchObject({ mqtt: { qos: 1, timestamp: true } });
  });
});

describe("what fits", () => {
  test.each(ids)("%s takes our credential", (id) => {
    expect(misfits(guideOf(id)!, { ...values, topicPrefix: prefix })).toEqual([]);
  });

  test("a server name that is too long is named", () => {
    expect(misfits(guideOf("emonesp")!, { ...values, mqttHost: "a".repeat(45) })).toEqual([
      "EmonESP takes a server name of at most 44 characters, and this one has 45.",
    ]);
  });

  test("the key is an emoncms key, and the token as long as InfluxDB's", () => {
    expect(values.password).toMatch(/^[0-9a-f]{32}$/);
    expect(values.token).toHaveLength(88);
    expect(/organization ID: +(\S+)/.exec(code("iotawatt"))![1]).toHaveLength(16);
  });
});

describe("the chooser", () => {
  test("ids are unique and names too", () => {
    expect(new Set(ids).size).toBe(guides.length);
    expect(new Set(guides.map((guide) => guide.name)).size).toBe(guides.length);
  });

  test.each([
    ["", ids],
    ["  shelly ", ["shelly", "shelly-gen1"]],
    ["Zähler", ["sml-tasmota", "d0", "vzlogger", "vzlogger-d0"]],
    ["hoymiles ahoy", ["ahoydtu"]],
    ["lorawan", ["the-things-stack", "chirpstack"]],
    ["toaster", []],
  ])("%j finds %j", (search, expected) => {
    const found = familiesWith(search).flatMap((family) => family.guides.map((guide) => guide.id));
    expect(found).toEqual(expected);
  });

  test("a family without a hit is left out", () => {
    expect(familiesWith("victron").map((family) => family.name)).toEqual(["Solar and charging"]);
    expect(familiesWith("")).toEqual(families);
  });
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
