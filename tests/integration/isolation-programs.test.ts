import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import type { Operation } from "../../app/api/operation.server.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { enqueue, jobs, type JobName } from "../../db/jobs.ts";
import { scopes, type Scope } from "../../domain/access/credential.ts";
import { isOfSite } from "../../domain/access/permissions.ts";
import { scopeFor } from "../../domain/access/scopes.ts";
import { log } from "../../platform/log.ts";
import type { Task } from "../../workers/task.ts";
import { apiWith, type Answer } from "../support/api.ts";
import { examples } from "../support/api-examples.ts";
import { takeJobs } from "../support/jobs.ts";
import type { RouteIds } from "../support/route-access.ts";
import { sha256 } from "../support/tenants.ts";
import { fingerprint, makeTwoTenants, type TwoTenants } from "../support/two-tenants.ts";

/** Every operation of the API with every kind of key, and every job: only what the scope says, and never of others. */
let tenants: TwoTenants;
let before: Record<string, string>;
let tries = 0;
/** What answers said of others. */
const leaks: string[] = [];
const matrix = new Map<string, Record<string, string>>();
/** By what they are called, the secrets of keys and tokens. */
const secrets: Record<string, string> = {};

const ofNobody = ["none", "unknown", "revoked", "revoked token", "expired"];
const callers = [...ofNobody, ...scopes, "one site", "another organization"];

beforeAll(async () => {
  tenants = await makeTwoTenants();
  const { theirs, own, ids } = tenants;
  const make = async (name: string, given: { scopes: readonly Scope[]; siteIds?: string[]; of?: string }) => {
    const { of = theirs.organizationId, ...key } = given;
    secrets[name] = name.replaceAll(" ", "-");
    await createApiKey(of, { name: `kestrel-house ${name}`, hash: sha256(secrets[name]), ...key });
  };
  for (const scope of scopes) await make(scope, { scopes: [scope] });
  for (const name of ["revoked", "expired"]) await make(name, { scopes });
  await make("one site", { scopes: ["read", "write"], siteIds: [ids.emptySite] });
  await make("another organization", { scopes, of: own.organizationId });
  secrets["unknown"] = "ek_unknown";
  secrets["revoked token"] = (await apiWith("revoked")("POST", "/token")).body.access_token;
  await tenants.db.owner.query("delete from energy.api_keys where name like '%revoked'");
  await tenants.db.owner.query(
    "update energy.api_keys set expires_at = now() - interval '1 s' where name like '%expired'",
  );
  before = await fingerprint(tenants.db.owner, theirs.organizationId);
});
afterAll(async () => {
  await tenants.db.close();
  const width = (name: string) => Math.max(6, name.length + 2);
  const line = (what: string, cells: string[]) =>
    what.padEnd(52) + cells.map((text, i) => text.padEnd(width(callers[i]!))).join("");
  const rows = [...matrix].map(([what, row]) =>
    line(
      what,
      callers.map((name) => row[name] ?? ""),
    ),
  );
  console.info(
    [line("", callers), ...rows, `${tries} calls of ${operations.length} operations, leaks: ${leaks.length}`].join(
      "\n",
    ),
  );
});

const namesTheirs = ({ id, path: template }: Operation, ids: RouteIds) => {
  const { path, body } = examples[id]!;
  const sent = path(ids) + JSON.stringify(body?.(ids) ?? "");
  return template.includes("{") || tenants.markers.some((text) => sent.includes(text));
};

/** A call that would do what it says; `isLooked`: one that is refused once it has been let in, so that it changes nothing. */
async function call(operation: Operation, caller: string, isLooked: boolean): Promise<Answer> {
  tries++;
  const { path, body } = examples[operation.id]!;
  const { ids } = tenants;
  const at = path(ids);
  const way = isLooked ? `${at}${at.includes("?") ? "&" : "?"}nonsense=1` : at;
  const answer = await apiWith(secrets[caller] ?? null)(operation.method, way, body?.(ids));
  matrix.set(operation.id, {
    ...matrix.get(operation.id),
    [caller]: isLooked && answer.status === 400 ? "yes" : String(answer.status),
  });
  return answer;
}

