import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { hashPassword, isPassword } from "../../app/auth/password.server.ts";
import { setPassword } from "../../db/account-administration.ts";
import { findLogin, membershipsOf } from "../../db/accounts.ts";
import { rotateCredential } from "../../db/credentials.ts";
import { createDevice, deviceDataSize, listDevices } from "../../db/devices.ts";
import { createSite, listSites } from "../../db/sites.ts";
import { SetupError } from "../../platform/env.ts";
import { createOrganization } from "../org.ts";
import { readJsonFile, simulationFile, writeJsonFile } from "../simulate/credentials-file.ts";
import { devicesOfHouse, makeFleet } from "../simulate/fleet.ts";

export const demoEmail = "demo@example.org";
const organizationName = "Demo";
const seed = 7;
const dayMs = 86_400_000;

/** What the demo keeps in DATA_DIR between runs: its login, its organization, and what the simulator needs. */
const demoFile = simulationFile.extend({
  organizationId: z.string(),
  siteId: z.string().nullable(),
  email: z.string(),
  password: z.string(),
  apiKey: z.string().nullable(),
  /** By device key: its past is still to be told from here on, because a run ended in the middle of it. */
  untold: z.record(z.string(), z.number()).default({}),
});

export type Demo = z.infer<typeof demoFile>;

export interface DemoAccount {
  demo: Demo;
  /** False when somebody has given the demo account a password of their own. */
  passwordHolds: boolean;
  save(): Promise<void>;
}

/** The first site, where the organization has to be made. */
export interface FirstSite {
  site: string;
  timezone: string;
  price?: string;
}

/**
 * The demo organization and its login: what is there, else a new one with a random password. A lost file is made anew from
 * what the database says. The database must be open.
 */
export async function openDemoAccount(dataDir: string, first: FirstSite): Promise<DemoAccount> {
  await mkdir(dataDir, { recursive: true });
  const file = path.join(dataDir, "demo.json");
  const known = await readJsonFile(file, demoFile);
  const login = await findLogin(demoEmail);
  if (!login) return account(file, await newDemo(first), true);
  const organizationId = await organizationOf(login.id);
  if (known?.organizationId === organizationId) {
    return account(file, known, await isPassword(known.password, login.passwordHash));
  }
  const password = newPassword();
  await setPassword(demoEmail, await hashPassword(password));
  const found: Demo = { ...blank(organizationId, password), sinceMs: await firstDay(organizationId) };
  return account(file, found, true);
}

async function account(file: string, demo: Demo, passwordHolds: boolean): Promise<DemoAccount> {
  const save = () => writeJsonFile(file, demo);
  await save();
  return { demo, passwordHolds, save };
}

async function newDemo({ site, timezone, price }: FirstSite): Promise<Demo> {
  const password = newPassword();
  const owner = { name: organizationName, email: demoEmail, password, timezone, currency: "EUR", site };
  const { organizationId, apiKey } = await createOrganization({ ...owner, ...(price !== undefined && { price }) });
  return { ...blank(organizationId, password), apiKey };
}

function blank(organizationId: string, password: string): Demo {
  const sinceMs = Math.floor((Date.now() - 365 * dayMs) / dayMs) * dayMs;
  const simulation = { seed, sinceMs, timezone: "Europe/Berlin", devices: [] };
  return { organizationId, siteId: null, email: demoEmail, password, apiKey: null, untold: {}, ...simulation };
}

/** Twenty letters and digits. */
const newPassword = () => randomBytes(15).toString("base64url").replace(/[-_]/g, "x");

async function organizationOf(userId: string): Promise<string> {
  const organizationId = (await membershipsOf(userId))[0]?.organizationId;
  if (organizationId) return organizationId;
  throw new SetupError(
    `The account ${demoEmail} belongs to no organization: the demo needs a database of its own (another DATA_DIR).`,
  );
}

/** Where the registers of an earlier demo began: the day of its devices' first reading. */
async function firstDay(organizationId: string): Promise<number> {
  const names = new Set(makeFleet({ seed, sinceMs: 0, devices: devicesOfHouse }).map(({ name }) => name));
  const devices = (await listDevices(organizationId)).filter(({ name }) => names.has(name));
  const sizes = await Promise.all(devices.map(({ id }) => deviceDataSize(organizationId, id)));
  const firsts = sizes.flatMap((size) => size?.firstMs ?? []);
  return firsts.length ? Math.floor(Math.min(...firsts) / dayMs) * dayMs : blank("", "").sinceMs;
}

/** The household's site and devices, those that are missing made; a device whose secrets are lost gets new ones. */
export async function furnish({ demo, save }: DemoAccount, home: FirstSite): Promise<void> {
  const { organizationId } = demo;
  demo.siteId = await siteNamed(organizationId, home);
  const there = await listDevices(organizationId, { siteId: demo.siteId });
  const known = new Map(demo.devices.map((device) => [device.key, device]));
  const devices: Demo["devices"] = [];
  for (const { key, name } of makeFleet({ ...demo, devices: devicesOfHouse })) {
    const before = known.get(key);
    if (
      before &&
      there.some(
        ({ id, credential }) => id === before.id && credential?.username === before.username && !credential.revokedAt,
      )
    ) {
      devices.push(before);
      continue;
    }
    const { shown, kept } = newCredential();
    const found = there.find((device) => device.name === name);
    if (found) await rotateCredential(organizationId, found.id, kept);
    const device = found ?? (await createDevice(organizationId, { siteId: demo.siteId, name, kind: "device" }, kept));
    if (!device) throw new SetupError("The demo's site was removed while it started: start it again.");
    devices.push({ key, name, id: device.id, ...shown });
  }
  demo.devices = devices;
  await save();
}

/** The organization's site of that name, made if need be. */
export async function siteNamed(organizationId: string, { site, timezone, price }: FirstSite): Promise<string> {
  const found = (await listSites(organizationId)).find(({ name }) => name === site);
  if (found) return found.id;
  const made = await createSite(organizationId, { name: site, timezone, currency: "EUR", pricePerKwh: price ?? null });
  return made.id;
}
