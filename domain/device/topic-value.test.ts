import { expect, it } from "vitest";
import { topicValue } from "./topic-value.ts";

const decode = (topic: string, text: string, map?: Record<string, string>) => {
  const payload = new TextEncoder().encode(text);
  return topicValue.decode({ transport: "mqtt", topic, receivedAtMs: 0, payload, config: { map } }, undefined);
};

it.each([
  ["home/boiler/power", undefined, { metric: "home.boiler.power", value: 1.25, unit: null, kind: "gauge" }],
  ["/home//boiler/", undefined, { metric: "home.boiler", value: 1.25, unit: null, kind: "gauge" }],
  ["a/b", { "a.b": "power:kW" }, { metric: "power", value: 1250, unit: "W", kind: "gauge" }],
])("%s under %j", (topic, map, reading) => {
  expect(decode(topic, "1.25", map)).toEqual({ readings: [{ device: "@token", timeMs: null, ...reading }] });
});

it.each(["", "/", "//"])("the topic %j names nothing", (topic) => {
  expect(decode(topic, "1")).toMatchObject({ readings: [], error: expect.stringContaining("topic") });
});
