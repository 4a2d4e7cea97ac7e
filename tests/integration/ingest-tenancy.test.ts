import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { beginErasure } from "../../db/erasure.ts";
import { notify } from "../../db/live.ts";
import { deleteDevice, listDevices, updateDevice } from "../../db/devices.ts";
import { collect, connectMqtt, ended, pause, publish, push, until } from "../support/clients.ts";
import {
  rejectsOf,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";

let t: TestIngest;
let one: Tenant;
let other: Tenant;
let mine: TestDevice;
let theirs: TestDevice;

beforeAll(async () => {
  t = await startTestIngest();
  one = await t.newTenant();
  other = await t.newTenant();
});
beforeEach(async () => {
  mine = await t.newDevice(one);
  theirs = await t.newDevice(other);
});
afterAll(() => t.stop());

const at = (second: number) => 1_770_000_000 + second;
const power = (second: number, value = second) => ({ time: at(second), power: value });

describe("who may connect", () => {
  it.each([
    ["user name and password", (d: TestDevice) => ({ username: d.username, password: d.password })],
    ["the token as user name, with any password", (d: TestDevice) => ({ username: d.token, password: "whatever" })],
    ["the token as user name, without a password", (d: TestDevice) => ({ username: d.token, password: "" })],
    ["user name, and the token as password", (d: TestDevice) => ({ username: d.username, password: d.token })],
    ["any user name, and the token as password", (d: TestDevice) => ({ username: "device", password: d.token })],
  ])("%s", async (_name, login) => {
    const client = await connectMqtt(t.mqttPort, login(mine));
    await publish(client, "energy/m", power(0));
    expect(await storedOf(t, mine)).toHaveLength(1);
    client.end();
  });

  it("a wrong password is refused with CONNACK 4, and the tenant sees it", async () => {
    const wrong = connectMqtt(t.mqttPort, { username: mine.username, password: theirs.password });
    await expect(wrong).rejects.toMatchObject({ code: 4 });
    await until(async () => expect([...(await rejectsOf(mine)).keys()]).toEqual(["wrong-password"]));
    expect((await rejectsOf(mine)).get("wrong-password")).toMatchObject({
      count: 1,
      transport: "mqtt",
      address: "CONNECT",
      detail: "from 127.0.0.1",
    });
    expect((await rejectsOf(theirs)).size).toBe(0);
  });

  it.each([
    ["nobody", null],
    ["an unknown user", { username: "d-nobody", password: "x" }],
    ["an empty token", { username: "", password: "" }],
  ])("%s is refused with CONNACK 4", async (_name, login) => {
    await expect(connectMqtt(t.mqttPort, login)).rejects.toMatchObject({ code: 4 });
  });

  it("somebody else's password under a user name that nobody has is a wrong password", async () => {
    await expect(connectMqtt(t.mqttPort, { username: "d-nobody", password: mine.password })).rejects.toMatchObject({
      code: 4,
    });
    await until(async () => expect([...(await rejectsOf(mine)).keys()]).toEqual(["wrong-password"]));
  });
});

describe("equal client ids", () => {
  it("of two tenants stay connected side by side", async () => {
    const a = await connectMqtt(t.mqttPort, mine, { clientId: "DVES_123456" });
    const b = await connectMqtt(t.mqttPort, theirs, { clientId: "DVES_123456" });
    await publish(a, "energy/m", power(0, 1));
    await publish(b, "energy/m", power(0, 2));
    await pause(100);
    expect([a.connected, b.connected]).toEqual([true, true]);
    expect(await storedOf(t, mine)).toMatchObject([{ value: 1 }]);
    expect(await storedOf(t, theirs)).toMatchObject([{ value: 2 }]);
    await a.endAsync();
    await publish(b, "energy/m", power(1, 3));
    await b.endAsync();
  });

  it("of one credential: the newer takes over", async () => {
    const first = await connectMqtt(t.mqttPort, mine, { clientId: "plug" });
    const second = await connectMqtt(t.mqttPort, mine, { clientId: "plug" });
    await ended(first);
    await publish(second, "energy/m", power(0));
    await second.endAsync();
  });
});

describe("topics", () => {
  it("and retained messages never cross tenants, whatever is subscribed", async () => {
    const a = await connectMqtt(t.mqttPort, mine);
    const b = await connectMqtt(t.mqttPort, theirs);
    await publish(a, "tele/plug/LWT", "Online", 1, true);
    await publish(b, "tele/plug/STATE", "{}", 1, true);
    const filters = ["#", "+/+/+", "tele/#", "tele/plug/+", "tele/plug/LWT"];
    const listeners = await Promise.all(filters.map(() => connectMqtt(t.mqttPort, mine)));
    const seen = await Promise.all(filters.map((filter, i) => collect(listeners[i]!, filter, 1)));
    const theirsSeen = await collect(b, "#");
    await publish(b, "tele/plug/SENSOR", { ENERGY: { Power: 1 } });
    await publish(a, "tele/plug/SENSOR", { ENERGY: { Power: 2 } });
    await pause(300);
    expect(theirsSeen).toEqual(["tele/plug/STATE {} (retained)", 'tele/plug/SENSOR {"ENERGY":{"Power":1}}']);
    const allowed = ["tele/plug/LWT Online (retained)", 'tele/plug/SENSOR {"ENERGY":{"Power":2}}'];
    const expected = filters.map((filter) => (filter === "tele/plug/LWT" ? allowed.slice(0, 1) : allowed));
    expect(seen).toEqual(expected);
    await Promise.all([a, b, ...listeners].map((client) => client.endAsync()));
  });

  it("last wills reach the own credential alone", async () => {
    const listener = await connectMqtt(t.mqttPort, mine);
    const foreign = await connectMqtt(t.mqttPort, theirs);
    const [seen, foreignSeen] = [await collect(listener, "#"), await collect(foreign, "#")];
    const will = { topic: "tele/plug/LWT", payload: Buffer.from("Offline"), qos: 1 as const, retain: true };
    const dying = await connectMqtt(t.mqttPort, mine, { will });
    dying.stream.destroy();
    await until(() => expect(seen).toEqual(["tele/plug/LWT Offline"]));
    const later = await connectMqtt(t.mqttPort, theirs);
    const laterSeen = await collect(later, "tele/#");
    // What comes after it would have come after a leak, too.
    await publish(foreign, "tele/own", "1");
    await until(() => expect(laterSeen).toEqual(["tele/own 1"]));
    expect(foreignSeen).toEqual(["tele/own 1"]);
    dying.end(true);
    await Promise.all([listener, foreign, later].map((client) => client.endAsync()));
  });

  it("a session that was kept is not taken over by another tenant with the same client id", async () => {
    const kept = { clientId: "logger", clean: false };
    const a = await connectMqtt(t.mqttPort, mine, kept);
    await a.subscribeAsync("cmnd/#", { qos: 1 });
    await a.endAsync();
    const sender = await connectMqtt(t.mqttPort, mine);
    await publish(sender, "cmnd/plug/POWER", "ON");
    const seen: string[] = [];
    const b = await connectMqtt(t.mqttPort, theirs, kept);
    b.on("message", (topic) => seen.push(topic));
    const own = await collect(b, "own");
    await publish(b, "own", "1");
    await until(() => expect(own).toHaveLength(1));
    expect(seen).toEqual(["own"]);
    await Promise.all([sender.endAsync(), b.endAsync()]);
  });

  it.each(["$SYS/#", "$SYS/broker/uptime", "$share/g/#", "$share/g/+/+", "$SYS/+"])("%s is refused", async (filter) => {
    const client = await connectMqtt(t.mqttPort, mine);
    await expect(collect(client, filter)).rejects.toThrow(/refused|Unspecified error/i);
    await publish(client, "energy/m", power(0));
    await client.endAsync();
  });

  it("another tenant's namespace cannot be named", async () => {
    const { rows } = await t.owner.query("select id from energy.credentials where device_id = $1", [theirs.id]);
    const a = await connectMqtt(t.mqttPort, mine);
    const b = await connectMqtt(t.mqttPort, theirs);
    const seen = await collect(a, `${rows[0].id}/#`);
    const theirsSeen = await collect(b, "#");
    await publish(b, "energy/m", power(0));
    await publish(a, `${rows[0].id}/energy/m`, power(1));
    await until(() => expect(seen).toHaveLength(1));
    await pause(100);
    expect(seen[0]).toContain(`${rows[0].id}/energy/m {"time":${at(1)}`);
    expect(theirsSeen).toHaveLength(1);
    await Promise.all([a.endAsync(), b.endAsync()]);
  });

  it("two clients of one credential hear each other, until they unsubscribe", async () => {
    const a = await connectMqtt(t.mqttPort, mine);
    const b = await connectMqtt(t.mqttPort, mine);
    const seen = await collect(a, "cmnd/plug/#", 1);
    await publish(b, "cmnd/plug/POWER", "ON");
    await until(() => expect(seen).toEqual(["cmnd/plug/POWER ON"]));
    await a.unsubscribeAsync("cmnd/plug/#");
    await publish(b, "cmnd/plug/POWER", "OFF");
    await pause(150);
    expect(seen).toHaveLength(1);
    await Promise.all([a.endAsync(), b.endAsync()]);
  });

  it("an empty retained message removes what was retained", async () => {
    const client = await connectMqtt(t.mqttPort, mine);
    await publish(client, "x/state", "kept", 1, true);
    await publish(client, "x/state", "", 1, true);
    await publish(client, "y/state", "kept", 1, true);
    const seen = await collect(client, "#");
    await until(() => expect(seen).toEqual(["y/state kept (retained)"]));
    await client.endAsync();
  });

  it("what is retained of one credential is bounded in number and size", async () => {
    const client = await connectMqtt(t.mqttPort, mine);
    const large = "x".repeat(60_000);
    await Promise.all(Array.from({ length: 100 }, (_, i) => publish(client, `large/${i}`, large, 1, true)));
    const seen = await collect(client, "large/#");
    await until(() => expect(seen.length).toBeGreaterThan(1));
    await pause(300);
    expect(seen.length * large.length).toBeLessThanOrEqual(1_000_000);
    await client.endAsync();
  });
});

describe("a credential that is", () => {
  const changes: [string, () => Promise<unknown>, string][] = [
    ["rotated", () => rotateCredential(one.organizationId, mine.id, newCredential().kept), "revoked-credential"],
    ["revoked", () => revokeCredential(one.organizationId, mine.id), "revoked-credential"],
    ["deleted with its device", () => deleteDevice(one.organizationId, mine.id), "revoked-credential"],
  ];
  it.each(changes)(
    "%s ends its connections at once, lets nobody in, and the history stays",
    async (_name, change, reason) => {
      const client = await connectMqtt(t.mqttPort, mine);
      const bystander = await connectMqtt(t.mqttPort, theirs);
      await publish(client, "energy/m", power(0));
      await push(t.http, "/api/v1/readings", {
        headers: { authorization: `Bearer ${mine.token}` },
        body: JSON.stringify(power(1)),
      });
      await change();
      await Promise.race([ended(client), pause(2_000).then(() => Promise.reject(new Error("still connected")))]);
      await expect(connectMqtt(t.mqttPort, mine)).rejects.toMatchObject({ code: 4 });
      const reply = await push(t.http, "/api/v1/readings", {
        headers: { authorization: `Bearer ${mine.token}` },
        body: "{}",
      });
      expect(reply.status).toBe(401);
      expect(await storedOf(t, mine)).toHaveLength(2);
      if (_name !== "deleted with its device")
        await until(async () => expect((await rejectsOf(mine)).get(reason)?.count).toBe(2));
      expect(bystander.connected).toBe(true);
      await bystander.endAsync();
    },
  );

  it("revoked while the news could not be heard loses its connections when they can", async () => {
    const client = await connectMqtt(t.mqttPort, mine);
    const bystander = await connectMqtt(t.mqttPort, theirs);
    await publish(client, "energy/m", power(0));
    await t.owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'energy-listen' and datname = current_database()",
    );
    await revokeCredential(one.organizationId, mine.id);
    await Promise.race([ended(client), pause(5_000).then(() => Promise.reject(new Error("still connected")))]);
    await expect(connectMqtt(t.mqttPort, mine)).rejects.toMatchObject({ code: 4 });
    expect(bystander.connected).toBe(true);
    await bystander.endAsync();
  });
});

