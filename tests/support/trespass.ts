import { readdirSync } from "node:fs";
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { startSession } from "../../app/auth/session.server.ts";
import { beginAdmission } from "../../db/admission.ts";
import { readEnvironment } from "../../platform/env.ts";
import { account, giveSecondFactor } from "./organization-members.ts";
import { origin, type Page } from "./pages.ts";
import type { RouteIds } from "./route-access.ts";
import type { TwoTenants } from "./two-tenants.ts";

/** Requests to the pages, and what came of them: for tests/integration/isolation.test.ts. */

/** Every route that loads or does something, found in the folder itself. */
export const routeFiles = readdirSync(new URL("../../app/routes/", import.meta.url)).filter((name) =>
  /\.tsx?$/.test(name),
);

export const routeModule = (file: string) =>
  import(/* @vite-ignore */ `../../app/routes/${file}`) as Promise<{ loader?: Page; action?: Page }>;

/** The ids that a route's address has. */
export function paramsOf(file: string, ids: RouteIds): Record<string, string> {
  const values: Record<string, string> = {
    ...{ siteId: ids.site, deviceId: ids.device, contractId: ids.contract, checkId: ids.billCheck },
    ...{ importId: ids.import, exportId: ids.export, number: "0", token: "x".repeat(43) },
    webhookId: ids.webhook,
  };
  return Object.fromEntries(
    [...file.matchAll(/\$(\w+)/g)].map(([, name]) => {
      const value = values[name!];
      if (value === undefined) throw new Error(`no id for $${name} of ${file}`);
      return [name!, value];
    }),
  );
}

/** Who tries. `cookie`: "" without a session. */
export interface Trespasser {
  name: string;
  cookie: string;
  address: string;
}

export interface Asked {
  params: Record<string, string>;
  search?: string;
  form?: Record<string, string>;
  body?: string;
}

export interface Outcome {
  status: number;
  location: string | null;
  text: string;
}

const env = readEnvironment({
  ...{ NODE_ENV: "production", PUBLIC_URL: origin, MQTT_PORT: "1884", SIGNUP: "open" },
  APP_SECRET: "only-for-tests-0123456789abcdef0123456789",
});

/** Calls a loader, or with a form or body an action, as the server does. */
export async function ask(page: Page, by: Trespasser, { params, search = "", form, body }: Asked): Promise<Outcome> {
  const stop = new AbortController();
  const sent = form ? new URLSearchParams(form) : body;
  const request = new Request(`${origin}/x${search}`, {
    headers: { cookie: by.cookie, host: "energy.test", origin, "x-client-address": by.address },
    signal: stop.signal,
    ...(sent !== undefined && { method: "POST", body: sent }),
  });
  const context = { cspNonce: "", address: by.address, unsentBytes: () => 0, env };
  const result = await beginAdmission(async () => page({ request, params, context })).catch(
    (thrown: unknown) => thrown,
  );
  if (result instanceof Error) return { status: 500, location: null, text: result.stack ?? "" };
  if (result instanceof Response) {
    const isStream = result.headers.get("content-type")?.startsWith("text/event-stream");
    const text = isStream ? "" : await result.text();
    if (isStream) stop.abort();
    return { status: result.status, location: result.headers.get("location"), text };
  }
  const { data, init } = (result ?? {}) as { data?: unknown; init?: ResponseInit | null };
  if (init === undefined) return { status: 200, location: null, text: JSON.stringify(result) ?? "" };
  return { status: init?.status ?? 200, location: null, text: JSON.stringify(data) ?? "" };
}

/** Somebody new with a role in the first organization, or of the second, or without a session that holds. */
export async function trespassers({ db, theirs, own, ids }: TwoTenants): Promise<Record<string, Trespasser>> {
  const made: Record<string, Trespasser> = {
    nobody: { name: "nobody", cookie: "", address: "192.0.2.1" },
    revoked: await memberNamed(db.owner, theirs.organizationId, "owner", null),
    foreigner: await memberNamed(db.owner, own.organizationId, "owner", null),
    limited: await memberNamed(db.owner, theirs.organizationId, "viewer", [ids.emptySite]),
  };
  made["platform"] = await memberNamed(db.owner, own.organizationId, "viewer", null);
  await db.owner.query("insert into auth.platform_admins (user_id) select id from auth.users where email = $1", [
    made["platform"].name,
  ]);
  await giveSecondFactor(db.owner, made["platform"].name);
  for (const role of ["owner", "admin", "operator", "viewer"])
    made[role] = await memberNamed(db.owner, theirs.organizationId, role, null);
  await db.owner.query("delete from auth.sessions where user_id = (select id from auth.users where email = $1)", [
    made["revoked"]!.name,
  ]);
  return made;
}

let people = 0;

async function memberNamed(
  owner: pg.Client,
  organizationId: string,
  role: string,
  siteIds: string[] | null,
): Promise<Trespasser> {
  const { userId, email, cookie } = await account(owner, `${randomBytes(6).toString("hex")}@example.org`);
  await owner.query("update auth.users set verified_at = now() where id = $1", [userId]).catch(() => {});
  await owner.query(
    "insert into energy.memberships (organization_id, user_id, role, site_ids) values ($1, $2, $3, $4)",
    [organizationId, userId, role, siteIds],
  );
  return { name: email, cookie, address: `192.0.2.${++people + 1}` };
}

/** A session of its own for the tries that end it. */
export async function anotherSession(owner: pg.Client, by: Trespasser): Promise<Trespasser> {
  if (!by.cookie) return by;
  const { rows } = await owner.query<{ id: string }>("select id from auth.users where email = $1", [by.name]);
  return { ...by, cookie: (await startSession(new Request(origin), rows[0]!.id)).split(";")[0]! };
}
