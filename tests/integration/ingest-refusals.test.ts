import type { MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectMqtt, ended, publish, until, push } from "../support/clients.ts";
import {
  messagesOf,
  rejectsOf,
  startTestIngest,
  statesOf,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { mostChannels } from "../../ingest/speaker.ts";

let t: TestIngest;
let tenant: Tenant;
let device: TestDevice;
let client: MqttClient;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
beforeEach(async () => {
  device = await t.newDevice(tenant);
  client = await connectMqtt(t.mqttPort, device);
});
afterEach(async () => {
  // Whatever was refused before: the same connection goes on, and the next good message is stored.
  await publish(client, "energy/m", { time: startS + 999, voltage: 231 });
  expect(await storedOf(t, device)).toContainEqual({ key: "voltage", timeMs: (startS + 999) * 1000, value: 231 });
  await client.endAsync();
});
afterAll(() => t.stop());

const startS = 1_770_000_000;
const future = Math.floor(Date.now() / 1000) + 3_600;
const json = JSON.stringify;

interface Refused {
  topic?: string;
  payload: string | Buffer;
  reason: string;
  detail: RegExp;
  /** How many readings are refused; 1 unless said. */
  count?: number;
  /** What is kept of the message all the same. */
  kept?: number;
}

const refused: [string, Refused][] = [
  ["malformed JSON", { payload: '{"power":', reason: "malformed", detail: /invalid JSON/ }],
  ["an empty payload", { payload: "", reason: "malformed", detail: /payload is empty/ }],
  ["bytes that are no text", { payload: Buffer.from([0xff, 0, 0xfe]), reason: "malformed", detail: /invalid JSON/ }],
  ["JSON that is no object", { payload: "12", reason: "malformed", detail: /object of readings was expected/ }],
  ["JSON nested 100,000 deep", { payload: "[".repeat(100_000), reason: "malformed", detail: /invalid JSON/ }],
  ["malformed JSON of a Tasmota", { topic: "tele/p/SENSOR", payload: "{oops", reason: "malformed", detail: /JSON/ }],
  ["an unknown format", { topic: "sensors/12", payload: "warm", reason: "unknown-format", detail: /"sensors\/12"/ }],
  ["NaN", { payload: '{"power":NaN}', reason: "malformed", detail: /NaN is not JSON/ }],
  ["NaN as a text", { payload: '{"power":"NaN"}', reason: "malformed", detail: /power must be a number/ }],
  ["1e999", { payload: '{"power":1e999,"voltage":230}', reason: "malformed", detail: /not a finite number/, kept: 1 }],
  [
    "a time in the future",
    { payload: json({ time: future, power: 1 }), reason: "time-in-future", detail: /power at 20/ },
  ],
  [
    "a time before 1970",
    {
      payload: json({ time: "1969-12-31T23:00:00Z", power: 1, voltage: 2 }),
      reason: "time-too-old",
      detail: /1969/,
      count: 2,
    },
  ],
  ["a time that is none", { payload: '{"time":"now","power":1}', reason: "malformed", detail: /ISO 8601/ }],
  [
    "a delta without a time",
    { payload: '{"metric":"energy.import","value":1,"kind":"delta"}', reason: "malformed", detail: /count twice/ },
  ],
  ["a name of 201 characters", { payload: json({ ["m".repeat(201)]: 1 }), reason: "name-too-long", detail: /201/ }],
  [
    "a device name of 201 characters",
    { topic: `energy/${"d".repeat(201)}`, payload: '{"power":1}', reason: "name-too-long", detail: /201/ },
  ],
  ["NUL in a name", { payload: '{"a\\u0000b":1,"power":1}', reason: "malformed", detail: /no text/, kept: 1 }],
  ["half a character in a name", { payload: '{"a\\ud83cb":1}', reason: "malformed", detail: /no text/ }],
  [
    "half a character in a tag",
    { payload: '{"tags":{"x":"\\ud83c"},"power":1}', reason: "malformed", detail: /no text/ },
  ],
  [
    "NUL in a state",
    { payload: '{"metric":"mode","value":"a\\u0000","kind":"state"}', reason: "malformed", detail: /no text/ },
  ],
  [
    "tags of 4,000 characters",
    {
      payload: json({
        tags: Object.fromEntries([...Array(20).keys()].map((i) => [`t${i}`, randomText(197)])),
        power: 1,
      }),
      reason: "name-too-long",
      detail: /tags together/,
    },
  ],
  [
    "a topic of 10,000 characters",
    { topic: "t".repeat(10_000), payload: "{}", reason: "topic-too-long", detail: /10000 characters/ },
  ],
  [
    "a topic of 10,000 levels",
    { topic: "/".repeat(9_999), payload: "{}", reason: "topic-too-long", detail: /9999 characters/ },
  ],
  ["a topic of 101 levels", { topic: "/".repeat(100), payload: "{}", reason: "topic-too-long", detail: /101 levels/ }],
];

function randomText(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(0x3040 + Math.floor(Math.random() * 20_000));
  return text;
}

describe("is acknowledged, counted by reason, and visible with its example:", () => {
  it.each(refused)("%s", async (_name, { topic = "energy/m", payload, reason, detail, count = 1, kept = 0 }) => {
    await publish(client, topic, payload, 1);
    await publish(client, topic, payload, 0);
    await publish(client, topic, payload, 1, true);
    expect(await storedOf(t, device)).toHaveLength(kept && (await storedOf(t, device)).length);
    await until(async () => expect([...(await rejectsOf(device)).keys()]).toEqual([reason]));
    await until(async () => expect((await rejectsOf(device)).get(reason)!.count).toBe(3 * count));
    const reject = (await rejectsOf(device)).get(reason)!;
    expect(reject.detail).toMatch(detail);
    expect(reject).toMatchObject({ transport: "mqtt", address: topic.slice(0, 300) });
    const [message] = await messagesOf(device);
    expect(message!.refusals[0]).toMatchObject({ reason });
    expect(new Set((await storedOf(t, device)).map((r) => r.key)).size).toBe(kept);
  });
});

it("a packet above the limit ends the connection, and says so to the tenant", async () => {
  publish(client, "energy/m", Buffer.alloc(1_000_100, 32), 1).catch(() => {});
  await ended(client);
  await until(async () =>
    expect((await rejectsOf(device)).get("payload-too-large")?.detail).toMatch(/a packet of 10001\d\d bytes/),
  );
  client = await connectMqtt(t.mqttPort, device);
  await publish(client, "energy/m", `{"power":1${" ".repeat(990_000)}}`, 1);
  expect(await storedOf(t, device)).toHaveLength(1);
});

it("more channels than a device may have: the first are kept", async () => {
  const row = Object.fromEntries(Array.from({ length: mostChannels + 20 }, (_, i) => [`m${i}`, i]));
  await publish(client, "energy/m", { time: startS, voltage: 1 });
  await publish(client, "energy/m", { time: startS, ...row });
  expect(await storedOf(t, device)).toHaveLength(mostChannels);
  await until(async () => expect((await rejectsOf(device)).get("too-many-channels")?.count).toBe(21));
});

it("a message that is good in part is kept in part, and a relay's states come through", async () => {
  await publish(
    client,
    "tele/m/SENSOR",
    '{"Epoch":1770000000,"POWER":"ON","ENERGY":{"Power":nan,"Voltage":230,"Total":1e999}}',
  );
  expect(await storedOf(t, device)).toMatchObject([{ key: "voltage", value: 230 }]);
  expect(await statesOf(t, device)).toEqual(["relay true"]);
  await until(async () => expect((await rejectsOf(device)).get("malformed")?.detail).toMatch(/Total of energy.import/));
});

it("one tenant's example that cannot be written costs nobody else theirs", async () => {
  const others = await Promise.all([1, 2].map(() => t.newDevice(tenant)));
  const clients = await Promise.all(others.map((other) => connectMqtt(t.mqttPort, other)));
  // Cut in the middle of a character when it is shortened, with NUL and half a character to boot.
  const nasty = `{"${"🍳".repeat(120)}x":1,"b\\u0000":2,"c\\ud800":"\\udfff","metric":5,"e":"\\u0000"}`;
  await Promise.all([
    publish(clients[0]!, "x/y", "one"),
    publish(client, "energy/m", nasty),
    publish(clients[1]!, "x/y", "two"),
  ]);
  for (const other of [...others, device]) await until(async () => expect(await messagesOf(other)).toHaveLength(1));
  for (const other of others) expect([...(await rejectsOf(other)).keys()]).toEqual(["unknown-format"]);
  expect((await rejectsOf(device)).size).toBeGreaterThan(0);
  await Promise.all(clients.map((other) => other.endAsync()));
});

it("a broken publish ends its connection only: wildcards in a topic", async () => {
  const other = await connectMqtt(t.mqttPort, device);
  // The client library would not send it, so it goes out by hand: QoS 0, topic "a/#".
  (other.stream as NodeJS.WritableStream).write(Buffer.from("30060003612f2331", "hex"));
  await ended(other);
});

it.each(["/mqtt/auth", "/mqtt/acl"])("%s is not there without MQTT_AUTH_SECRET", async (path) => {
  const body = JSON.stringify({ username: "x", password: "x", topic: "t/x" });
  const headers = { "content-type": "application/json", authorization: "Bearer x" };
  expect((await push(t.http, path, { body, headers })).status).toBe(404);
});
