import { redirect } from "@remix-run/node";
import { membershipAtSite, membershipsOf, type Membership } from "../../db/accounts.ts";
import { admit } from "../../db/admission.ts";
import { isUuid } from "../../db/client.ts";
import { getSite, type Site } from "../../db/sites.ts";
import { recordSupportRead } from "../../db/support-reads.ts";
import {
  isOfSite,
  may,
  mayInOrganization,
  roles,
  type MemberRole,
  type Permission,
  type SitePermission,
} from "../../domain/access/permissions.ts";
import { chosenOrganization } from "./chosen-organization.server.ts";
import { isFromElsewhere } from "./same-origin.server.ts";
import { userOf, type User } from "./session.server.ts";

/** Who is signed in; else off to the login, and back here afterwards. */
export async function requireUser(request: Request): Promise<User> {
  const user = await userOf(request);
  if (user) return user;
  const { pathname, search } = new URL(request.url);
  throw redirect(`/login?next=${encodeURIComponent(pathname + search)}`);
}

/** Somebody in an organization: who asks, as what, and for which of its sites (null: all). */
export interface OrganizationMember {
  user: User;
  organizationId: string;
  /** Its name. */
  organization: string;
  role: MemberRole;
  siteIds: readonly string[] | null;
  /** They look in for support until then; null: they belong here. */
  supportUntil: Date | null;
}

/** … at one of its sites. */
export interface Member extends OrganizationMember {
  site: Site;
}

/**
 * The person, their role, and the site. A site of others is not found, as one that does not exist, or that they may not see.
 * @throws Response 404, or 403 where the role does not allow what is asked.
 */
export async function requireSite(
  request: Request,
  siteId: string | undefined,
  permission: SitePermission = "site.read",
): Promise<Member> {
  const user = await requireUser(request);
  const at = siteId && isUuid(siteId) ? await membershipAtSite(user.id, siteId) : null;
  if (!at) throw new Response("Not found", { status: 404 });
  const member = enter(request, user, at);
  const site = await getSite(member.organizationId, siteId!);
  if (!site) throw new Response("Not found", { status: 404 });
  if (!may(member.role, permission)) throw new Response("Not allowed", { status: 403 });
  if (request.method !== "GET") checkOrigin(request);
  await noteSupport(member, request);
  return { ...member, site };
}

/**
 * The organization that a person acts in: the one that `wanted` or the address names (`?organization=`), else the one that they
 * chose last in this browser, else their first.
 * @throws Response 404 where they are no member, 403 where the role, or being limited to some sites, does not allow what is asked.
 */
export async function requireOrganization(
  request: Request,
  permission: Permission,
  wanted: string | null = new URL(request.url).searchParams.get("organization"),
): Promise<OrganizationMember> {
  const user = await requireUser(request);
  const membership = choose(await membershipsOf(user.id), wanted, chosenOrganization(request));
  if (!membership) throw new Response("Not found", { status: 404 });
  const member = enter(request, user, membership);
  const isAllowed = isOfSite(permission) ? may(member.role, permission) : mayInOrganization(member, permission);
  if (!isAllowed) throw new Response("Not allowed", { status: 403 });
  if (request.method !== "GET") checkOrigin(request);
  await noteSupport(member, request);
  return member;
}

/** What is read while somebody looks in for support is on the organization's record. */
async function noteSupport(
  { user, organizationId, supportUntil }: OrganizationMember,
  { url }: Request,
): Promise<void> {
  if (supportUntil) await recordSupportRead(organizationId, { userId: user.id, path: new URL(url).pathname });
}

function choose(memberships: readonly Membership[], wanted: string | null, last: string | null) {
  const named = (id: string) => memberships.find(({ organizationId }) => organizationId === id);
  if (wanted !== null) return named(wanted);
  return (last !== null && named(last)) || memberships[0];
}

/** Where somebody sets up the second factor that an organization, or running the platform, asks for. */
export const secondFactorPage = "/account/two-factor";

/**
 * A page leads to where it is set up; what would change something is refused.
 * @throws Response
 */
export function lackingSecondFactor(request: Request): never {
  if (request.method === "GET") throw redirect(secondFactorPage);
  throw new Response("Set up two-factor login first", { status: 403 });
}

/** From here on the request sees what this membership sees. @throws Response where a second factor is asked for that they lack */
function enter(request: Request, user: User, found: Membership): OrganizationMember {
  const { role, lacksSecondFactor, ...membership } = found;
  if (lacksSecondFactor) lackingSecondFactor(request);
  admit(membership.organizationId, membership.siteIds);
  return { ...membership, user, role: roleOf(role) };
}

const roleOf = (text: string): MemberRole => roles.find((role) => role === text) ?? "viewer";

/**
 * The server asks the same of every form already (app/browser-safety.ts); a route that is called in another way does not rely on it.
 * @throws Response 403
 */
export function checkOrigin(request: Request): void {
  if (isFromElsewhere((name) => request.headers.get(name)))
    throw new Response("Another site sent this form", { status: 403 });
}

const somewhere = "https://here.invalid";

/** Where to go after the login: only a path of ours, as the browser will read it ("//evil", "/\\evil", "/\t/evil" are not). */
export function ownPath(wanted: string | null): string {
  if (!wanted?.startsWith("/") || !URL.canParse(wanted, somewhere)) return "/";
  const { origin, pathname, search, hash } = new URL(wanted, somewhere);
  // "/..//evil" is resolved to "//evil", which a browser reads as another host.
  return origin === somewhere && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
