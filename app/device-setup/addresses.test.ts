import { expect, test } from "vitest";
import { readEnvironment } from "../../platform/env.ts";
import { endpointsFor } from "./addresses.server.ts";

const request = (headers: Record<string, string>, url = "http://192.168.1.2:3000/x") => new Request(url, { headers });

test("without configuration: where the browser found us", () => {
  const endpoints = endpointsFor(
    request({ host: "192.168.1.2:3000" }),
    readEnvironment({ NODE_ENV: "test", MQTT_PORT: "1884" }),
    "d-a",
  );
  expect(endpoints).toEqual({
    httpUrl: "http://192.168.1.2:3000",
    mqttHost: "192.168.1.2",
    mqttPort: 1884,
    mqttTls: false,
    topicPrefix: "",
  });
});

test("PUBLIC_URL and MQTT_PUBLIC_URL are what devices are told", () => {
  const env = readEnvironment({
    NODE_ENV: "test",
    PUBLIC_URL: "https://energy.example.org/",
    MQTT_PUBLIC_URL: "mqtts://mqtt.example.org",
  });
  expect(endpointsFor(request({ host: "10.0.0.1" }), env, "d-a")).toMatchObject({
    httpUrl: "https://energy.example.org",
    mqttHost: "mqtt.example.org",
    mqttPort: 8883,
    mqttTls: true,
  });
});

test("behind a proxy, and on an external broker", () => {
  const env = readEnvironment({ NODE_ENV: "test", MQTT_URL: "mqtt://user:secret@broker:1883" });
  const endpoints = endpointsFor(request({ "x-forwarded-host": "energy.example.org" }, "https://web/x"), env, "d-a");
  expect(endpoints).toMatchObject({ httpUrl: "https://energy.example.org", topicPrefix: "t/d-a/" });
  expect(JSON.stringify(endpoints)).not.toContain("secret");
});
