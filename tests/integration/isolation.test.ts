import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hub } from "../../app/live/hub.server.ts";
import {
  isOfSite,
  may,
  mayInOrganization,
  roles,
  type MemberRole,
  type Permission,
} from "../../domain/access/permissions.ts";
import { giveSecondFactor } from "../support/organization-members.ts";
import type { Page } from "../support/pages.ts";
import { routeAccess, type Needs, type Posted, type RouteAccess } from "../support/route-access.ts";
import {
  anotherSession,
  ask,
  paramsOf,
  routeFiles,
  routeModule,
  trespassers,
  type Outcome,
  type Asked,
  type Trespasser,
} from "../support/trespass.ts";
import { fingerprint, makeTwoTenants, type TwoTenants } from "../support/two-tenants.ts";

/**
 * Every page, as everybody: what the permission table says and nothing else. A new route needs its line in
 * tests/support/route-access.ts. What is answered to a stranger holds no name and no id of the organization.
 */
let tenants: TwoTenants;
let who: Record<string, Trespasser>;
let before: Record<string, string>;
const tried = new Map<string, number>();
const leaks: string[] = [];
const matrix = new Map<string, Record<string, Expected>>();

beforeAll(async () => {
  tenants = await makeTwoTenants();
  who = await trespassers(tenants);
  before = await fingerprint(tenants.db.owner, tenants.theirs.organizationId);
});
afterAll(async () => {
  await hub().close();
  await tenants.db.close();
  const rows = [...matrix].map(
    ([what, row]) =>
      `${what.padEnd(66)}${people.map((person) => (short[row[person]!] ?? "failed").padEnd(10)).join("")}`,
  );
  const total = [...tried.values()].reduce((sum, n) => sum + n, 0);
  const sum = `${total} tries of ${matrix.size} ways into ${entries.length} routes, leaks: ${leaks.length}`;
  console.info([`${"".padEnd(66)}${people.map((name) => name.padEnd(10)).join("")}`, ...rows, sum].join("\n"));
});

/** `platform` runs the platform, and is a member of the other organization alone. */
const strangers = ["nobody", "revoked", "foreigner", "platform", "limited"] as const;
const people = [...strangers, ...roles];
const short: Record<string, string> = { in: "yes", login: "login", "403": "403", "404": "404", any: "open" };

type Expected = "in" | "login" | "403" | "404" | "any";

/** What the permission table makes of a request about the first organization's house. */
function expected(person: string, needs: Needs, isAtSite: boolean): Expected {
  if (needs === "nobody") return "any";
  if (person === "nobody" || person === "revoked") return "login";
  if (needs === "person") return "in";
  if (needs === "platform") return person === "platform" ? "in" : "404";
  if (person === "foreigner" || person === "platform" || (person === "limited" && isAtSite)) return "404";
  if (person === "limited") return allowed({ role: "viewer", siteIds: [tenants.ids.emptySite] }, needs);
  return allowed({ role: person as MemberRole, siteIds: null }, needs);
}

const allowed = (member: { role: MemberRole; siteIds: readonly string[] | null }, needs: Permission): Expected =>
  (isOfSite(needs) ? may(member.role, needs) : mayInOrganization(member, needs)) ? "in" : "403";

const isLogin = ({ status, location }: Outcome) => status === 302 && (location ?? "").startsWith("/login");

function verdict(outcome: Outcome, wanted: Expected, also: readonly number[]): string {
  const { status } = outcome;
  if (status >= 500) return `failed: ${outcome.text.slice(0, 600)}`;
  if (wanted === "any") return "any";
  if (isLogin(outcome)) return "login";
  if (wanted === "in" && also.includes(status)) return "in";
  return [401, 403, 404].includes(status) ? String(status) : "in";
}

/** One request by one person; what they should not have been told is a leak. */
async function attempt(
  page: Page,
  person: string,
  {
    request,
    needs,
    isAtSite,
    also = [],
    what,
  }: { request: Asked; needs: Needs; isAtSite: boolean; also?: readonly number[] | undefined; what: string },
): Promise<Expected> {
  const wanted = expected(person, needs, isAtSite);
  const outcome = await ask(page, who[person]!, request);
  tried.set(what, (tried.get(what) ?? 0) + 1);
  const sent = JSON.stringify(request);
  // Who runs the platform sees which organizations there are, and nothing of what they have.
  const knowsName = person === "limited" || (person === "platform" && needs === "platform");
  const hidden = knowsName ? tenants.houseMarkers : tenants.markers;
  const isStranger = (strangers as readonly string[]).includes(person);
  const told = isStranger ? hidden.filter((text) => outcome.text.includes(text) && !sent.includes(text)) : [];
  if (told.length) leaks.push(`${what} told ${person} ${told.join(", ")}`);
  expect({ what, person, verdict: verdict(outcome, wanted, also), told }).toEqual({
    what,
    person,
    verdict: wanted,
    told: [],
  });
  return wanted;
}

