import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loader as twoFactorPage } from "../../app/routes/account_.two-factor.tsx";
import { loader as frontDoor } from "../../app/routes/_index.tsx";
import { action as changeOrganization, loader as organizationPage } from "../../app/routes/organization._index.tsx";
import { membershipsOf } from "../../db/accounts.ts";
import { outbox } from "../../db/mail.ts";
import { createSite } from "../../db/sites.ts";
import {
  changeMember,
  leaveOrganization,
  listMembers,
  removeMember,
  transferOwnership,
  type By,
} from "../../db/members.ts";
import { keyActor } from "../../domain/access/membership.ts";
import { roles, type MemberRole } from "../../domain/access/permissions.ts";
import { giveSecondFactor, member } from "../support/organization-members.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Who changes whom, each tried on an organization of its own with a member of every role. */
let db: OpenDatabase;
let home: Person;
let people: Record<MemberRole, Person>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  home = await someone();
  const [admin, operator, viewer] = [
    await member(db.owner, home, { role: "admin" }),
    await member(db.owner, home, { role: "operator" }),
    await member(db.owner, home, { role: "viewer" }),
  ];
  people = { owner: home, admin, operator, viewer };
});

const roleOf = async ({ userId }: Person) => (await membershipsOf(userId))[0]?.role ?? null;
const byWhom = (actor: MemberRole | "key"): By => (actor === "key" ? keyActor : { userId: people[actor].userId });

/** By whom, of whom, to what: what is allowed; everything else is not. */
const handles: Record<MemberRole | "key", MemberRole[]> = {
  owner: ["owner", "admin", "operator", "viewer"],
  admin: ["admin", "operator", "viewer"],
  operator: [],
  viewer: [],
  key: ["admin", "operator", "viewer"],
};
const actors = Object.keys(handles) as (MemberRole | "key")[];

describe("roles are changed, and members removed, by the table", () => {
  test.each(actors)("by %s", async (actor) => {
    for (const of of roles) {
      // A second owner, so that the last one is not what is tried here.
      const target = await member(db.owner, home, { role: of });
      for (const to of roles) {
        const isAllowed = handles[actor].includes(of) && handles[actor].includes(to);
        const answer = await changeMember(
          home.organizationId,
          { by: byWhom(actor), userId: target.userId },
          { role: to },
        );
        expect([of, to, typeof answer === "string" ? answer : answer.role]).toEqual([of, to, isAllowed ? to : "not-allowed"]); // prettier-ignore
        expect(await roleOf(target)).toBe(isAllowed ? to : of);
        await db.owner.query("update energy.memberships set role = $2 where user_id = $1", [target.userId, of]);
      }
      const removed = await removeMember(home.organizationId, { by: byWhom(actor), userId: target.userId });
      expect([of, removed]).toEqual([of, handles[actor].includes(of) ? "removed" : "not-allowed"]);
    }
  });

  test("who was demoted while the page was open is not let on", async () => {
    await db.owner.query("update energy.memberships set role = 'viewer' where user_id = $1", [people.admin.userId]);
    const by = byWhom("admin");
    expect(await removeMember(home.organizationId, { by, userId: people.operator.userId })).toBe("not-allowed");
  });

  test("who is not a member, and whose organization it is not, is not found", async () => {
    const stranger = await someone();
    for (const userId of [stranger.userId, "nonsense"]) {
      expect(await changeMember(home.organizationId, { by: byWhom("owner"), userId }, { role: "viewer" })).toBe("not-found"); // prettier-ignore
      expect(await removeMember(home.organizationId, { by: byWhom("owner"), userId })).toBe("not-found");
    }
    const by = { userId: stranger.userId };
    expect(await removeMember(home.organizationId, { by, userId: people.viewer.userId })).toBe("not-allowed");
    expect(await removeMember(stranger.organizationId, { by, userId: people.viewer.userId })).toBe("not-found");
  });
});

describe("the sites that a member sees", () => {
  const sees = async ({ userId }: Person) =>
    (await listMembers(home.organizationId)).find((one) => one.userId === userId)!.siteIds;

  test("are chosen of the organization's own, and not of owners", async () => {
    const by = byWhom("admin");
    const change = (userId: string, patch: Parameters<typeof changeMember>[2]) =>
      changeMember(home.organizationId, { by: userId === people.admin.userId ? byWhom("owner") : by, userId }, patch);
    const flat = await createSite(home.organizationId, { name: "Flat", timezone: "UTC", currency: "EUR" });
    await change(people.viewer.userId, { siteIds: [flat.id] });
    expect(await sees(people.viewer)).toEqual([flat.id]);
    const others = (await someone()).siteId;
    for (const siteIds of [[others], [flat.id, others], ["nonsense"]])
      expect(await change(people.viewer.userId, { siteIds })).toBe("no-such-site");
    expect(await sees(people.viewer)).toEqual([flat.id]);
    expect(await change(people.admin.userId, { role: "owner", siteIds: [flat.id] })).toBe("owner-sees-all");
    await change(people.admin.userId, { siteIds: [flat.id] });
    // Who is limited handles nobody; who becomes an owner sees all.
    expect(await removeMember(home.organizationId, { by, userId: people.viewer.userId })).toBe("not-allowed");
    await change(people.admin.userId, { role: "owner" });
    expect(await sees(people.admin)).toBeNull();
  });
});

