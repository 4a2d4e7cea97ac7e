import type { Server } from "node:http";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveHttp, type Ingest } from "../../ingest/main.ts";
import { push } from "../support/clients.ts";
import { holdReadings, startTestIngest, storedOf, type TestDevice, type TestIngest } from "../support/ingest.ts";

/** An ingest that has stopped, and whose HTTP door somebody still holds open: it must not acknowledge what it does not store. */
let t: TestIngest;
let device: TestDevice;
let gateway: TestDevice;
let other: Ingest;
let server: Server;
let http: string;

beforeAll(async () => {
  t = await startTestIngest();
  const tenant = await t.newTenant();
  [device, gateway] = [await t.newDevice(tenant), await t.newDevice(tenant, { kind: "gateway" })];
  other = await t.another();
  server = await serveHttp(express().use(other.push), { host: "127.0.0.1", port: 0, name: "PORT" });
  http = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await t.stop();
});

const startS = 1_770_000_000;
type Push = [name: string, path: (of: TestDevice) => string, body: string];

const pushes: readonly Push[] = [
  ["native", () => "/api/v1/readings", JSON.stringify({ time: startS, power: 1 })],
  ["native, a metric never heard before", () => "/api/v1/readings", JSON.stringify({ time: startS, voltage: 230 })],
  ["native, nothing in it", () => "/api/v1/readings", "[]"],
  ["native, all of it refused", () => "/api/v1/readings", JSON.stringify({ time: "2999-01-01T00:00:00Z", power: 1 })],
  ["line protocol v2", () => "/api/v2/write?org=o&bucket=b&precision=s", `meter power=2 ${startS}`],
  ["line protocol v1", () => "/write?db=energy&precision=s", `meter power=3 ${startS}`],
  ["line protocol of the future", () => "/api/v2/write?org=o&bucket=b&precision=s", "meter power=3 9999999999"],
  ["emoncms", ({ password }) => `/input/post?node=m&time=${startS}&apikey=${password}&fulljson={"power":4}`, ""],
  [
    "emoncms of the future",
    ({ password }) => `/input/post?node=m&time=9999999999&apikey=${password}&fulljson={"power":4}`,
    "",
  ],
  [
    "ThingsBoard",
    ({ token }) => `/api/v1/${token}/telemetry`,
    JSON.stringify({ ts: startS * 1000, values: { power: 5 } }),
  ],
  ["ThingsBoard attributes", ({ token }) => `/api/v1/${token}/attributes`, JSON.stringify({ model: "x" })],
  ["of no known format", () => "/ingest/nothing-known", "warm"],
];

const send = ([, path, body]: Push, of: TestDevice) =>
  push(http, path(of), { body, headers: { authorization: `Bearer ${of.token}` } });

describe("before", () => {
  it("takes them", async () => {
    expect((await send(pushes[0]!, device)).status).toBe(204);
    expect(await storedOf(t, device)).toHaveLength(1);
  });
});

describe("an ingest that is stopping", () => {
  it("answers what it had taken once that is committed, and takes nothing more", async () => {
    const held = await holdReadings(t);
    const taken = send(["", () => "/api/v1/readings", JSON.stringify({ time: startS + 1, power: 1 })], device);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const stopped = other.stop();
    const late = await Promise.all(pushes.map((one) => send(one, device)));
    expect(late.map(({ status }, i) => [pushes[i]![0], status])).toEqual(pushes.map(([name]) => [name, 503]));
    await held.release();
    expect((await taken).status).toBe(204);
    await stopped;
    expect((await storedOf(t, device)).map(({ timeMs }) => timeMs / 1000 - startS)).toEqual([0, 1]);
  });
});

describe("an ingest that has stopped", () => {
  it.each(pushes)("%s: asks to send it again, as a device and as a gateway", async (...one) => {
    for (const of of [device, gateway]) {
      const { status, headers } = await send(one, of);
      expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    }
    expect(await storedOf(t, gateway)).toEqual([]);
  });
});