interface Try {
  file: string;
  name: string;
  posted: Posted & { search?: string };
}

/** Everything that a route can be asked. */
const triesOf = ([file, { loader, search, action = {} }]: [string, RouteAccess]): Try[] => [
  ...(loader ? [{ file, name: "loader", posted: { needs: loader, search: search?.(tenants.ids) ?? "" } }] : []),
  ...Object.entries(action).map(([name, posted]) => ({ file, name, posted })),
];

const isRefused = (person: string, { file, posted }: Try) =>
  ["login", "403", "404"].includes(expected(person, posted.needs, isAtSite(file)));
const isAtSite = (file: string) => file.startsWith("sites.$siteId");

/** Those who are refused send what would change something, those who may what takes nothing away from the next. */
async function tryBy(by: readonly string[], one: Try): Promise<void> {
  const { file, name, posted } = one;
  const { loader, action } = await routeModule(file);
  const what = `${file} ${name}`;
  const ofOrganization = isAtSite(file) ? "" : `organization=${tenants.theirs.organizationId}`;
  const search = `?${[posted.search, ofOrganization].filter(Boolean).join("&")}`;
  const tryAs = async (person: string) => {
    const form = (isRefused(person, one) ? posted.form : (posted.harmless ?? posted.form))?.(tenants.ids) ?? {};
    const sent = posted.body ? { body: posted.body(tenants.ids) } : { form };
    const request: Asked = { params: paramsOf(file, tenants.ids), search, ...(name === "loader" ? {} : sent) };
    const page = name === "loader" ? loader! : action!;
    const given = { request, needs: posted.needs, isAtSite: isAtSite(file), also: posted.also, what };
    const answered = await attempt(page, person, given);
    matrix.set(what, { ...matrix.get(what), [person]: answered });
  };
  if (by.every((person) => isRefused(person, one))) await Promise.all(by.map(tryAs));
  else for (const person of by) await tryAs(person);
}

const entries = Object.entries(routeAccess);

describe("every route, as everybody", () => {
  test("has a line in the table, and none has a line too many", async () => {
    const wanted: Record<string, string[]> = {};
    const listed: Record<string, string[]> = {};
    for (const file of routeFiles) {
      const { loader, action } = await routeModule(file);
      if (loader || action) wanted[file] = [...(loader ? ["loader"] : []), ...(action ? ["action"] : [])];
    }
    for (const [file, { loader, action }] of Object.entries(routeAccess))
      listed[file] = [...(loader ? ["loader"] : []), ...(action ? ["action"] : [])];
    expect(listed).toEqual(wanted);
  });

  test.each(entries)("%s: refused", async (...entry) => {
    for (const one of triesOf(entry))
      await tryBy(
        people.filter((person) => isRefused(person, one)),
        one,
      );
  });
});

/** The actions that find what they change by the form alone: the address is the stranger's own. */
describe("ids of others in a form at one's own place", () => {
  const atSite = Object.entries(routeAccess).filter(([file, { action }]) => file.startsWith("sites.$siteId") && action);
  test.each(atSite)("%s", async (file, { action }) => {
    const { action: page } = await routeModule(file);
    const params = paramsOf(file, tenants.ownIds);
    for (const [name, { form, body }] of Object.entries(action!)) {
      if (!form && !body) continue;
      const sent = form ? { form: form(tenants.ids) } : { body: body!(tenants.ids) };
      const outcome = await ask(page!, who["foreigner"]!, { params, ...sent });
      const told = tenants.markers.filter(
        (text) => outcome.text.includes(text) && !JSON.stringify(sent).includes(text),
      );
      expect({ file, name, told, failed: outcome.status >= 500 && outcome.text }).toEqual({
        file,
        name,
        told: [],
        failed: false,
      });
    }
  });

  test("and in the query", async () => {
    for (const [file, { search }] of Object.entries(routeAccess)) {
      if (!search || !file.startsWith("sites.$siteId")) continue;
      const { loader } = await routeModule(file);
      const query = search(tenants.ids);
      const outcome = await ask(loader!, who["foreigner"]!, {
        params: paramsOf(file, tenants.ownIds),
        search: `?${query}`,
      });
      expect({
        file,
        told: tenants.markers.filter((text) => outcome.text.includes(text) && !query.includes(text)),
      }).toEqual({
        file,
        told: [],
      });
    }
  });
});