describe("an organization always has an owner", () => {
  const owners = async () =>
    (await listMembers(home.organizationId)).filter(({ role }) => role === "owner").map(({ userId }) => userId);

  test("the last one is not demoted, not removed and does not leave", async () => {
    const self = { by: byWhom("owner"), userId: home.userId };
    for (const role of ["admin", "viewer"] as const)
      expect(await changeMember(home.organizationId, self, { role })).toBe("last-owner");
    expect(await removeMember(home.organizationId, self)).toBe("last-owner");
    expect(await leaveOrganization(home.userId, home.organizationId)).toBe("last-owner");
    expect(await owners()).toEqual([home.userId]);
    await expect(db.owner.query("delete from energy.memberships where user_id = $1", [home.userId])).rejects.toThrow("last-owner"); // prettier-ignore
    await expect(db.owner.query("delete from auth.users where id = $1", [home.userId])).rejects.toThrow("last-owner");
  });

  test("of two who go at once, by whatever way, one stays", async () => {
    const ways: ((self: Person) => Promise<unknown>)[] = [
      ({ userId }) => leaveOrganization(userId, home.organizationId),
      ({ userId }) => removeMember(home.organizationId, { by: { userId }, userId }),
      ({ userId }) => changeMember(home.organizationId, { by: { userId }, userId }, { role: "viewer" }),
    ];
    for (const first of ways)
      for (const second of ways)
        for (let i = 0; i < 2; i++) {
          const other = await member(db.owner, home, { role: "owner" });
          const outcomes = await Promise.all([first(home), second(other)]);
          expect(outcomes.filter((outcome) => outcome === "last-owner")).toHaveLength(1);
          expect(await owners()).toHaveLength(1);
          // The one who was there first is the only owner again.
          await db.owner.query(
            `insert into energy.memberships (organization_id, user_id, role) values ($1, $2, 'owner')
             on conflict (organization_id, user_id) do update set role = 'owner'`,
            [home.organizationId, home.userId],
          );
          await db.owner.query("delete from energy.memberships where user_id = $1", [other.userId]);
        }
  });

  test("each removes the other at once: one is left, and is an owner", async () => {
    for (let i = 0; i < 5; i++) {
      const fresh = await someone();
      const other = await member(db.owner, fresh, { role: "owner" });
      const outcomes = await Promise.all([
        removeMember(fresh.organizationId, { by: { userId: fresh.userId }, userId: other.userId }),
        removeMember(fresh.organizationId, { by: { userId: other.userId }, userId: fresh.userId }),
      ]);
      expect(outcomes.sort()).toEqual(["not-allowed", "removed"]);
      expect((await listMembers(fresh.organizationId)).map(({ role }) => role)).toEqual(["owner"]);
    }
  });

  test("a whole organization goes with its owners", async () => {
    await db.owner.query("delete from energy.organizations where id = $1", [home.organizationId]);
    expect(await membershipsOf(home.userId)).toEqual([]);
  });
});

describe("ownership is handed over", () => {
  const hand = (from: Person, to: Person) =>
    transferOwnership(home.organizationId, { from: from.userId, to: to.userId });

  test("by an owner to a member, whose limits end; they are an admin then", async () => {
    await db.owner.query("update energy.memberships set site_ids = '{}' where user_id = $1", [people.viewer.userId]);
    expect(await hand(people.owner, people.viewer)).toBe("transferred");
    expect([await roleOf(people.viewer), await roleOf(people.owner)]).toEqual(["owner", "admin"]);
    expect(await hand(people.owner, people.operator)).toBe("not-allowed");
  });

  test("not by others, not to oneself, not to who is no member", async () => {
    for (const role of ["admin", "operator", "viewer"] as const)
      expect(await hand(people[role], people.owner)).toBe("not-allowed");
    expect(await hand(people.owner, people.owner)).toBe("not-found");
    expect(await hand(people.owner, await someone())).toBe("not-found");
    expect(await roleOf(people.owner)).toBe("owner");
  });
});

