import fc from "fast-check";
import { expect, it } from "vitest";
import type { Message } from "./device.ts";
import { emonMqtt } from "./emon-mqtt.ts";

const messageOf = (topic: string, payload: string): Message => ({
  ...{ transport: "mqtt", topic, receivedAtMs: 1_741_944_420_000 },
  payload: new TextEncoder().encode(payload),
});
const send = (topic: string, payload: string) => emonMqtt.decode(messageOf(topic, payload), undefined);
const short = (topic: string, payload: string) =>
  send(topic, payload).readings.map(
    ({ device, metric, value, unit, kind, timeMs }) =>
      `${device}/${metric} ${value} ${unit ?? "-"} ${kind}${timeMs === null ? "" : ` ${timeMs / 1000}`}`,
  );

it.each<[string, string, string, string[]]>([
  ["one value", "emon/emontx/power1", "-12.5", ["emontx/power1 -12.5 - gauge"]],
  ["an emonTx name alone", "emon/emonTx4/E1", "102031", ["emonTx4/E1 102.031 kWh counter"]],
  ["a deep topic", "emon/house/floor:1/room", "3", ["house/floor1_room 3 - gauge"]],
  ["one value of a node is its input 0", "emon/10", "7", ["10/0 7 - gauge"]],
  ["CSV with a gap", "emon/n", "1,,nan,4", ["n/0 1 - gauge", "n/3 4 - gauge"]],
  ["a JSON list", "emon/n", "[5,6]", ["n/0 5 - gauge", "n/1 6 - gauge"]],
  ["JSON under an input: prefixed", "emon/n/a/b", '{"c":1}', ["n/a_b_c 1 - gauge"]],
  ["numeric strings, null and words", "emon/n", '{"a":"1.5","b":null,"c":"unavailable"}', ["n/a 1.5 - gauge"]],
  ["time as a text, in any case", "emon/n", '{"Time":"2025-03-14T09:26:50Z","a":1}', ["n/a 1 - gauge 1741944410"]],
  ["time with a fraction", "emon/n", '{"time":1741944410.12,"a":1}', ["n/a 1 - gauge 1741944410.12"]],
  ["time that is none: arrival", "emon/n", '{"time":"soon","a":1}', ["n/a 1 - gauge"]],
  [
    "a box without a name, one with null",
    "emon/n",
    '{"a":{"value":2},"b":{"name":"x","value":null}}',
    ["n/a 2 - gauge"],
  ],
  [
    "temperature, voltages, pulses",
    "emon/n",
    '{"T1":21.5,"V2":229,"pulse":8}',
    ["n/T1 21.5 degC gauge", "n/V2 229 V gauge", "n/pulse 8 - counter"],
  ],
  [
    "the user's names have no unit",
    "emon/n",
    '{"vrms":230,"power1":4,"temp1":5}',
    ["n/vrms 230 - gauge", "n/power1 4 - gauge", "n/temp1 5 - gauge"],
  ],
  ["a frame without rssi", "emonhub/rx/10/values", "100,200.5", ["10/1 100 - gauge", "10/2 200.5 - gauge"]],
  ["a frame of one value", "emonhub/rx/10/values", "-58", ["10/1 -58 - gauge"]],
  ["its rssi is no value", "emonhub/rx/10/values", "100,-58", ["10/1 100 - gauge", "10/rssi -58 - gauge"]],
  ["an input under emonhub/rx", "emonhub/rx/emonpi/power1", "4", ["emonpi/power1 4 - gauge"]],
  ["a description is no reading", "emon/n/describe", "emonth2", []],
  ["nothing", "emon/n/a", "", []],
])("%s", (_name, topic, payload, expected) => {
  expect(emonMqtt.match(messageOf(topic, payload))).toBe(true);
  expect(short(topic, payload)).toEqual(expected);
  expect(send(topic, payload).error).toBeUndefined();
});

it.each([
  ["JSON cut off", "emon/n", '{"a":1', /invalid JSON/],
  ["a text", "emon/n/a", "hello", /"hello"/],
])("%s is refused", (_name, topic, payload, error) => {
  expect(send(topic, payload)).toMatchObject({ readings: [], error: expect.stringMatching(error) });
});

it("what is no number is refused beside what is", () => {
  const decoded = send("emon/n", '{"a":1,"b":"on","c":{"d":2},"e":"1e999","f":true}');
  expect(decoded.readings).toHaveLength(1);
  expect(decoded.refusals).toHaveLength(4);
});

it.each(["emon", "emon/", "emonhub/tx/10/values", "other/emon/n"])("%s is not its topic", (topic) => {
  expect(emonMqtt.match(messageOf(topic, "1"))).toBe(false);
});

it("whatever is sent: nothing throws, values are finite", () => {
  const topic = fc.constantFrom("emon/a", "emon/a/b", "emonhub/rx/1/values", "x/y");
  const json = fc.jsonValue().map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(
      topic,
      fc.oneof(fc.string(), json, fc.constantFrom("1e999,2", '{"a":1e999}', '{"time":1e300,"a":1}')),
      (where, payload) => {
        for (const { value, timeMs } of send(where, payload).readings) {
          expect(value).toSatisfy(Number.isFinite);
          if (timeMs !== null) expect(timeMs).toSatisfy(Number.isFinite);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
