import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { eventStream, frame } from "../../app/live/event-stream.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { systemPool } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { notify, type LiveEvent } from "../../db/live.ts";
import { pause, until } from "../support/clients.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What one browser heard. */
interface Heard {
  events: { name: string; data: Record<string, unknown> }[];
  leave(): void;
}

interface Tenant {
  organizationId: string;
  siteId: string;
  deviceId: string;
  channelId: number;
}

let database: OpenDatabase;
let anna: Tenant;
let bert: Tenant;
const leaves: (() => void)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  [anna, bert] = [await makeHousehold("anna"), await makeHousehold("bert")];
});
afterEach(() => leaves.splice(0).forEach((leave) => leave()));
afterAll(async () => {
  await hub().close();
  await database.close();
});

async function makeHousehold(name: string): Promise<Tenant> {
  const { organizationId, siteId } = await makeTenant(name);
  const device = (await createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, newCredential().kept))!;
  const [channel] = await createChannels({ organizationId, deviceId: device.id }, [
    { key: "power", metric: "power", words: { kind: "gauge", unit: "W" } },
  ]);
  return { organizationId, siteId, deviceId: device.id, channelId: channel!.id };
}

async function join({ organizationId, siteId }: Pick<Tenant, "organizationId" | "siteId">): Promise<Heard> {
  const events: Heard["events"] = [];
  const leave = await hub().join(organizationId, siteId, (text) => events.push(parse(text)));
  leaves.push(leave);
  return { events, leave };
}

function parse(text: string): Heard["events"][number] {
  const [, name, data] = /^event: (.+)\ndata: (.+)\n\n$/.exec(text)!;
  return { name: name!, data: JSON.parse(data!) as Record<string, unknown> };
}

const tell = (event: LiveEvent) => notify(systemPool(), event);
const values = ({ events }: Heard) =>
  events.filter((e) => e.name === "latest").flatMap((e) => e.data["values"] as [number, number, number][]);

async function measure({ channelId }: Tenant, value: number): Promise<void> {
  await systemPool().query(
    `insert into telemetry.latest (channel_id, time, value, received_at) values ($1, now(), $2, now())
     on conflict (channel_id) do update set time = now(), value = excluded.value, received_at = now()`,
    [channelId, value],
  );
}

describe("the hub", () => {
  test("gives each browser the values of its own site only", async () => {
    const [annas, berts, intruder] = [
      await join(anna),
      await join(bert),
      await join({ organizationId: bert.organizationId, siteId: anna.siteId }),
    ];
    await measure(anna, 420);
    await measure(bert, 777);
    await tell({ latest: [anna.channelId, bert.channelId] });
    await until(() => values(annas).length > 0 && values(berts).length > 0);
    expect(values(annas).map(([id, , value]) => [id, value])).toEqual([[anna.channelId, 420]]);
    expect(values(berts).map(([id, , value]) => [id, value])).toEqual([[bert.channelId, 777]]);
    await tell({ devices: [anna.deviceId], rollups: [anna.channelId] });
    await until(() => annas.events.some((e) => e.name === "device") && annas.events.some((e) => e.name === "rollups"));
    await pause(100);
    expect(berts.events.filter((e) => e.name !== "latest")).toEqual([]);
    expect(intruder.events).toEqual([]);
    expect(annas.events.find((e) => e.name === "device")!.data).toEqual({ id: anna.deviceId });
    expect(annas.events.find((e) => e.name === "rollups")!.data).toEqual({ channels: [anna.channelId] });
  });

  test("knows a channel from its first value on", async () => {
    const annas = await join(anna);
    const [, added] = await createChannels({ organizationId: anna.organizationId, deviceId: anna.deviceId }, [
      { key: "voltage", metric: "voltage", words: { kind: "gauge", unit: "V" } },
    ]);
    await measure({ ...anna, channelId: added!.id }, 231);
    await tell({ latest: [added!.id] });
    await until(() => values(annas).length > 0);
    expect(values(annas)[0]).toEqual([added!.id, expect.any(Number), 231]);
  });

  test("is quick: publish to browser within 300 ms, 95 of 100 times", async () => {
    const [annas] = [await join(anna)];
    const delays: number[] = [];
    for (let i = 0; i < 100; i++) {
      await measure(anna, i);
      const sentAt = performance.now();
      await tell({ latest: [anna.channelId] });
      await until(() => values(annas).some(([, , value]) => value === i));
      delays.push(performance.now() - sentAt);
    }
    expect(delays.sort((a, b) => a - b)[94]).toBeLessThan(300);
  });

  test("gathers roll-ups that follow one another closely", async () => {
    const annas = await join(anna);
    for (let i = 0; i < 20; i++) {
      await tell({ rollups: [anna.channelId] });
      await pause(20);
    }
    expect(annas.events.filter((e) => e.name === "rollups").length).toBe(1);
    await until(() => annas.events.filter((e) => e.name === "rollups").length === 2);
  });

  test("listens again after its connection was killed, and tells everybody to look anew", async () => {
    const annas = await join(anna);
    const { rowCount } = await database.owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'energy-listen'",
    );
    expect(rowCount).toBe(1);
    await until(() => annas.events.some((e) => e.name === "refresh"));
    await measure(anna, 55);
    await tell({ latest: [anna.channelId] });
    await until(() => values(annas).some(([, , value]) => value === 55));
  });
});

describe("the stream of a browser", () => {
  const follow =
    ({ organizationId, siteId }: Tenant) =>
    (send: (text: string) => void) =>
      hub().join(organizationId, siteId, send);

  test("begins with ready, brings what happens, and is cleaned up when the browser goes", async () => {
    const gone = new AbortController();
    const response = eventStream({ signal: gone.signal, start: follow(anna) });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("event: ready")) text += (await reader.read()).value;
    expect(hub().size).toBe(1);
    await measure(anna, 1_234);
    await tell({ latest: [anna.channelId] });
    while (!text.includes("1234")) text += (await reader.read()).value;
    gone.abort();
    expect((await reader.read()).done).toBe(true);
    expect(hub().size).toBe(0);
  });

  test("a browser that is gone before it joined leaves nothing behind", async () => {
    const gone = new AbortController();
    const response = eventStream({ signal: gone.signal, start: follow(anna) });
    gone.abort();
    await response.text();
    await until(() => hub().size === 0);
    const late = eventStream({ signal: gone.signal, start: follow(anna) });
    expect((await late.text()).length).toBe(0);
  });

  test("a browser that does not read is let go, others are not held up", async () => {
    let unsent = 0;
    const slow = eventStream({ signal: new AbortController().signal, start: follow(anna), unsentBytes: () => unsent });
    const annas = await join(anna);
    await until(() => hub().size === 2);
    unsent = 600 * 1024;
    await measure(anna, 9);
    await tell({ latest: [anna.channelId] });
    await until(() => hub().size === 1);
    await until(() => values(annas).some(([, , value]) => value === 9));
    expect(await slow.text()).not.toContain("latest");
  });

  test("nobody reads the queue of the stream: it does not grow without end", async () => {
    let send: (text: string) => void = () => {};
    let hasLeft = false;
    const start = async (given: (text: string) => void) => {
      send = given;
      return () => void (hasLeft = true);
    };
    eventStream({ signal: new AbortController().signal, start });
    await pause(10);
    for (let i = 0; i < 20_000 && !hasLeft; i++) send(frame("latest", { values: [[1, 2, i]] }));
    expect(hasLeft).toBe(true);
  });
});
