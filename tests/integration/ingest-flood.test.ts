import { afterAll, beforeAll, expect, it } from "vitest";
import { connectMqtt, publish, push, settles } from "../support/clients.ts";
import { rejectsOf, startTestIngest, storedOf, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
beforeAll(async () => {
  t = await startTestIngest({ LIMIT_CREDENTIAL_MESSAGES: "20" });
});
afterAll(() => t.stop());

it("a device that floods is held back, and others are not", async () => {
  const own = await t.newTenant();
  const [loud, quiet] = [await t.newDevice(own), await t.newDevice(own)];
  const client = await connectMqtt(t.mqttPort, loud);
  const other = await connectMqtt(t.mqttPort, quiet);
  const send = (from: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        publish(client, "energy/m", { time: 1_770_000_000 + from + i, power: i }),
      ),
    );
  // What is read of a socket at once is taken whole: the burst of 400 and 60 more, which 3 seconds pay for.
  await send(0, 460);
  const sent = send(460, 20);
  expect(await settles(sent, 1_000)).toBe(false);
  for (let i = 0; i < 20; i++) {
    const before = Date.now();
    await publish(other, "energy/m", { time: 1_770_000_000 + i, power: i });
    expect(Date.now() - before).toBeLessThan(1_000);
  }
  const reply = await push(t.http, "/api/v1/readings", {
    body: `{"power":1}`,
    headers: { authorization: `Bearer ${loud.token}` },
  });
  expect(reply.status).toBe(429);
  expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
  // Nothing of the flood is lost.
  await sent;
  expect(await storedOf(t, loud)).toHaveLength(480);
  expect([...(await rejectsOf(loud)).keys()]).toEqual([]);
  await Promise.all([client.endAsync(), other.endAsync()]);
});
