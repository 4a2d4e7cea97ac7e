import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import { dispatch } from "../../app/api/dispatch.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { loader as siteLive } from "../../app/routes/sites.$siteId.live.ts";
import { beginAdmission } from "../../db/admission.ts";
import { revokeApiKey } from "../../db/api-keys.ts";
import { systemPool } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { notify } from "../../db/live.ts";
import { changeMember, removeMember } from "../../db/members.ts";
import { endSupport } from "../../db/support-access.ts";
import { roles } from "../../domain/access/permissions.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { apiWith } from "../support/api.ts";
import { makeKey, tokenOf } from "../support/api-keys.ts";
import { until } from "../support/clients.ts";
import { account, member } from "../support/organization-members.ts";
import { origin, type Page } from "../support/pages.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";
import type { CreatedOrganization } from "../../cli/org.ts";

/**
 * Every stream of events: who gets one, what is in it and what is not, and that it ends at once with what let them in. A stream
 * that is not listed here fails the first test.
 */
interface Stream {
  /** Opens it for a site, as a person (their cookie) or a program (its secret). */
  open: (siteId: string, by: string, signal: AbortSignal) => Promise<Response>;
  isForPrograms: boolean;
}

const context = { cspNonce: "", address: "192.0.2.1", unsentBytes: () => 0 } as never;

async function page(siteId: string, cookie: string, signal: AbortSignal): Promise<Response> {
  const request = new Request(`${origin}/sites/${siteId}/live`, { headers: { cookie }, signal });
  const answer = beginAdmission(async () => (siteLive as Page)({ request, params: { siteId }, context }));
  return answer.catch((thrown: unknown) => thrown) as Promise<Response>;
}

const api = (siteId: string, secret: string, signal: AbortSignal): Promise<Response> =>
  dispatch(
    new Request(`${origin}/api/v1/sites/${siteId}/live`, {
      headers: secret ? { authorization: `Bearer ${secret}` } : {},
      signal,
    }),
  );

const streams: Record<string, Stream> = {
  "sites.$siteId.live.ts": { open: page, isForPrograms: false },
  followSite: { open: api, isForPrograms: true },
};

interface Place {
  organizationId: string;
  siteId: string;
  deviceId: string;
  channelId: number;
}

let db: OpenDatabase;
let anna: CreatedOrganization;
let house: Place;
let flat: Place;
let elsewhere: Place;
const leaving: AbortController[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna");
  const ben = await makeTenant("ben");
  house = await placeOf(anna);
  const { body } = await apiWith(anna.apiKey)("POST", "/sites", { name: "Flat", timezone: "UTC", currency: "EUR" });
  flat = await placeOf({ ...anna, siteId: body.id });
  elsewhere = await placeOf(ben);
});
afterEach(() => leaving.splice(0).forEach((one) => one.abort()));
afterAll(async () => {
  await hub().close();
  await db.close();
});

async function placeOf({ organizationId, siteId }: Pick<Place, "organizationId" | "siteId">): Promise<Place> {
  const device = (await createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, newCredential().kept))!;
  const [channel] = await createChannels({ organizationId, deviceId: device.id }, [
    { key: "power", metric: "power", words: { kind: "gauge", unit: "W" } },
  ]);
  return { organizationId, siteId, deviceId: device.id, channelId: channel!.id };
}

/** What somebody hears of a stream. `hasEnded`: nothing comes any more. */
interface Heard {
  status: number;
  text: string;
  hasEnded: boolean;
}

async function listen({ open }: Stream, siteId: string, by: string): Promise<Heard> {
  const gone = new AbortController();
  leaving.push(gone);
  const response = await open(siteId, by, gone.signal);
  const heard: Heard = { status: response.status, text: "", hasEnded: !response.body };
  if (response.status !== 200) return heard;
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      heard.text += value;
    }
    heard.hasEnded = true;
  };
  void read();
  await until(() => heard.text.includes("event: ready"));
  return heard;
}

/** Everything that can be told, of every place at once. */
async function tellAll(value: number): Promise<void> {
  const places = [house, flat, elsewhere];
  for (const [i, { channelId }] of places.entries())
    await systemPool().query(
      `insert into telemetry.latest (channel_id, time, value, received_at) values ($1, now(), $2, now())
       on conflict (channel_id) do update set time = now(), value = excluded.value, received_at = now()`,
      [channelId, value + i],
    );
  const channels = places.map(({ channelId }) => channelId);
  const devices = places.map(({ deviceId }) => deviceId);
  await notify(systemPool(), { latest: channels, rollups: channels, devices });
}

const hasAll = ({ text }: Heard) => ["latest", "rollups", "device"].every((event) => text.includes(`event: ${event}`));

