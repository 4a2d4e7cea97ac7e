import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { action as members } from "../../app/routes/organization.members.tsx";
import { action as take, loader as opened } from "../../app/routes/invitations.$token.tsx";
import { membershipsOf } from "../../db/accounts.ts";
import { acceptInvitation, invite, listInvitations, mostWaiting } from "../../db/invitations.ts";
import { outbox } from "../../db/mail.ts";
import { createSite } from "../../db/sites.ts";
import { roles, type MemberRole } from "../../domain/access/permissions.ts";
import { account, member } from "../support/organization-members.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** From the invitation to the membership, the mail read from the outbox. */
let db: OpenDatabase;
let home: Person;
let count = 0;

const nobody = { cookie: "", userId: "", organizationId: "", siteId: "" };
const newAddress = () => `guest-${++count}@example.org`;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  home = await someone();
});

/** The secret of the newest mail to somebody. */
async function tokenFor(email: string): Promise<string> {
  const [mail] = await outbox(email);
  const action = mail!.letter.parts.find((part) => typeof part !== "string");
  return /\/invitations\/([\w-]{43})$/.exec((action as { url: string }).url)![1]!;
}

async function invited(email: string, form: Record<string, string> = {}): Promise<string> {
  const { status, body } = await send(members, home, {}, { intent: "invite", email, role: "viewer", ...form });
  expect([status, body["error"]]).toEqual([200, undefined]);
  return tokenFor(email);
}

const see = async (token: string, cookie = "") => (await open(opened, cookie, { token })).status;
const accept = (token: string, person: { cookie: string }) =>
  send(take, { ...nobody, ...person }, { token }, { intent: "accept" });
const membershipOf = async (userId: string) =>
  (await membershipsOf(userId)).find(({ organizationId }) => organizationId === home.organizationId) ?? null;

describe("an invitation", () => {
  test("is taken with an account that is there, and works once", async () => {
    const guest = await account(db.owner, newAddress());
    const token = await invited(guest.email, { role: "operator" });
    const shown = await open(opened, guest.cookie, { token });
    expect(shown.body).toMatchObject({ signedInAs: guest.email, invitation: { organization: "Test", role: "operator", hasAccount: true } }); // prettier-ignore
    expect((await accept(token, guest)).status).toBe(302);
    expect(await membershipOf(guest.userId)).toMatchObject({ role: "operator", siteIds: null });
    expect([await see(token, guest.cookie), (await accept(token, guest)).status]).toEqual([404, 404]);
    expect(await listInvitations(home.organizationId)).toEqual([]);
  });

  test("makes an account for its address, which is proved by it", async () => {
    const email = newAddress();
    const token = await invited(email.toUpperCase(), { email: ` ${email.toUpperCase()} ` });
    const form = { intent: "sign-up", name: "Guest", password: "long enough for this" };
    const made = await send(take, nobody, { token }, form);
    expect([made.status, made.headers.get("location")]).toEqual([302, "/"]);
    const { rows } = await db.owner.query<{ id: string; name: string }>("select id, name from auth.users where email = $1", [email]); // prettier-ignore
    expect(rows[0]!.name).toBe("Guest");
    expect(await membershipsOf(rows[0]!.id)).toMatchObject([{ organizationId: home.organizationId, role: "viewer" }]);
    // The account belongs nowhere else: no organization of its own came with it.
    expect((await send(take, nobody, { token }, form)).status).toBe(404);
  });

  test("with a password that will not do changes nothing", async () => {
    const token = await invited(newAddress());
    const refused = await send(take, nobody, { token }, { intent: "sign-up", name: "", password: "short" });
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: { password: expect.stringContaining("10") as string } },
    });
    expect(await see(token)).toBe(200);
  });

  test("for another address is not taken, nor is an account made for one that has one", async () => {
    const [guest, thief] = [await account(db.owner, newAddress()), await account(db.owner)];
    const token = await invited(guest.email);
    expect((await accept(token, thief)).status).toBe(409);
    expect((await accept(token, { cookie: "" })).status).toBe(409);
    expect(await acceptInvitation(thief.userId, sha256(token))).toBeNull();
    expect(await membershipOf(thief.userId)).toBeNull();
    const again = { intent: "sign-up", name: "", password: "long enough for this" };
    expect((await send(take, nobody, { token }, again)).status).toBe(409);
    expect(await see(token)).toBe(200);
  });

  test("is limited to chosen places of the organization, and only to those", async () => {
    const flat = await createSite(home.organizationId, { name: "Flat", timezone: "UTC", currency: "EUR" });
    const guest = await account(db.owner, newAddress());
    const token = await invited(guest.email, { sites: "chosen", site: flat.id });
    await accept(token, guest);
    expect(await membershipOf(guest.userId)).toMatchObject({ role: "viewer", siteIds: [flat.id] });
    const others = {
      intent: "invite",
      email: newAddress(),
      role: "viewer",
      sites: "chosen",
      site: (await someone()).siteId,
    };
    expect((await send(members, home, {}, others)).status).toBe(400);
  });

  test("ends when it is revoked, sent again, or a week old", async () => {
    const email = newAddress();
    const first = await invited(email);
    const [{ id }] = (await listInvitations(home.organizationId)) as unknown as [{ id: string }];
    const resend = () => send(members, home, {}, { intent: "resend", invitation: id });
    expect((await resend()).body["error"]).toMatch(/less than a minute/);
    const age = (by: string) =>
      db.owner.query(
        `update energy.invitations set sent_at = sent_at - interval '${by}', expires_at = expires_at - interval '${by}'`,
      );
    await age("2 minutes");
    expect((await resend()).status).toBe(200);
    const second = await tokenFor(email);
    expect([await see(first), await see(second)]).toEqual([404, 200]);
    await age("7 days");
    expect(await see(second)).toBe(404);
    expect((await resend()).status).toBe(200);
    const third = await tokenFor(email);
    expect(await see(third)).toBe(200);
    expect((await send(members, home, {}, { intent: "revoke", invitation: id })).status).toBe(200);
    const guest = await account(db.owner, email);
    expect([await see(third), (await accept(third, guest)).status]).toEqual([404, 404]);
    expect(await acceptInvitation(guest.userId, sha256(third))).toBeNull();
    expect((await resend()).status).toBe(400);
  });

  test("of somebody who is a member already is refused, and one that waits is replaced", async () => {
    const viewer = await member(db.owner, home, { role: "viewer" });
    const again = { intent: "invite", email: viewer.email, role: "admin" };
    expect((await send(members, home, {}, again)).body["error"]).toMatch(/member already/);
    const email = newAddress();
    const first = await invited(email);
    await db.owner.query("update energy.invitations set sent_at = now() - interval '2 minutes'");
    const second = await invited(email, { role: "admin" });
    expect([await see(first), await see(second)]).toEqual([404, 200]);
    expect(await listInvitations(home.organizationId)).toMatchObject([{ email, role: "admin" }]);
  });

  test("does not change who became a member meanwhile", async () => {
    const guest = await account(db.owner, newAddress());
    const token = await invited(guest.email, { role: "admin" });
    await db.owner.query("insert into energy.memberships values ($1, $2, 'viewer')", [
      home.organizationId,
      guest.userId,
    ]);
    expect((await accept(token, guest)).status).toBe(302);
    expect(await membershipOf(guest.userId)).toMatchObject({ role: "viewer" });
  });

  test("is forgotten with the account of whom it was for", async () => {
    const guest = await account(db.owner, newAddress());
    await invited(guest.email);
    await db.owner.query("delete from auth.users where id = $1", [guest.userId]);
    expect(await listInvitations(home.organizationId)).toEqual([]);
  });

  test("no more wait than an organization may have", async () => {
    await db.owner.query("update energy.organizations set plan = 'unlimited' where id = $1", [home.organizationId]);
    await db.owner.query(
      `insert into energy.invitations (organization_id, email, role, token_hash, sent_at, expires_at)
       select $1::uuid, 'crowd-' || i || '@example.org', 'viewer', $1::text || i, now() - interval '2 days', now() + interval '1 day'
       from generate_series(1, $2) i`,
      [home.organizationId, mostWaiting],
    );
    const one = { intent: "invite", email: newAddress(), role: "viewer" };
    expect((await send(members, home, {}, one)).body["error"]).toMatch(/100 invitations/);
  });

  test.each(["nonsense", "a@b", "", "anna@example.org\nbcc: x@example.org"])("to %j is refused", async (email) => {
    const { status, body } = await send(members, home, {}, { intent: "invite", email, role: "viewer" });
    expect([status, body["error"]]).toEqual([400, expect.stringContaining("e-mail address")]);
  });
});