test("whoever wants to leaves, also with no site to see", async () => {
  await db.owner.query("update energy.memberships set site_ids = '{}' where user_id = $1", [people.operator.userId]);
  expect(await leaveOrganization(people.operator.userId, home.organizationId)).toBe("left");
  expect(await leaveOrganization(people.operator.userId, home.organizationId)).toBe("not-found");
  expect(await leaveOrganization(people.viewer.userId, (await someone()).organizationId)).toBe("not-found");
});

describe("a second factor of every member", () => {
  const ask = (person: Person, required: "yes" | "no") =>
    send(changeOrganization as Page, person, {}, { intent: "second-factor", required });
  const sees = async ({ cookie }: Person) => (await open(organizationPage as Page, cookie, {})).status;
  const emailOf = async ({ userId }: Person) =>
    (await db.owner.query<{ email: string }>("select email from auth.users where id = $1", [userId])).rows[0]!.email;

  test("is asked for by who has one, and shuts the others out until they have it too", async () => {
    expect((await ask(people.admin, "yes")).status).toBe(409);
    await giveSecondFactor(db.owner, await emailOf(people.admin));
    expect((await ask(people.operator, "yes")).status).toBe(403);
    expect(await sees(people.operator)).toBe(200);
    expect((await ask(people.admin, "yes")).status).toBe(200);

    expect(await sees(people.admin)).toBe(200);
    for (const person of [people.owner, people.operator, people.viewer]) {
      expect(await sees(person)).toBe(302);
      const door = await open(frontDoor as Page, person.cookie, {});
      expect(door.headers.get("location")).toBe("/account/two-factor");
    }
    expect((await open(twoFactorPage as Page, people.viewer.cookie, {})).body).toMatchObject({
      askedBy: ["Test"],
      open: [],
    });
    await giveSecondFactor(db.owner, await emailOf(people.viewer));
    expect(await sees(people.viewer)).toBe(200);

    expect((await ask(people.admin, "no")).status).toBe(200);
    expect(await sees(people.operator)).toBe(200);
    const { rows } = await db.owner.query<{ after: object }>(
      `select after from audit.events where organization_id = $1 and before ? 'requires_second_factor' order by at, id`,
      [home.organizationId],
    );
    expect(rows.map(({ after }) => after)).toEqual([
      { requires_second_factor: true },
      { requires_second_factor: false },
    ]);
  });

  test("leaves one's other organizations open", async () => {
    const other = await someone();
    await db.owner.query("insert into energy.memberships (organization_id, user_id, role) values ($1, $2, 'viewer')", [
      other.organizationId,
      people.viewer.userId,
    ]);
    await db.owner.query("update energy.organizations set requires_second_factor = true where id = $1", [
      home.organizationId,
    ]);
    expect((await open(twoFactorPage as Page, people.viewer.cookie, {})).body).toMatchObject({
      askedBy: ["Test"],
      open: [{ organizationId: other.organizationId }],
    });
    const there = `?organization=${other.organizationId}`;
    expect((await open(organizationPage as Page, people.viewer.cookie, {}, there)).status).toBe(200);
  });
});

describe("who is concerned is told by mail", () => {
  const letters = async ({ userId }: Person) => {
    const { rows } = await db.owner.query<{ email: string }>("select email from auth.users where id = $1", [userId]);
    return (await outbox(rows[0]!.email)).map(({ letter }) => letter);
  };
  const subjects = async (person: Person) => (await letters(person)).map(({ subject }) => subject);

  test("of another role or other places, once, and of being removed; not of what stays as it is", async () => {
    const by = byWhom("owner");
    const { userId } = people.viewer;
    await changeMember(home.organizationId, { by, userId }, { role: "operator" });
    await changeMember(home.organizationId, { by, userId }, { role: "operator" });
    await changeMember(home.organizationId, { by, userId }, { siteIds: [home.siteId] });
    await removeMember(home.organizationId, { by, userId });
    expect((await subjects(people.viewer)).reverse()).toEqual([
      "You are operator of Test now",
      "You are operator of Test now",
      "You do not belong to Test any more",
    ]);
    expect((await letters(people.viewer))[1]!.parts[0]).toMatch(/see one of its places/);
  });

  test("both, when an organization is handed over; nobody, when it is refused", async () => {
    expect(await transferOwnership(home.organizationId, { from: people.admin.userId, to: home.userId })).toBe(
      "not-allowed",
    );
    expect(await subjects(home)).toEqual([]);
    await transferOwnership(home.organizationId, { from: home.userId, to: people.admin.userId });
    expect(await subjects(home)).toEqual(["You are admin of Test now"]);
    expect(await subjects(people.admin)).toEqual(["You are owner of Test now"]);
  });
});