test("every id in an address, mixed with one's own: not found", async () => {
  for (const file of routeFiles.filter((name) => name.startsWith("sites.$siteId"))) {
    const theirs = paramsOf(file, tenants.ids);
    if (Object.keys(theirs).filter((name) => name !== "number").length < 2) continue;
    const params = { ...theirs, siteId: tenants.own.siteId };
    const { loader, action } = await routeModule(file);
    for (const [page, form] of [
      [loader, undefined],
      [action, { intent: "none" }],
    ] as const) {
      if (!page) continue;
      const { status } = await ask(page, who["foreigner"]!, { params, ...(form && { form }) });
      expect({ file, status }).toEqual({ file, status: 404 });
    }
  }
});

test("nothing of the organization was changed by those who may not, and nothing was told", async () => {
  const after = await fingerprint(tenants.db.owner, tenants.theirs.organizationId);
  expect({ leaks, after }).toEqual({ leaks: [], after: before });
});

describe("every route, as those who may", () => {
  test.each(entries)("%s", async (...entry) => {
    // Who logs out has a session of their own for it.
    const everybody = { ...who };
    if (entry[1].endsSession)
      for (const [name, by] of Object.entries(who)) who[name] = await anotherSession(tenants.db.owner, by);
    for (const one of triesOf(entry))
      await tryBy(
        people.filter((person) => !isRefused(person, one)),
        one,
      );
    who = everybody;
  });
});

describe("an organization that asks for a second factor", () => {
  const ofMembers = ({ needs }: Pick<Posted, "needs">) => !["nobody", "person", "platform"].includes(needs);
  const asOwner =
    ({ file, name, posted }: Try) =>
    async () => {
      const { loader, action } = await routeModule(file);
      const isLoader = name === "loader";
      const search = `?${[posted.search, isAtSite(file) ? "" : `organization=${tenants.theirs.organizationId}`].filter(Boolean).join("&")}`;
      const sent = posted.body ? { body: posted.body(tenants.ids) } : { form: posted.form?.(tenants.ids) ?? {} };
      return ask(isLoader ? loader! : action!, who["owner"]!, {
        ...{ params: paramsOf(file, tenants.ids), search, ...(isLoader ? {} : sent) },
      });
    };

  test("shows and does nothing for a member without one, and leads them to where it is set up", async () => {
    const { owner } = tenants.db;
    await owner.query("update energy.organizations set requires_second_factor = true where id = $1", [
      tenants.theirs.organizationId,
    ]);
    const untouched = await fingerprint(owner, tenants.theirs.organizationId);
    let tries = 0;
    for (const entry of entries)
      for (const one of triesOf(entry)) {
        if (!ofMembers(one.posted)) continue;
        tries++;
        const { status, location, text } = await asOwner(one)();
        const told = tenants.markers.filter((marker) => text.includes(marker));
        expect({ file: one.file, name: one.name, status, location, told }).toEqual({
          ...{ file: one.file, name: one.name, told: [] },
          ...(one.name === "loader"
            ? { status: 302, location: "/account/two-factor" }
            : { status: 403, location: null }),
        });
      }
    expect(tries).toBeGreaterThan(80);
    expect(await fingerprint(owner, tenants.theirs.organizationId)).toEqual(untouched);
  });

  test("lets in who has one", async () => {
    const { name } = who["owner"]!;
    await giveSecondFactor(tenants.db.owner, name);
    const site = triesOf(["sites.$siteId._index.tsx", routeAccess["sites.$siteId._index.tsx"]!])[0]!;
    expect((await asOwner(site)()).status).toBe(200);
  });

  test("who runs the platform needs one too", async () => {
    const { loader } = await routeModule("admin.tsx");
    const asAdmin = () => ask(loader!, who["platform"]!, { params: {} });
    expect((await asAdmin()).status).toBe(200);
    await tenants.db.owner.query("delete from auth.two_factors where secret_sealed = 'none'");
    expect(await asAdmin()).toMatchObject({ status: 302, location: "/account/two-factor" });
  });
});