describe("who invites whom", () => {
  const may: Record<MemberRole, MemberRole[]> = {
    owner: [...roles],
    admin: ["admin", "operator", "viewer"],
    operator: [],
    viewer: [],
  };

  test.each(roles)("%s", async (role) => {
    const by = role === "owner" ? home : await member(db.owner, home, { role });
    for (const to of roles) {
      const { status } = await send(members, by, {}, { intent: "invite", email: newAddress(), role: to });
      const isHeard = may[role].length > 0;
      expect([to, status]).toEqual([to, may[role].includes(to) ? 200 : isHeard ? 400 : 403]);
    }
    const limited = await member(db.owner, home, { role: role === "owner" ? "admin" : role, siteIds: [home.siteId] });
    const { status } = await send(members, limited, {}, { intent: "invite", email: newAddress(), role: "viewer" });
    expect(status).toBe(403);
  });

  test("an invitation to be an owner is worth nothing once who gave it is none", async () => {
    const guest = await account(db.owner, newAddress());
    const second = await member(db.owner, home, { role: "owner" });
    const by = { userId: second.userId };
    const write = (told: { to: string }) => ({ to: told.to, template: "verify-email", data: { url: "https://energy.test/", hours: 1 } }) as const; // prettier-ignore
    const given = { by, email: guest.email, role: "owner" as const, siteIds: null };
    await invite(home.organizationId, given, { tokenHash: sha256("given"), write });
    await db.owner.query("update energy.memberships set role = 'admin' where user_id = $1", [second.userId]);
    expect(await acceptInvitation(guest.userId, sha256("given"))).toBeNull();
    await db.owner.query("update energy.memberships set role = 'owner' where user_id = $1", [second.userId]);
    expect(await acceptInvitation(guest.userId, sha256("given"))).toBe(home.organizationId);
    expect(await membershipOf(guest.userId)).toMatchObject({ role: "owner" });
  });

  test("others do not see, send or revoke them", async () => {
    await invited(newAddress());
    const [{ id }] = (await listInvitations(home.organizationId)) as unknown as [{ id: string }];
    const stranger = await someone();
    for (const intent of ["resend", "revoke"])
      expect((await send(members, stranger, {}, { intent, invitation: id })).status).toBe(400);
    expect(await listInvitations(home.organizationId)).toHaveLength(1);
  });
});