/** The numbers and ids that a stream told, of those that could have been. */
function told({ text }: Heard, value: number): string[] {
  const places = Object.entries({ house, flat, elsewhere });
  return places.flatMap(([name, { deviceId, channelId }], i) => [
    ...(text.includes(deviceId) ? [`${name} device`] : []),
    ...(text.includes(`${value + i}`) ? [`${name} value`] : []),
    ...(new RegExp(`\\[\\[?"?${channelId}\\b|"channelId":"${channelId}"`).test(text) ? [`${name} channel`] : []),
  ]);
}

const ofHouse = ["house device", "house value", "house channel"];

test("every stream that the code has is tried here", () => {
  const folder = new URL("../../app/routes/", import.meta.url);
  const routes = readdirSync(folder).filter((name) =>
    readFileSync(new URL(name, folder), "utf8").includes("eventStream("),
  );
  const ofApi = operations.filter(({ mediaType }) => mediaType === "text/event-stream").map(({ id }) => id);
  expect(Object.keys(streams).sort()).toEqual([...routes, ...ofApi].sort());
});

describe.each(Object.entries(streams))("%s", (_name, stream) => {
  test("tells each role, and each key, of the site and of nothing else", async () => {
    const listeners = stream.isForPrograms ? await programsLetIn() : await peopleLetIn();
    const heard = await Promise.all(listeners.map((by) => listen(stream, house.siteId, by)));
    await tellAll(5_310_000);
    await until(() => heard.every(hasAll));
    for (const one of heard) expect(told(one, 5_310_000)).toEqual(ofHouse);
  });

  test("is not there for another organization, another place's member, and whoever is not let in", async () => {
    const refused = stream.isForPrograms ? await programsRefused() : await peopleRefused();
    for (const [who, by, status] of refused) {
      const heard = await listen(stream, house.siteId, by);
      expect({ who, status: heard.status, text: heard.text }).toEqual({ who, status, text: "" });
    }
    expect(hub().size).toBe(0);
  });

  async function programsLetIn(): Promise<string[]> {
    const ofHouse = { scopes: ["read"], siteIds: [house.siteId] };
    return [anna.apiKey, (await makeKey(apiWith(anna.apiKey), ofHouse)).secret, await tokenOf(anna.apiKey)];
  }

  async function peopleLetIn(): Promise<string[]> {
    const cookies: string[] = [];
    for (const role of roles) cookies.push((await member(db.owner, anna, { role })).cookie);
    return [...cookies, (await member(db.owner, anna, { role: "viewer", siteIds: [house.siteId] })).cookie];
  }

  async function programsRefused(): Promise<[string, string, number][]> {
    const asAnna = apiWith(anna.apiKey);
    const revoked = await makeKey(asAnna);
    const token = await tokenOf(revoked.secret);
    await revokeApiKey(anna.organizationId, revoked.id);
    const stranger = await makeTenant("stranger");
    return [
      ["no key", "", 401],
      ["a revoked key", revoked.secret, 401],
      ["a token of a revoked key", token, 401],
      ["another organization", stranger.apiKey, 404],
      ["a key of another place", (await makeKey(asAnna, { scopes: ["read"], siteIds: [flat.siteId] })).secret, 404],
      ["a key that may not read", (await makeKey(asAnna, { scopes: ["write"] })).secret, 403],
    ];
  }

  async function peopleRefused(): Promise<[string, string, number][]> {
    const revoked = await member(db.owner, anna, { role: "owner" });
    await db.owner.query("delete from auth.sessions where user_id = $1", [revoked.userId]);
    return [
      ["nobody", "", 302],
      ["a revoked session", revoked.cookie, 302],
      ["nobody's member", (await account(db.owner)).cookie, 404],
      ["another organization", (await member(db.owner, elsewhere, { role: "owner" })).cookie, 404],
      [
        "a member of another place",
        (await member(db.owner, anna, { role: "viewer", siteIds: [flat.siteId] })).cookie,
        404,
      ],
    ];
  }
});