const untold = (answer: Answer, markers: string[]) => {
  const text = JSON.stringify(answer.body);
  const told = markers.filter((marker) => text.includes(marker));
  leaks.push(...told);
  return told;
};

describe.each(operations.map((operation) => [operation.id, operation] as const))("%s", (_id, operation) => {
  const { permission } = operation;
  const needed = permission && scopeFor(permission);

  test("is for keys that hold, with its scope and no other", async () => {
    const answers = await Promise.all(ofNobody.map((caller) => call(operation, caller, false)));
    expect(answers.map(({ status }) => status)).toEqual(ofNobody.map(() => 401));
    for (const answer of answers) expect(untold(answer, tenants.markers)).toEqual([]);
    const letIn = await Promise.all(scopes.map(async (scope) => (await call(operation, scope, true)).status));
    expect(letIn).toEqual(scopes.map((scope) => (needed === null || needed === scope ? 400 : 403)));
  });

  test("a key of one site does not reach another", async () => {
    // The one site is theirs to delete.
    const answer = await call(operation, "one site", operation.id === "deleteSite");
    const isAllowed = permission === null || (needed !== "admin" && isOfSite(permission));
    const isTheHouses = operation.path.includes("{") && operation.id !== "deleteSite";
    if (!isAllowed) expect(answer.status).toBe(403);
    else if (isTheHouses) expect(answer.status).toBe(404);
    expect(untold(answer, tenants.houseMarkers)).toEqual([]);
  });

  test("another organization's key does not find what is named", async () => {
    const answer = await call(operation, "another organization", false);
    if (namesTheirs(operation, tenants.ids)) expect([operation.id, answer.status]).toEqual([operation.id, 404]);
    expect(untold(answer, tenants.markers)).toEqual([]);
  });
});

describe("jobs that name what is another organization's", () => {
  /** What each is given; null: it is about no organization, and only the product itself puts it in. */
  const payloads: Record<JobName, ((ids: RouteIds) => object) | null> = {
    "roll-up": null,
    upkeep: null,
    "hold-values": null,
    "warn-of-quotas": null,
    "remove-readings": null,
    "export-organization": (ids) => ({ exportId: ids.export }),
    "delete-organization": () => ({}),
    "delete-device": ({ device }) => ({ deviceId: device }),
    "delete-channel": ({ channel }) => ({ channelId: Number(channel) }),
    "merge-channel": ({ channel }) => ({ channelId: Number(channel), covered: null }),
    "settle-device": ({ device }) => ({ deviceId: device }),
    "deliver-webhook": ({ delivery }) => ({ deliveryId: delivery }),
    "watch-silence": null,
    "write-reset-mail": null,
    "send-mail": null,
  };

  test.each(Object.keys(jobs) as JobName[])("%s", async (name) => {
    expect(Object.keys(payloads)).toContain(name);
    const payload = payloads[name];
    if (!payload) return expect(Object.keys(jobs[name].payload.shape)).not.toContain("deviceId");
    const { db, own, theirs, ids } = tenants;
    await takeJobs(db.owner);
    // Also where it says that it is the other one's.
    await asOrganization(own.organizationId, (sql) =>
      enqueue(sql, name, { ...payload(ids), organizationId: theirs.organizationId }),
    );
    const [job] = await takeJobs(db.owner);
    expect(job!.payload).toMatchObject({ organizationId: own.organizationId });
    const { default: run } = (await import(`../../workers/tasks/${name}.ts`)) as { default: Task<JobName> };
    const started = await fingerprint(db.owner, theirs.organizationId);
    await run(job!.payload as never, { log, signal: new AbortController().signal });
    expect(await fingerprint(db.owner, theirs.organizationId)).toEqual(started);
  });
});

test("nothing of the organization was changed by any of it", async () => {
  const after = await fingerprint(tenants.db.owner, tenants.theirs.organizationId);
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([]);
});
