import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { action as addDevice } from "../../app/routes/sites.$siteId.devices.new.tsx";
import { action as changeSettings } from "../../app/routes/sites.$siteId.devices.$deviceId.settings.tsx";
import { action as fitHardware, loader as setUp } from "../../app/routes/sites.$siteId.devices.$deviceId.setup.tsx";
import { loader as arrivals } from "../../app/routes/sites.$siteId.devices.$deviceId.arrivals.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { getDevice } from "../../db/devices.ts";
import { createSite } from "../../db/sites.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { open, origin, send, someone, type Person } from "../support/pages.ts";
import { becomes } from "../support/organization-members.ts";

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});

afterAll(async () => {
  await closeDatabase();
  await owner.end();
  await database.drop();
});

/** Adds a device by its form; the cookie that carries its credential comes along. */
async function added(person: Person, form: Record<string, string> = {}) {
  const params = { siteId: person.siteId };
  const answer = await send(addDevice, person, params, {
    name: "Washer",
    kind: "device",
    hardware: "tasmota",
    ...form,
  });
  const location = answer.headers.get("location")!;
  const deviceId = location.split("/")[4]!;
  const carried = answer.headers.get("set-cookie")!.split(";")[0]!;
  return { location, deviceId, carried, params: { siteId: person.siteId, deviceId } };
}

describe("adding a device", () => {
  test("leads to its set-up page, which shows the credential once", async () => {
    const person = await someone();
    const { location, deviceId, carried, params } = await added(person);
    expect(location).toBe(`/sites/${person.siteId}/devices/${deviceId}/setup?with=tasmota`);
    const first = await open(setUp, `${person.cookie}; ${carried}`, params);
    expect(first.body["credential"]).toMatchObject({
      username: expect.stringMatching(/^d-/),
      password: expect.stringMatching(/^[0-9a-f]{32}$/),
      token: expect.stringMatching(/^[\w-]{88}$/),
    });
    expect(first.headers.get("set-cookie")).toMatch(/shown-once=; .*Max-Age=0/);
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(first.body["endpoints"]).toMatchObject({ mqttHost: "energy.test", mqttPort: 1884, httpUrl: origin });
    const again = await open(setUp, person.cookie, params);
    expect(again.body["credential"]).toBeNull();
  });

  test("a kind of hardware says whether it is a gateway", async () => {
    const person = await someone();
    const { deviceId } = await added(person, { kind: "gateway", hardware: "vzlogger-d0" });
    const device = await getDevice(person.organizationId, deviceId);
    expect(device).toMatchObject({ kind: "gateway", config: { protocol: "d0" } });
  });

  test("needs a name", async () => {
    const person = await someone();
    const { status, body } = await send(addDevice, person, { siteId: person.siteId }, { name: " ", kind: "gateway" });
    expect([status, body["kind"]]).toEqual([400, "gateway"]);
    expect(body["error"]).toMatch(/name/);
  });
});

