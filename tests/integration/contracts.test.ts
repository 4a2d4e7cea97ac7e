import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedOrganization } from "../../cli/org.ts";
import { database } from "../../db/client.ts";
import {
  contractsOf,
  createContract,
  deleteContract,
  getContract,
  pastVersions,
  putVersion,
  updateContract,
  withdrawVersion,
  type NewContract,
} from "../../db/contracts.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { createDevice, deleteDevice } from "../../db/devices.ts";
import { sealPassword } from "../../db/credentials.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: CreatedOrganization;
let ben: CreatedOrganization;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna");
  ben = await makeTenant("ben");
});
afterAll(() => db.close());

const flat = (price: string) => ({ name: "Flat", energy: price });
const given = ({ siteId, userId }: CreatedOrganization): NewContract => ({
  ...{ siteId, name: "Power", medium: "electricity", channelId: null, createdBy: userId },
  version: { validFrom: "2025-01-01", tariff: flat("0.30"), note: "" },
});

async function channelOf({ organizationId, siteId }: CreatedOrganization, name: string): Promise<number> {
  const kept = {
    username: name,
    passwordHash: sha256(`p ${name}`),
    tokenHash: sha256(`t ${name}`),
    passwordSealed: sealPassword(name, name),
  };
  const device = await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
  return addChannel(db.owner, { organizationId, deviceId: device!.id, metric: "energy.import", kind: "counter" });
}

test("a contract has its versions by their first day; a later one leaves the past alone", async () => {
  const { rows } = await db.owner.query<{ author: string }>("select email as author from auth.users where id = $1", [
    anna.userId,
  ]);
  const { author } = rows[0]!;
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const changed = await putVersion(anna.organizationId, contract.id, {
    ...{ validFrom: "2026-01-01", tariff: flat("0.35"), note: "new prices", createdBy: anna.userId },
  });
  expect(changed!.versions).toMatchObject([
    { validFrom: "2025-01-01", tariff: flat("0.30"), note: "" },
    { validFrom: "2026-01-01", tariff: flat("0.35"), note: "new prices", createdBy: anna.userId, author },
  ]);
  expect(await contractsOf(anna.organizationId, anna.siteId)).toEqual([changed]);
  expect(await pastVersions(anna.organizationId, contract.id)).toEqual([]);
  expect(await deleteContract(anna.organizationId, contract.id)).toBe(true);
  expect(await getContract(anna.organizationId, contract.id)).toBeNull();
  expect(await deleteContract(anna.organizationId, contract.id)).toBe(false);
});

test("a corrected version takes the place of the wrong one, which is kept with who and when", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const before = contract.versions[0]!;
  const correction = { validFrom: "2025-01-01", tariff: flat("0.31"), note: "misread", createdBy: anna.userId };
  const corrected = (await putVersion(anna.organizationId, contract.id, correction))!;
  expect(corrected.versions).toMatchObject([{ tariff: flat("0.31"), note: "misread" }]);
  const past = await pastVersions(anna.organizationId, contract.id);
  expect(past).toMatchObject([{ ...before, supersededBy: anna.userId }]);
  expect(past[0]!.supersededMs).toBeGreaterThanOrEqual(before.createdMs);
});

test("a version that was taken back no longer holds; the last one cannot be", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const two = (await putVersion(anna.organizationId, contract.id, {
    ...{ validFrom: "2026-02-01", tariff: flat("0.4"), note: "", createdBy: null },
  }))!;
  const withdraw = (versionId: string) =>
    withdrawVersion(anna.organizationId, contract.id, { versionId, by: anna.userId });
  expect(await withdraw(two.versions[1]!.id)).toMatchObject({ versions: [two.versions[0]] });
  expect(await withdraw(two.versions[1]!.id)).toBe("not-found");
  expect(await withdraw(two.versions[0]!.id)).toBe("only-version");
  expect(await pastVersions(anna.organizationId, contract.id)).toMatchObject([{ id: two.versions[1]!.id }]);
});

test("two people who correct the same version at once: both are kept, one holds", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const prices = ["0.21", "0.22", "0.23", "0.24"];
  const correct = (price: string) =>
    putVersion(anna.organizationId, contract.id, {
      ...{ validFrom: "2025-01-01", tariff: flat(price), note: "", createdBy: null },
    });
  await Promise.all(prices.map(correct));
  const held = (await getContract(anna.organizationId, contract.id))!.versions;
  const past = await pastVersions(anna.organizationId, contract.id);
  expect(held).toHaveLength(1);
  const all = [...held, ...past].map(({ tariff }) => (tariff as { energy: string }).energy);
  expect(all.sort()).toEqual(["0.21", "0.22", "0.23", "0.24", "0.30"]);
});

test("what a version said cannot be rewritten, not even by a forgotten statement of the product's own", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const rewrite = (words: string) =>
    asOrganization(anna.organizationId, (sql) => sql.query(`${words} where contract_id = $1`, [contract.id]));
  await expect(rewrite("update energy.contract_versions set tariff = '{}'")).rejects.toThrow(/permission denied/);
  await expect(rewrite("delete from energy.contract_versions")).rejects.toThrow(/permission denied/);
});

test("a name and an end can change; null takes the end back", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const update = (patch: { name?: string; endsOn?: string | null }) =>
    updateContract(anna.organizationId, contract.id, patch);
  expect(await update({ endsOn: "2026-06-01" })).toMatchObject({ name: "Power", endsOn: "2026-06-01" });
  expect(await update({ name: "Night power" })).toMatchObject({ name: "Night power", endsOn: "2026-06-01" });
  expect(await update({ endsOn: null })).toMatchObject({ endsOn: null });
});

test("a contract of one meter is for a meter of that site, and goes with it", async () => {
  const [mine, theirs] = [await channelOf(anna, "sub"), await channelOf(ben, "theirs")];
  expect(await createContract(anna.organizationId, { ...given(anna), channelId: theirs })).toBeNull();
  const contract = (await createContract(anna.organizationId, { ...given(anna), channelId: mine }))!;
  expect(contract.channelId).toBe(mine);
  const { rows } = await db.owner.query<{ id: string }>("select device_id as id from energy.channels where id = $1", [
    mine,
  ]);
  expect(await deleteDevice(anna.organizationId, rows[0]!.id)).toBe(true);
  await db.owner.query("delete from energy.channels where id = $1", [mine]);
  expect(await getContract(anna.organizationId, contract.id)).toBeNull();
});

test("another organization sees, changes and deletes nothing", async () => {
  const contract = (await createContract(anna.organizationId, given(anna)))!;
  const other = ben.organizationId;
  const version = { validFrom: "2026-01-01", tariff: flat("9"), note: "", createdBy: null };
  expect(await getContract(other, contract.id)).toBeNull();
  expect(await contractsOf(other, anna.siteId)).toEqual([]);
  expect(await createContract(other, given(anna))).toBeNull();
  expect(await updateContract(other, contract.id, { name: "mine" })).toBeNull();
  expect(await putVersion(other, contract.id, version)).toBeNull();
  expect(await withdrawVersion(other, contract.id, { versionId: contract.versions[0]!.id, by: null })).toBe(
    "not-found",
  );
  expect(await pastVersions(other, contract.id)).toEqual([]);
  expect(await deleteContract(other, contract.id)).toBe(false);
  expect(await getContract(anna.organizationId, contract.id)).toEqual(contract);
  const { rows } = await database().organization.query("select from energy.contract_versions");
  expect(rows).toEqual([]);
});