describe("ends at once, and no other does", () => {
  const people = streams["sites.$siteId.live.ts"]!;
  const programs = streams["followSite"]!;
  const by = { role: "owner", siteIds: null } as const;

  /** Does `change` while somebody listens, and somebody else too. */
  async function endsWith(stream: Stream, listening: string, change: () => Promise<unknown>): Promise<void> {
    const other = await member(db.owner, anna, { role: "viewer" });
    const [heard, others] = [
      await listen(stream, house.siteId, listening),
      await listen(people, house.siteId, other.cookie),
    ];
    await change();
    // Long before anybody would ask by themselves, which is once a minute.
    await until(() => heard.hasEnded, 5_000);
    await tellAll(6_420_000);
    await until(() => hasAll(others));
    expect(others.hasEnded).toBe(false);
    expect(told(heard, 6_420_000)).toEqual([]);
  }

  test("when a member is removed", async () => {
    const { cookie, userId } = await member(db.owner, anna, { role: "viewer" });
    await endsWith(people, cookie, () => removeMember(anna.organizationId, { by, userId }));
  });

  test("when a member may see this place no more", async () => {
    const { cookie, userId } = await member(db.owner, anna, { role: "viewer" });
    await endsWith(people, cookie, () => changeMember(anna.organizationId, { by, userId }, { siteIds: [flat.siteId] }));
  });

  test("when a session is ended", async () => {
    const { cookie, userId } = await member(db.owner, anna, { role: "viewer" });
    await endsWith(people, cookie, () => db.owner.query("delete from auth.sessions where user_id = $1", [userId]));
  });

  test("when support is no longer let in", async () => {
    const admin = await account(db.owner);
    await db.owner.query("insert into auth.platform_admins (user_id) values ($1)", [admin.userId]);
    await db.owner.query(
      `with consent as (
         insert into energy.support_grants (organization_id, granted_by, expires_at) values ($1, $2, now() + interval '1 hour') returning id)
       insert into energy.support_visits (organization_id, grant_id, user_id) select $1, id, $3 from consent`,
      [anna.organizationId, anna.userId, admin.userId],
    );
    await endsWith(people, admin.cookie, () => endSupport(anna.organizationId));
  });

  test("when a key is revoked: its own stream, and that of its token", async () => {
    const made = await makeKey(apiWith(anna.apiKey));
    const heard = await listen(programs, house.siteId, await tokenOf(made.secret));
    await endsWith(programs, made.secret, () => revokeApiKey(anna.organizationId, made.id));
    await until(() => heard.hasEnded, 5_000);
  });

  test("another role sees the place as before: the stream goes on", async () => {
    const { cookie, userId } = await member(db.owner, anna, { role: "viewer" });
    const heard = await listen(people, house.siteId, cookie);
    await changeMember(anna.organizationId, { by, userId }, { role: "operator" });
    await tellAll(7_530_000);
    await until(() => hasAll(heard));
    expect(heard.hasEnded).toBe(false);
  });
});

describe("a stream of some channels", () => {
  test("tells of these alone", async () => {
    const [, other] = await createChannels({ organizationId: anna.organizationId, deviceId: house.deviceId }, [
      { key: "voltage", metric: "voltage", words: { kind: "gauge", unit: "V" } },
    ]);
    const chosen: Stream = {
      isForPrograms: true,
      open: (siteId, secret, signal) =>
        dispatch(
          new Request(`${origin}/api/v1/sites/${siteId}/live?channelIds=${other!.id}`, {
            headers: { authorization: `Bearer ${secret}` },
            signal,
          }),
        ),
    };
    const [heard, whole] = [
      await listen(chosen, house.siteId, anna.apiKey),
      await listen(streams["followSite"]!, house.siteId, anna.apiKey),
    ];
    await systemPool().query(
      "insert into telemetry.latest (channel_id, time, value, received_at) values ($1, now(), 231, now())",
      [other!.id],
    );
    await tellAll(8_640_000);
    await until(() => hasAll(whole));
    await notify(systemPool(), { latest: [other!.id] });
    await until(() => heard.text.includes('"value":231'));
    expect(told(heard, 8_640_000)).toEqual([]);
    expect(heard.text).not.toContain("event: device");
  });

  test("a key has so many at once, and not one more", async () => {
    const { secret } = await makeKey(apiWith(anna.apiKey), { scopes: ["read"] });
    const some = await Promise.all(
      Array.from({ length: 103 }, () => listen(streams["followSite"]!, house.siteId, secret)),
    );
    expect(some.filter(({ status }) => status === 200)).toHaveLength(100);
    const refused = await listen(streams["followSite"]!, house.siteId, secret);
    expect(refused.status).toBe(429);
    leaving.at(0)!.abort();
    expect((await listen(streams["followSite"]!, house.siteId, secret)).status).toBe(200);
    expect((await listen(streams["followSite"]!, house.siteId, anna.apiKey)).status).toBe(200);
  });

  test("HEAD asks for the headers alone, and leaves nothing behind", async () => {
    const request = new Request(`${origin}/api/v1/sites/${house.siteId}/live`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${anna.apiKey}` },
    });
    const response = await dispatch(request);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    expect(await response.text()).toBe("");
    expect(hub().size).toBe(0);
  });
});