describe("what is retained goes with who sent it", () => {
  /** As nobody can: the credential holds again, and whoever has it looks at what is left under it. */
  async function leftOf(device: TestDevice): Promise<string[]> {
    const { rows } = await t.owner.query<{ id: string }>(
      "update energy.credentials set revoked_at = null where device_id = $1 returning id",
      [device.id],
    );
    await notify(t.owner, { credentials: rows.map(({ id }) => id) });
    let again!: Awaited<ReturnType<typeof connectMqtt>>;
    await until(async () => {
      again = await connectMqtt(t.mqttPort, device);
    });
    const seen = await collect(again, "#");
    await publish(again, "energy/now", power(5));
    await until(() => expect(seen.some((text) => text.startsWith("energy/now"))).toBe(true));
    await again.endAsync();
    return seen.filter((text) => text.includes("(retained)"));
  }

  it("of a credential that is revoked, with the will that its end sets off", async () => {
    const will = { topic: "tele/plug/LWT", payload: Buffer.from("Offline"), qos: 1 as const, retain: true };
    const client = await connectMqtt(t.mqttPort, mine, { will });
    await publish(client, "tele/plug/STATE", "kept", 1, true);
    await revokeCredential(one.organizationId, mine.id);
    await ended(client);
    expect(await leftOf(mine)).toEqual([]);
  });

  it("of an organization that is deleted, whether its devices are connected or not", async () => {
    const gone = await t.newTenant();
    const [away, here] = [await t.newDevice(gone), await t.newDevice(gone)];
    const clients = [await connectMqtt(t.mqttPort, away), await connectMqtt(t.mqttPort, here)];
    for (const client of clients) await publish(client, "tele/plug/STATE", "kept", 1, true);
    const bystander = await connectMqtt(t.mqttPort, theirs);
    await publish(bystander, "tele/plug/STATE", "stays", 1, true);
    await clients[0]!.endAsync();
    await t.owner.query("insert into energy.deletions (organization_id, due_at) values ($1, now())", [
      gone.organizationId,
    ]);
    expect(await beginErasure(gone.organizationId)).toMatchObject({ devices: expect.arrayContaining([away.id]) });
    await ended(clients[1]!);
    expect([await leftOf(away), await leftOf(here)]).toEqual([[], []]);
    await bystander.endAsync();
    const theirsAgain = await connectMqtt(t.mqttPort, theirs);
    const seen = await collect(theirsAgain, "#");
    await until(() => expect(seen).toEqual(["tele/plug/STATE stays (retained)"]));
    await theirsAgain.endAsync();
  });
});