describe("a device's settings", () => {
  const change = (person: Person, params: Record<string, string>, form: Record<string, string>) =>
    send(changeSettings, person, params, form);

  test("a new credential is shown once, and ends the old one", async () => {
    const person = await someone();
    const { deviceId, params } = await added(person);
    const before = (await getDevice(person.organizationId, deviceId))!.credential!.username;
    const answer = await change(person, params, { intent: "rotate" });
    expect(answer.headers.get("location")).toBe(`/sites/${person.siteId}/devices/${deviceId}/setup`);
    const shown = await open(setUp, `${person.cookie}; ${answer.headers.get("set-cookie")!.split(";")[0]}`, params);
    const after = (shown.body["credential"] as { username: string }).username;
    expect(after).not.toBe(before);
    const { rows } = await owner.query("select username, revoked_at is null as valid from energy.credentials where device_id = $1", [deviceId]); // prettier-ignore
    expect(Object.fromEntries(rows.map((row) => [row.username, row.valid]))).toEqual({
      [before]: false,
      [after]: true,
    });
  });

  test("revoked, it is locked out and stays", async () => {
    const person = await someone();
    const { deviceId, params } = await added(person);
    expect((await change(person, params, { intent: "revoke" })).body["done"]).toMatch(/Revoked/);
    expect((await getDevice(person.organizationId, deviceId))!.credential!.revokedAt).not.toBeNull();
  });

  test("it is renamed, becomes a gateway by one click, and moves to another place of its organization only", async () => {
    const [person, other] = [await someone(), await someone()];
    const { deviceId, params } = await added(person);
    await change(person, params, { intent: "change", name: "Dryer" });
    await change(person, params, { intent: "gateway" });
    expect(await getDevice(person.organizationId, deviceId)).toMatchObject({ name: "Dryer", kind: "gateway" });
    const foreign = await change(person, params, { intent: "change", name: "Dryer", siteId: other.siteId });
    expect([foreign.status, foreign.body["error"]]).toEqual([400, "There is no such place to move it to."]);
    const barn = await createSite(person.organizationId, { name: "Barn", timezone: "UTC", currency: "EUR" });
    const moved = await change(person, params, { intent: "change", name: "Dryer", siteId: barn.id });
    expect(moved.headers.get("location")).toBe(`/sites/${barn.id}/devices/${deviceId}/settings`);
    expect((await getDevice(person.organizationId, deviceId))!.siteId).toBe(barn.id);
  });

  test("what its decoder needs is kept; what is wrong is said at its field", async () => {
    const person = await someone();
    const { deviceId, params } = await added(person);
    const fields = {
      intent: "decoder",
      fullTopic: "home/%prefix%/%topic%/",
      device: "",
      time: "",
      timezone: "",
      map: "",
    };
    await change(person, params, fields);
    expect((await getDevice(person.organizationId, deviceId))!.config).toEqual({ full_topic: fields.fullTopic });
    const wrong = await change(person, params, { ...fields, map: "nonsense" });
    expect([wrong.status, Object.keys(wrong.body["decoderErrors"]!)]).toEqual([400, ["map"]]);
    await send(fitHardware, person, params, { hardware: "zigbee2mqtt" });
    const { kind, config } = (await getDevice(person.organizationId, deviceId))!;
    expect([kind, Object.keys(config)]).toEqual(["gateway", ["full_topic"]]);
  });

  test("it is deleted only when its name was typed", async () => {
    const person = await someone();
    const { deviceId, params } = await added(person);
    const wrong = await change(person, params, { intent: "delete", confirm: "washer" });
    expect(wrong.body["error"]).toMatch(/Type the name "Washer"/);
    expect(await getDevice(person.organizationId, deviceId)).not.toBeNull();
    const right = await change(person, params, { intent: "delete", confirm: "Washer" });
    expect(right.headers.get("location")).toBe(`/sites/${person.siteId}/devices`);
    expect(await getDevice(person.organizationId, deviceId)).toBeNull();
  });

  test("a role does what it may", async () => {
    const person = await someone();
    const { params } = await added(person);
    const as = (role: MemberRole) => becomes(owner, person.userId, role);
    const statusOf = async (intent: string) => (await change(person, params, { intent, confirm: "no" })).status;
    await as("viewer");
    expect(await Promise.all(["change", "rotate", "delete"].map(statusOf))).toEqual([403, 403, 403]);
    await as("operator");
    expect(await Promise.all(["change", "delete"].map(statusOf))).toEqual([400, 403]);
  });
});

test("a device of others is not found, whatever is asked of it", async () => {
  const [person, other] = [await someone(), await someone()];
  const theirs = await added(other);
  const mixed = { siteId: person.siteId, deviceId: theirs.deviceId };
  for (const params of [theirs.params, mixed]) {
    expect((await open(setUp, `${person.cookie}; ${theirs.carried}`, params)).status).toBe(404);
    expect((await open(arrivals, person.cookie, params)).status).toBe(404);
    expect((await send(changeSettings, person, params, { intent: "rotate" })).status).toBe(404);
    expect((await send(fitHardware, person, params, { hardware: "tasmota" })).status).toBe(404);
  }
});
