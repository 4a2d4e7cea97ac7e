import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { action as invitePage } from "../../app/routes/organization.members.tsx";
import { loader as usagePage } from "../../app/routes/organization.usage.tsx";
import { action as newDevicePage } from "../../app/routes/sites.$siteId.devices.new.tsx";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { createDevice } from "../../db/devices.ts";
import { outbox } from "../../db/mail.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { deleteBeyondRetention } from "../../db/retention.ts";
import { warnOfQuotas } from "../../db/quota-warnings.ts";
import { usageOf } from "../../db/usage.ts";
import { apiWith } from "../support/api.ts";
import { heldToDocument } from "../support/api-contract.ts";
import { connectMqtt, publish, push } from "../support/clients.ts";
import { rejectsOf, startTestIngest, storedOf, type TestDevice, type TestIngest } from "../support/ingest.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { member } from "../support/organization-members.ts";
import { addChannel, sha256 } from "../support/tenants.ts";

/** What an organization may use by its plan, whichever way it asks for more. */
let t: TestIngest;
let person: Person;

beforeAll(async () => {
  t = await startTestIngest();
  await t.owner.query(`insert into energy.plans (name, title, devices, channels, members, readings_per_day)
    values ('tiny', 'Tiny', 2, 3, 2, 5)`);
  // The first one has no limits.
  await someone();
});
beforeEach(async () => {
  person = await someone();
  await give(person, "tiny");
});
afterAll(() => t.stop());

const give = ({ organizationId }: Pick<Person, "organizationId">, plan: string) =>
  t.owner.query("update energy.organizations set plan = $2 where id = $1", [organizationId, plan]);

const newDevice = ({ organizationId, siteId }: Person) =>
  createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, newCredential().kept);

const at = (device: TestDevice, readings: object) =>
  push(t.http, "/api/v1/readings", {
    body: JSON.stringify(readings),
    headers: { authorization: `Bearer ${device.token}`, "content-type": "application/json" },
  });

const usage = async () => {
  const { quotas } = (await usageOf(person.organizationId))!;
  return Object.fromEntries(quotas.map(({ quota, used, most }) => [quota, [used, most]]));
};

test("who signs up first has no limits, everybody after that those of the plan standard; nobody changes their own", async () => {
  const { rows } = await t.owner.query<{ plan: string }>(
    "select plan from energy.organizations order by created_at limit 1",
  );
  expect(rows).toEqual([{ plan: "unlimited" }]);
  expect(await usageOf((await someone()).organizationId)).toMatchObject({ plan: "Standard" });
  const { rows: may } = await t.owner.query(
    "select has_column_privilege('energy_organization', 'energy.organizations', 'plan', 'update') as may",
  );
  expect(may).toEqual([{ may: false }]);
});

describe("devices", () => {
  test("made at once by many are not more than the plan has", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => newDevice(person)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(QuotaExceeded);
    expect(await usage()).toMatchObject({ devices: [2, 2] });
  });

  test("beyond the limit are refused by name over the API and on the page; one that is deleted makes room", async () => {
    const { id } = (await newDevice(person))!;
    await newDevice(person);
    const key = `ek_${randomBytes(24).toString("base64url")}`;
    await createApiKey(person.organizationId, { name: "Test", hash: sha256(key), scopes: ["write"] });
    const post = () => heldToDocument(apiWith(key))("POST", "/devices", { name: "One more" });
    const { status, body, headers } = await post();
    expect([status, headers.get("content-type")]).toEqual([409, "application/problem+json"]);
    expect(body.detail).toContain("The plan allows 2 devices, and 2 are used.");
    const { siteId } = person;
    const page = await send(newDevicePage, person, { siteId }, { name: "One more", kind: "device" });
    expect(page).toMatchObject({ status: 409, body: { error: expect.stringContaining("allows 2 devices") as string } });
    await t.owner.query("update energy.devices set deleted_at = now() where id = $1", [id]);
    expect((await post()).status).toBe(201);
  });
});

test("a gateway speaks for no more devices than the plan has", async () => {
  const gateway = await t.newDevice(person, { kind: "gateway" });
  expect((await at(gateway, { device: "a", power: 1 })).status).toBe(204);
  const refused = await at(gateway, { device: "b", power: 1 });
  expect([refused.status, refused.body]).toEqual([422, expect.stringContaining("2 devices")]);
  expect((await at(gateway, { device: "a", power: 1 })).status).toBe(204);
});

test("an invitation keeps a place; one too many is refused on the page", async () => {
  const invite = (email: string) =>
    send(invitePage, person, {}, { intent: "invite", email, role: "viewer", places: "all" });
  expect((await invite("first@example.org")).status).toBe(200);
  const second = await invite("second@example.org");
  expect(second.body).toMatchObject({ error: expect.stringContaining("2 members and open invitations") as string });
  expect(await usage()).toMatchObject({ members: [2, 2] });
});