describe("a credential that speaks for other devices", () => {
  it("of kind device is refused for the second, visibly, until it is made a gateway", async () => {
    const client = await connectMqtt(t.mqttPort, mine);
    await publish(client, "tele/plug-a/SENSOR", { Epoch: at(0), ENERGY: { Power: 1 } });
    await publish(client, "tele/plug-b/SENSOR", { Epoch: at(0), ENERGY: { Power: 2 } });
    expect(await storedOf(t, mine)).toMatchObject([{ value: 1 }]);
    await until(async () => expect((await rejectsOf(mine)).get("another-device")?.count).toBe(1));
    expect((await rejectsOf(mine)).get("another-device")!.detail).toBe(
      'the message is from "plug-b", this credential belongs to "plug-a"',
    );
    expect((await rejectsOf(mine)).get("another-device")!.sample).toContain('"Power":2');
    await updateDevice(one.organizationId, mine.id, { kind: "gateway" });
    await ended(client);
    const again = await connectMqtt(t.mqttPort, mine);
    await publish(again, "tele/plug-b/SENSOR", { Epoch: at(1), ENERGY: { Power: 3 } });
    const children = (await listDevices(one.organizationId)).filter((d) => d.gatewayId === mine.id);
    expect(children).toMatchObject([
      { name: "plug-b", externalId: "plug-b", siteId: one.siteId, kind: "device", credential: null },
    ]);
    expect(await storedOf(t, children[0]!)).toMatchObject([{ value: 3 }]);
    await again.endAsync();
  });

  it("of kind gateway makes each device once, whoever asks at the same moment", async () => {
    const gateway = await t.newDevice(one, { kind: "gateway" });
    const clients = await Promise.all([1, 2, 3].map(() => connectMqtt(t.mqttPort, gateway)));
    await Promise.all(
      clients.flatMap((client) => [1, 2, 3, 4].map((n) => publish(client, `energy/meter ${n}`, power(n)))),
    );
    const children = (await listDevices(one.organizationId)).filter((d) => d.gatewayId === gateway.id);
    expect(children.map((d) => d.name).sort()).toEqual(["meter 1", "meter 2", "meter 3", "meter 4"]);
    for (const child of children) expect(await storedOf(t, child)).toHaveLength(1);
    expect(await storedOf(t, gateway)).toEqual([]);
    await Promise.all(clients.map((client) => client.endAsync()));
  });

  it("and whose device was deleted does not bring it back", async () => {
    const gateway = await t.newDevice(one, { kind: "gateway" });
    const client = await connectMqtt(t.mqttPort, gateway);
    await publish(client, "energy/gone", power(0));
    const [child] = (await listDevices(one.organizationId)).filter((d) => d.gatewayId === gateway.id);
    await deleteDevice(one.organizationId, child!.id);
    await until(async () => {
      await publish(client, "energy/gone", power(1));
      expect((await rejectsOf(gateway)).get("another-device")!.detail).toBe('"gone" was deleted');
    });
    const kept = (await storedOf(t, child!)).length;
    await publish(client, "energy/gone", power(2));
    expect(await storedOf(t, child!)).toHaveLength(kept);
    await client.endAsync();
  });
});
