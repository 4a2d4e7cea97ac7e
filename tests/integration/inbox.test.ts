import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { hub } from "../../app/live/hub.server.ts";
import { action as inboxAction, loader as inboxPage } from "../../app/routes/sites.$siteId.devices.inbox.tsx";
import { action as settings } from "../../app/routes/sites.$siteId.devices.$deviceId.settings.tsx";
import { loader as frame } from "../../app/routes/sites.$siteId.tsx";
import { listChannels } from "../../db/channels.ts";
import { getDevice, listDevices } from "../../db/devices.ts";
import { acceptDevices, ignoreDevices, inboxOf, inboxSize } from "../../db/inbox.ts";
import { connectMqtt, publish, until } from "../support/clients.ts";
import {
  messagesOf,
  rejectsOf,
  startTestIngest,
  storedOf,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { becomes } from "../support/organization-members.ts";

/** One credential speaks for many: what is new waits for a person's word, and loses nothing meanwhile. */
let t: TestIngest;
let person: Person;
let gateway: TestDevice;
let client: Awaited<ReturnType<typeof connectMqtt>>;

beforeAll(async () => {
  t = await startTestIngest();
});
beforeEach(async () => {
  person = await someone();
  gateway = await t.newDevice(person, { kind: "gateway", name: "Gateway" });
  client = await connectMqtt(t.mqttPort, gateway);
});
afterAll(async () => {
  await hub().close();
  await t.stop();
});

const say = (name: string, power: number) => publish(client, `energy/${name}`, { power });
const waiting = () => inboxOf(person.organizationId, person.siteId);
const namesOf = (devices: { name: string }[]) => devices.map(({ name }) => name).sort();
const heard = async (name: string) => (await waiting()).find(({ externalId }) => externalId === name)!;
const answerTo = (form: Record<string, string>) => send(inboxAction, person, { siteId: person.siteId }, form);
const role = (name: MemberRole) => becomes(t.owner, person.userId, name);

describe("a device that a gateway speaks for", () => {
  test("waits in the inbox at once, with its readings and its message, and does not count yet", async () => {
    await say("fridge", 81);
    await say("washer", 2_000);
    expect(namesOf(await waiting())).toEqual(["fridge", "washer"]);
    const fridge = await heard("fridge");
    expect(fridge).toMatchObject({ gatewayName: "Gateway", isIgnored: false });
    expect(await storedOf(t, fridge)).toMatchObject([{ key: "power", value: 81 }]);
    await until(async () => {
      const [message] = await messagesOf({ ...gateway, id: fridge.id });
      expect(message).toMatchObject({ address: "energy/fridge", payload: '{"power":81}', format: "native-json" });
      expect(message!.readings).toMatchObject([{ device: "fridge", metric: "power", value: 81 }]);
    });
    expect(await listChannels(person.organizationId, { siteId: person.siteId })).toEqual([]);
    const { body } = await open(inboxPage, person.cookie, { siteId: person.siteId });
    expect(body).toMatchObject({ inbox: { waiting: 2, ignored: 0 } });
    expect((await open(frame, person.cookie, { siteId: person.siteId })).body["waiting"]).toBe(2);
  });

  test("appears in a browser that is open, and its values move there", async () => {
    const frames: string[] = [];
    const leave = await hub().join(person.organizationId, person.siteId, (text) => void frames.push(text));
    await say("fridge", 81);
    const { id } = await heard("fridge");
    await until(() => frames.some((text) => text.includes("event: device") && text.includes(id)));
    await until(async () => {
      await say("fridge", 82);
      return frames.some((text) => text.includes("event: latest") && text.includes(",82]"));
    });
    leave();
  });

  test("a message of several devices is each one's own", async () => {
    await publish(client, "energy/x", [
      { device: "a", power: 1 },
      { device: "b", power: 2 },
      { device: "a", voltage: 230 },
    ]);
    await until(async () => {
      const [message] = await messagesOf({ ...gateway, id: (await heard("a")).id });
      expect(message!.readings.map(({ device, metric }) => `${device} ${metric}`)).toEqual(["a power", "a voltage"]);
    });
  });

  test("is accepted under a name of its own, counts with all that came before, and the gateway stays connected", async () => {
    await say("0x00158d0001", 81);
    const { id } = await heard("0x00158d0001");
    expect((await answerTo({ intent: "accept", device: id, name: "Fridge" })).body).toEqual({
      done: "Fridge is accepted",
    });
    await say("0x00158d0001", 82);
    expect(await waiting()).toEqual([]);
    expect(await getDevice(person.organizationId, id)).toMatchObject({ name: "Fridge", acceptedAt: expect.any(Date) });
    expect(await listChannels(person.organizationId, { siteId: person.siteId })).toMatchObject([{ deviceId: id }]);
    expect((await storedOf(t, { id })).map(({ value }) => value)).toEqual([81, 82]);
    expect(client.connected).toBe(true);
  });

  test("all are accepted by one click", async () => {
    for (const name of ["a", "b", "c"]) await say(name, 1);
    expect((await answerTo({ intent: "accept-all" })).body).toEqual({ done: "Accepted: 3" });
    expect([await waiting(), await inboxSize(person.organizationId, person.siteId)]).toEqual([[], 0]);
  });

  test("is ignored: nothing more of it is kept, which is on record, until it is accepted after all", async () => {
    await say("fridge", 81);
    const { id } = await heard("fridge");
    expect((await answerTo({ intent: "ignore", device: id })).body).toEqual({ done: "fridge is ignored" });
    await until(async () => {
      await say("fridge", 82);
      return (await rejectsOf(gateway)).has("ignored-device");
    });
    const kept = (await storedOf(t, { id })).length;
    await say("fridge", 83);
    expect(await storedOf(t, { id })).toHaveLength(kept);
    expect(await waiting()).toEqual([]);
    expect(await getDevice(person.organizationId, id)).toBeNull();
    const { body } = await open(inboxPage, person.cookie, { siteId: person.siteId });
    expect(body["ignored"]).toMatchObject([{ id, name: "fridge" }]);
    await answerTo({ intent: "accept", device: id });
    await until(async () => {
      await say("fridge", 84);
      return (await storedOf(t, { id })).some(({ value }) => value === 84);
    });
    expect((await storedOf(t, { id }))[0]).toMatchObject({ value: 81 });
  });

  test("is accepted by itself where its gateway was told so", async () => {
    const form = { intent: "change", name: "Gateway", kind: "gateway", hasAutoAccept: "1", autoAccept: "on" };
    const params = { siteId: person.siteId, deviceId: gateway.id };
    expect((await send(settings, person, params, form)).body["done"]).toBe("Saved");
    expect((await getDevice(person.organizationId, gateway.id))!.config).toEqual({ autoAccept: true });
    await until(() => !client.connected);
    client = await connectMqtt(t.mqttPort, gateway);
    await say("fridge", 81);
    expect(await waiting()).toEqual([]);
    const devices = await listDevices(person.organizationId);
    expect(devices.find(({ externalId }) => externalId === "fridge")!.acceptedAt).not.toBeNull();
    await send(settings, person, params, { intent: "change", name: "Gateway", hasAutoAccept: "1" });
    expect((await getDevice(person.organizationId, gateway.id))!.config).toEqual({ autoAccept: false });
  });
});

describe("who may", () => {
  test("an operator decides, a viewer looks", async () => {
    await say("fridge", 81);
    const { id } = await heard("fridge");
    await role("viewer");
    for (const form of [{ intent: "accept", device: id }, { intent: "ignore", device: id }, { intent: "accept-all" }])
      expect((await answerTo(form as Record<string, string>)).status).toBe(403);
    expect((await open(inboxPage, person.cookie, { siteId: person.siteId })).body).toMatchObject({
      mayChange: false,
      inbox: { waiting: 1 },
    });
    await role("operator");
    expect((await answerTo({ intent: "accept", device: id, name: "" })).status).toBe(400);
    expect((await answerTo({ intent: "accept", device: id })).status).toBe(200);
    expect((await answerTo({ intent: "accept", device: "nonsense" })).status).toBe(404);
  });

  test("another's inbox is not there", async () => {
    await say("fridge", 81);
    const { id } = await heard("fridge");
    const stranger = await someone();
    expect((await open(inboxPage, stranger.cookie, { siteId: person.siteId })).status).toBe(404);
    expect(await acceptDevices(stranger.organizationId, [id])).toBe(0);
    expect(await ignoreDevices(stranger.organizationId, [id])).toBe(0);
    expect(await inboxOf(stranger.organizationId, person.siteId)).toEqual([]);
    expect(await waiting()).toHaveLength(1);
  });
});
