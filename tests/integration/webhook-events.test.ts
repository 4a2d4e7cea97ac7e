import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { createDevice } from "../../db/devices.ts";
import { failExport, finishExport } from "../../db/export-runs.ts";
import { startExport } from "../../db/exports.ts";
import { childDevice, identityOfDevice } from "../../db/identities.ts";
import { claimImport, endImport } from "../../db/import-runs.ts";
import { createImport, putChunk, startImport } from "../../db/imports.ts";
import { leaveOrganization, removeMember } from "../../db/members.ts";
import { warnOfQuotas } from "../../db/quota-warnings.ts";
import { watchSilence } from "../../db/silent-devices.ts";
import { isEventBody } from "../../domain/webhook/events.ts";
import { takeJobs } from "../support/jobs.ts";
import { member } from "../support/organization-members.ts";
import { someone, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";
import { deliveriesOf, Receiver } from "../support/webhooks.ts";

/** What the product knows, and tells webhooks: each event from what causes it to the receiver. */
let db: OpenDatabase;
let receiver: Receiver;
let anna: Person;

beforeAll(async () => {
  db = await openTestDatabase();
  receiver = await Receiver.open();
});
afterAll(async () => {
  receiver.close();
  await db.close();
});
beforeEach(async () => {
  await db.owner.query("delete from energy.webhooks");
  await takeJobs(db.owner);
  anna = await someone();
});

const make = (given = {}) => receiver.webhook(anna.organizationId, given);

/** What arrives now, each as the documentation has it. */
async function bodies() {
  const all = await receiver.deliver(db.owner);
  for (const body of all) expect([body.type, isEventBody(body.type, body)]).toEqual([body.type, true]);
  return all;
}
const told = async () => (await bodies()).map(({ type }) => type).sort();

test("members who join, are removed and leave", async () => {
  await make();
  const one = await member(db.owner, anna, { role: "viewer" });
  expect(await told()).toEqual(["member.joined"]);
  await removeMember(anna.organizationId, { by: { userId: anna.userId }, userId: one.userId });
  const [removed] = await bodies();
  expect(removed).toMatchObject({
    type: "member.removed",
    data: { userId: one.userId, role: "viewer", email: expect.stringContaining("@") as string },
  });
  const two = await member(db.owner, anna, { role: "operator" });
  await takeJobs(db.owner);
  await leaveOrganization(two.userId, anna.organizationId);
  expect(await told()).toEqual(["member.removed"]);
  const three = await member(db.owner, anna, { role: "operator" });
  await takeJobs(db.owner);
  await db.owner.query("delete from auth.users where id = $1", [three.userId]);
  expect(await bodies()).toMatchObject([{ type: "member.removed", data: { userId: three.userId, email: null } }]);
});

test("exports and imports that end", async () => {
  await make();
  const first = await startExport(anna.organizationId, null);
  await takeJobs(db.owner);
  await finishExport(anna.organizationId, (first as { id: string }).id, 5);
  expect(await told()).toEqual(["export.finished"]);
  const second = (await startExport(anna.organizationId, null)) as { id: string };
  await takeJobs(db.owner);
  await failExport(second.id, "No room.");
  await failExport(second.id, "Said twice.");
  expect(await bodies()).toMatchObject([{ type: "export.failed", data: { exportId: second.id, error: "No room." } }]);
  const { id: deviceId } = (await createDevice(
    anna.organizationId,
    { siteId: anna.siteId, name: "M", kind: "device" },
    newCredential().kept,
  ))!;
  for (const error of [null, "No column of times."]) {
    const file = { deviceId, fileName: "a.csv", size: 3, options: null, createdBy: null };
    const made = (await createImport(anna.organizationId, file)) as { id: string };
    await putChunk(anna.organizationId, { importId: made.id, number: 0, bytes: new Uint8Array(3) });
    await startImport(anna.organizationId, made.id, { timezone: "UTC" } as never);
    const claimed = (await claimImport("11111111-1111-4111-8111-111111111111", made.id))!;
    await endImport(claimed, "11111111-1111-4111-8111-111111111111", error);
    const about = { importId: made.id, deviceId, siteId: anna.siteId, fileName: "a.csv" };
    expect(await bodies()).toMatchObject([
      { type: error ? "import.failed" : "import.finished", data: { ...about, ...(error && { error }) } },
    ]);
  }
});

test("a device that a gateway speaks for and nobody has accepted", async () => {
  await make();
  const { id } = (await createDevice(
    anna.organizationId,
    { siteId: anna.siteId, name: "G", kind: "gateway" },
    newCredential().kept,
  ))!;
  const gateway = (await identityOfDevice(id))!;
  const found = await childDevice(gateway, "freezer", 10);
  await childDevice(gateway, "freezer", 10);
  expect(await bodies()).toMatchObject([
    { type: "device.found", data: { deviceId: found!.id, deviceName: "freezer", gatewayId: id } },
  ]);
});

test("80 % of a plan, and all of it, once each", async () => {
  await make();
  await db.owner.query(
    "insert into energy.plans (name, title, devices) values ('five', 'Five', 5) on conflict do nothing",
  );
  await db.owner.query("update energy.organizations set plan = 'five' where id = $1", [anna.organizationId]);
  const add = () =>
    createDevice(anna.organizationId, { siteId: anna.siteId, name: "M", kind: "device" }, newCredential().kept);
  const warned = async () => {
    await warnOfQuotas("https://energy.test/organization/usage");
    return (await bodies()).map(({ type, data }) => [type, data["used"]]);
  };
  for (let i = 0; i < 4; i++) await add();
  expect([await warned(), await warned()]).toEqual([[["usage.near", 4]], []]);
  await add();
  expect([await warned(), await warned()]).toEqual([[["usage.full", 5]], []]);
  // Less again is no news.
  await db.owner.query(
    "delete from energy.devices where id = (select min(id::text)::uuid from energy.devices where organization_id = $1)",
    [anna.organizationId],
  );
  expect(await warned()).toEqual([]);
});

test("a device that falls silent, once, and is heard again", async () => {
  const { id: deviceId } = (await createDevice(
    anna.organizationId,
    { siteId: anna.siteId, name: "Pump", kind: "device" },
    newCredential().kept,
  ))!;
  const now = Date.now();
  const channel = await addChannel(db.owner, {
    ...{ organizationId: anna.organizationId, deviceId, metric: "power", expectedIntervalS: 60 },
    readings: [[now, 5]],
  });
  const heard = (ms: number) =>
    db.owner.query("update telemetry.latest set received_at = to_timestamp($2 / 1000.0) where channel_id = $1", [
      channel,
      ms,
    ]);
  await heard(now);
  const id = await make();
  const from = now + 3_600_000;
  await db.owner.query("update energy.webhooks set tells_from = to_timestamp($1 / 1000.0)", [now]);
  await watchSilence(now + 60_000);
  expect(await told()).toEqual([]);
  await watchSilence(from);
  await watchSilence(from + 60_000);
  expect(await bodies()).toMatchObject([
    {
      type: "device.silent",
      data: { deviceId, deviceName: "Pump", presence: "silent", lastHeardAt: new Date(now).toISOString() },
    },
  ]);
  await heard(from + 100_000);
  await watchSilence(from + 120_000);
  await watchSilence(from + 121_000);
  expect(await bodies()).toMatchObject([{ type: "device.back", data: { deviceId } }]);
  // A webhook is not told what was before it: this silence is older.
  await heard(now - 86_400_000);
  await db.owner.query("update energy.webhooks set tells_from = now() where id = $1", [id]);
  await watchSilence(now);
  expect(await told()).toEqual([]);
});

test("not what nobody asked for, nor to another organization", async () => {
  const id = await make({ events: ["device.back"] });
  const bea = await someone();
  await receiver.webhook(bea.organizationId);
  await member(db.owner, anna, { role: "viewer" });
  expect(await told()).toEqual([]);
  expect(await deliveriesOf(anna.organizationId, id)).toEqual([]);
});