describe("the page of usage", () => {
  test("shows limits and use to every member of the whole organization, to nobody else", async () => {
    await newDevice(person);
    const viewer = await member(t.owner, person, { role: "viewer" });
    const search = `?organization=${person.organizationId}`;
    const { body } = await open(usagePage, viewer.cookie, {}, search);
    expect(body).toMatchObject({ plan: "Tiny", retentionDays: null });
    expect(body["quotas"]).toContainEqual({ quota: "devices", used: 1, most: 2 });
    await give(person, "standard");
    const limited = await member(t.owner, person, { role: "admin", siteIds: [person.siteId] });
    expect((await open(usagePage, limited.cookie, {}, search)).status).toBe(403);
    expect((await open(usagePage, (await someone()).cookie, {}, search)).status).toBe(404);
  });
});

test("owners are told at 80 %, once a period", async () => {
  await newDevice(person);
  await newDevice(person);
  const url = "https://energy.test/organization/usage";
  expect(await warnOfQuotas(url)).toBeGreaterThan(0);
  expect(await warnOfQuotas(url)).toBe(0);
  const { rows } = await t.owner.query<{ email: string }>("select email from auth.users where id = $1", [
    person.userId,
  ]);
  const mails = await outbox(rows[0]!.email);
  expect(mails.map(({ letter }) => letter.subject)).toEqual(["Test: 100 % of the devices are used"]);
  expect(JSON.stringify(mails[0]!.letter.parts)).toContain(`${url}?organization=${person.organizationId}`);
});

test("a plan that keeps history for a while: readings and what was made of them go, from the same midnight on", async () => {
  const day = 86_400_000;
  const midnight = Math.floor(Date.now() / day) * day;
  const kept = midnight - 31 * day;
  const { id: deviceId } = (await newDevice(person))!;
  const given = { organizationId: person.organizationId, deviceId, metric: "power" };
  const channel = await addChannel(t.owner, {
    ...given,
    readings: [
      [kept - 1, 1],
      [kept, 2],
      [midnight, 3],
    ],
  });
  for (const ms of [kept - 900_000, kept])
    await t.owner.query(
      "insert into telemetry.rollup_buckets values ($1, to_timestamp($2 / 1000.0), 1, 0, 0, 0, 900, 1, 1, 1, 1, 1)",
      [channel, ms],
    );
  const left = async () => {
    const { rows } = await t.owner.query<{ readings: number; buckets: number }>(
      `select (select count(*)::int from telemetry.readings where channel_id = $1) as readings,
         (select count(*)::int from telemetry.rollup_buckets where channel_id = $1) as buckets`,
      [channel],
    );
    return rows[0];
  };
  await deleteBeyondRetention(new AbortController().signal);
  expect(await left()).toEqual({ readings: 3, buckets: 2 });
  await t.owner.query("update energy.plans set retention_days = 31 where name = 'tiny'");
  await deleteBeyondRetention(new AbortController().signal);
  await t.owner.query("update energy.plans set retention_days = null where name = 'tiny'");
  expect(await left()).toEqual({ readings: 2, buckets: 1 });
});

describe("of devices that send", () => {
  /** Acknowledged, or this fails: a device that is not told would send it for ever. */
  async function say(device: TestDevice, readings: object): Promise<void> {
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", readings);
    await client.endAsync();
  }

  test("readings beyond a day's limit are refused on record, also by the next process; a larger plan takes them", async () => {
    const device = await t.newDevice(person);
    expect((await at(device, { power: 1, voltage: 230, current: 1 })).status).toBe(204);
    expect((await at(device, { power: 2 })).status).toBe(204);
    // It begins within the limit, so it is taken whole.
    expect((await at(device, { power: 1, voltage: 230 })).status).toBe(204);
    const refused = await at(device, { power: 3 });
    expect([refused.status, refused.body]).toEqual([
      422,
      expect.stringContaining("allows 5 readings a day, and 6 are used"),
    ]);
    await say(device, { power: 4 });
    await t.restart();
    await say(device, { power: 5 });
    await t.restart(() => give(person, "standard").then(() => {}));
    await say(device, { power: 6 });
    await t.restart();
    expect(await storedOf(t, device)).toHaveLength(7);
    expect((await rejectsOf(device)).get("quota")).toMatchObject({ count: 3 });
    const { days } = (await usageOf(person.organizationId))!;
    expect(days).toEqual([{ day: new Date().toISOString().slice(0, 10), readings: 7, refused: 3 }]);
  });

  test("channels beyond the limit are refused on record, the others go on", async () => {
    const device = await t.newDevice(person);
    await say(device, { power: 1, voltage: 230, current: 1 });
    await say(device, { frequency: 50, power: 2 });
    expect((await storedOf(t, device)).length).toBe(4);
    await t.restart();
    expect((await rejectsOf(device)).get("quota")).toMatchObject({
      count: 1,
      detail: expect.stringContaining("3 channels") as string,
    });
  });
});
