import { join } from "node:path";
import type { MqttClient } from "mqtt";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { deleteDevice } from "../../db/devices.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { AtMostOnce } from "../../ingest/at-most-once.ts";
import { Identify, type Identified } from "../../ingest/identify.ts";
import { openIntake } from "../../ingest/intake.ts";
import { brokerAddress } from "../../ingest/mqtt/address.ts";
import { ExternalBroker } from "../../ingest/mqtt/external.ts";
import { Senders } from "../../ingest/senders.ts";
import { Spool } from "../../ingest/spool.ts";
import { collect, connectMqtt, ended, pause, publish, until } from "../support/clients.ts";
import { linkTo, type DatabaseLink } from "../support/database-link.ts";
import {
  rejectsOf,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { mosquittoPub, noMosquitto, startMosquitto, type TestMosquitto } from "../support/mosquitto.ts";

const startS = 1_770_000_000;
const at = (second: number) => startS + second;

describe.skipIf(noMosquitto)(`an external Mosquitto${noMosquitto ? ` (${noMosquitto})` : ""}`, () => {
  let mosquitto: TestMosquitto;
  /** Between the ingest and the broker. */
  let brokerLink: DatabaseLink;
  let t: TestIngest;
  let tenant: Tenant;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    brokerLink = await linkTo(mosquitto.url);
    t = await startTestIngest({ MQTT_URL: brokerLink.url });
    tenant = await t.newTenant();
  });
  afterAll(async () => {
    await t.stop();
    await mosquitto.stop();
    await brokerLink.cut();
  });

  afterEach(async () => {
    await t.link.restore();
    await brokerLink.restore();
  });

  /** A device that the broker knows already. */
  async function knownDevice(): Promise<TestDevice> {
    const device = await t.newDevice(tenant);
    await until(() => expect(mosquitto.dynamicSecurity()).toContain(`"${device.username}"`));
    return device;
  }

  const five = { protocolVersion: 5 as const };

  it.each(["mqttv311", "mqttv5"])("stores what mosquitto_pub says as a device over %s", async (version) => {
    const device = await knownDevice();
    const topic = `t/${device.username}/energy/m`;
    const args = ["-V", version, "-q", "1", "-t", topic, "-m", `{"time":${at(0)},"power":21}`];
    expect(await mosquittoPub(mosquitto.port, device, args)).toEqual({ code: 0, output: "" });
    await until(async () =>
      expect(await storedOf(t, device)).toEqual([{ key: "power", timeMs: at(0) * 1000, value: 21 }]),
    );
  });

  it("takes messages at QoS 0 and 2 as well, with the topic that a decoder knows", async () => {
    const device = await knownDevice();
    const plug = await connectMqtt(mosquitto.port, device);
    const said = (s: number) => ({ Epoch: at(s), ENERGY: { Power: s } });
    await publish(plug, `t/${device.username}/tele/plug/SENSOR`, said(0), 0);
    await plug.publishAsync(`t/${device.username}/tele/plug/SENSOR`, JSON.stringify(said(2)), { qos: 2 });
    await until(async () => expect((await storedOf(t, device)).map((r) => r.value)).toEqual([0, 2]));
    await plug.endAsync();
  });

  it("lets a device neither write nor read below another's prefix", async () => {
    const [mine, other] = [await knownDevice(), await knownDevice()];
    for (const topic of [`t/${other.username}/energy/m`, "t/energy/m", "energy/m"]) {
      const client = await connectMqtt(mosquitto.port, mine, five);
      const said = publish(client, topic, { time: at(0), power: 1 });
      await expect(said, topic).rejects.toThrow(/Not authorized/);
      client.end(true);
    }
    for (const filter of [`t/${other.username}/#`, "t/#", "#", "$share/ingest/t/#"]) {
      const client = await connectMqtt(mosquitto.port, mine, five);
      await expect(collect(client, filter), filter).rejects.toThrow();
      client.end(true);
    }
    expect(await storedOf(t, other)).toEqual([]);
  });

  it("lets a device read below its own prefix, where the product tells it something that it does not take for a message", async () => {
    const device = await knownDevice();
    const client = await connectMqtt(mosquitto.port, device, five);
    const seen = await collect(client, `t/${device.username}/#`);
    const { broker, close } = await secondShare();
    const identity = (await new Identify().named(device.username)) as Identified & { ok: true };
    await until(() => {
      broker.tell(identity.identity, { topic: "energy/m", payload: '{"power":6}', everyS: 60 });
      expect(seen).toContain(`t/${device.username}/energy/m {"power":6}`);
    });
    await pause(300);
    expect(await storedOf(t, device)).toEqual([]);
    await close();
    // Mosquitto goes on giving the session of a process that is gone its share.
    for (let i = 0; i < 6; i++) await publish(client, `t/${device.username}/energy/m`, { time: at(i), power: i });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(6), 30_000);
    await client.endAsync();
  });

  /** Another process's part at the broker, for its own voice. */
  async function secondShare(): Promise<{ broker: ExternalBroker; close: () => Promise<void> }> {
    const log = pino({ level: "silent" });
    const { receive, patience, stop } = openIntake({ log });
    const atMostOnce = new AtMostOnce(receive, patience, new Spool(join(t.folder, "second"), log), log);
    const senders = new Senders(new Identify(), patience);
    const address = brokerAddress(mosquitto.url, {});
    const parts = { senders, receive, atMostOnce, isDown: () => false, tellCredentials: false, log };
    const broker = await ExternalBroker.start({ address, ...parts });
    const close = async () => {
      await broker.pause();
      await stop();
      await broker.close();
    };
    return { broker, close };
  }

  it("refuses a wrong password", async () => {
    const device = await knownDevice();
    const wrong = connectMqtt(mosquitto.port, { username: device.username, password: "0".repeat(32) }, five);
    await expect(wrong).rejects.toMatchObject({ code: 135 });
  });

  it.each<[string, (device: TestDevice) => Promise<unknown>]>([
    ["revoked", ({ organizationId, id }) => revokeCredential(organizationId, id)],
    ["replaced", ({ organizationId, id }) => rotateCredential(organizationId, id, newCredential().kept)],
    ["deleted with its device", ({ organizationId, id }) => deleteDevice(organizationId, id)],
  ])("cuts off a credential that is %s", async (_what, end) => {
    const device = await knownDevice();
    const client = await connectMqtt(mosquitto.port, device);
    await end(device);
    await ended(client);
    await expect(connectMqtt(mosquitto.port, device)).rejects.toThrow();
    expect(mosquitto.dynamicSecurity()).not.toContain(`"${device.username}"`);
    expect(mosquitto.dynamicSecurity()).not.toContain(`device ${device.username}"`);
  });

  it("repairs what another hand changed, and leaves alone what is not its own", async () => {
    const [device, other] = [await knownDevice(), await knownDevice()];
    const admin = await connectMqtt(mosquitto.port, mosquitto.admin, five);
    const commands = [
      { command: "deleteClient", username: device.username },
      { command: "modifyRole", rolename: `energy-tracking device ${other.username}`, acls: [] },
      { command: "createClient", username: "mine", password: "p", textname: "a bridge" },
      { command: "createClient", username: "forged", password: "p", textname: "energy-tracking device" },
      { command: "setDefaultACLAccess", acls: [{ acltype: "publishClientSend", allow: true }] },
    ];
    await publish(admin, "$CONTROL/dynamic-security/v1", { commands });
    await until(() => expect(mosquitto.dynamicSecurity()).toContain(`"forged"`));
    await knownDevice();
    await until(() => expect(mosquitto.dynamicSecurity()).toContain(`"${device.username}"`));
    await until(() => expect(mosquitto.dynamicSecurity()).not.toContain(`"forged"`));
    expect(mosquitto.dynamicSecurity()).toContain(`"mine"`);
    for (const { username, password } of [device, other]) {
      const client = await connectMqtt(mosquitto.port, { username, password }, five);
      await publish(client, `t/${username}/energy/m`, { time: at(1), power: 4 });
      await expect(publish(client, "elsewhere", "x")).rejects.toThrow(/Not authorized/);
      client.end(true);
    }
    await admin.endAsync();
  });

  it("takes nothing of a name that is no device's, and is not held up by it", async () => {
    const admin = await connectMqtt(mosquitto.port, mosquitto.admin, five);
    await publish(admin, "t/nobody/energy/m", { time: at(0), power: 1 });
    await publish(admin, "t/", "x");
    const device = await knownDevice();
    await publish(admin, `t/${device.username}/energy/m`, { time: at(0), power: 5 });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await publish(admin, `t/${device.username}/${"long".repeat(251)}`, "x");
    await until(async () => expect((await rejectsOf(device)).get("topic-too-long")?.count).toBe(1));
    await admin.endAsync();
  });

  it("is not acknowledged while the database is away, and nothing is lost or doubled", async () => {
    const device = await knownDevice();
    const client = await connectMqtt(mosquitto.port, device, five);
    const say = (second: number) =>
      publish(client, `t/${device.username}/energy/m`, { time: at(second), power: second });
    await say(0);
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await t.link.cut();
    await Promise.all(Array.from({ length: 50 }, (_, i) => say(i + 1)));
    await pause(300);
    await t.link.restore();
    await until(async () => expect(await storedOf(t, device)).toHaveLength(51), 20_000);
    await client.endAsync();
  });

  it("finds its session, and what came meanwhile, when the ingest starts again", async () => {
    const device = await knownDevice();
    const client = await connectMqtt(mosquitto.port, device, five);
    await t.restart(async () => {
      for (let i = 0; i < 20; i++) await publish(client, `t/${device.username}/energy/m`, { time: at(i), power: i });
    });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(20));
    await client.endAsync();
  });

  it("is read and not acknowledged while the database is away: it is stored, once, when the network breaks as well", async () => {
    const [client, device, sent] = await saidWithoutDatabase();
    await brokerLink.cut();
    await brokerLink.restore();
    await delivered(sent.length - 1);
    await t.link.restore();
    await until(async () => expect(await valuesOf(device)).toEqual(sent), 20_000);
    await pause(500);
    expect(await valuesOf(device)).toEqual(sent);
    await client.endAsync();
  });

  it("what it has read is stored, although the broker was killed before it had kept it anywhere", async () => {
    const [, device, sent] = await saidWithoutDatabase();
    await mosquitto.kill("SIGKILL");
    expect(mosquitto.saved().includes('"power":49')).toBe(false);
    await mosquitto.start();
    await t.link.restore();
    await until(async () => expect(await valuesOf(device)).toEqual(sent), 20_000);
  });

  /** Fifty readings, half of them with their time, that the broker has given to the ingest and nobody could store. */
  async function saidWithoutDatabase(): Promise<[MqttClient, TestDevice, number[]]> {
    const device = await knownDevice();
    const client = await connectMqtt(mosquitto.port, device, five);
    const say = (power: number) =>
      publish(client, `t/${device.username}/energy/m`, power % 2 ? { power } : { power, time: at(power) });
    await say(0);
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await t.link.cut();
    logRead = mosquitto.log().length;
    for (let power = 1; power < 50; power++) await say(power);
    await delivered(49);
    return [client, device, Array.from({ length: 50 }, (_, power) => power)];
  }
  let logRead = 0;

  /** Resolves when the broker has sent the ingest so many messages since the last time. */
  async function delivered(count: number): Promise<void> {
    const since = () => mosquitto.log().slice(logRead);
    await until(() => since().split("Sending PUBLISH to energy-ingest").length > count);
    logRead = mosquitto.log().length;
  }

  const valuesOf = async (device: TestDevice) =>
    (await storedOf(t, device)).map(({ value }) => value).sort((a, b) => a - b);

  it("lets no device in before the ingest has subscribed: what nobody had subscribed to would be acknowledged and lost", async () => {
    const device = await knownDevice();
    await brokerLink.cut();
    await mosquitto.kill("SIGKILL");
    await mosquitto.start();
    await expect(connectMqtt(mosquitto.port, device, five)).rejects.toThrow(/Not authorized/);
    await brokerLink.restore();
    const client = await connectAgain(device);
    await publish(client, `t/${device.username}/energy/m`, { time: at(0), power: 3 });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await client.endAsync();
  });

  /** As a device does it: again and again. */
  async function connectAgain(device: TestDevice): Promise<MqttClient> {
    let client: MqttClient | undefined;
    await until(async () => (client = await connectMqtt(mosquitto.port, device, five)));
    return client!;
  }

  it.each(["SIGTERM", "SIGKILL"] as const)("goes on when the broker ends with %s and comes back", async (signal) => {
    const device = await knownDevice();
    await mosquitto.kill(signal);
    await pause(200);
    await mosquitto.start();
    const client = await connectAgain(device);
    await publish(client, `t/${device.username}/energy/m`, { time: at(0), power: 3 });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(1));
    await client.endAsync();
  });

  it("a credential whose password cannot be read any more is on the device's page", async () => {
    const device = await t.newDevice(tenant);
    await t.owner.query("update energy.credentials set password_sealed = 'v1.AAAA' where device_id = $1", [device.id]);
    const admin = await connectMqtt(mosquitto.port, mosquitto.admin, five);
    const commands = [{ command: "deleteClient", username: device.username }];
    await publish(admin, "$CONTROL/dynamic-security/v1", { commands });
    await knownDevice();
    await until(async () => expect((await rejectsOf(device)).get("not-on-broker")?.detail).toMatch(/APP_SECRET/));
    await admin.endAsync();
  });
});
