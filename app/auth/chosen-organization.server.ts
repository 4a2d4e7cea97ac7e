import type { Membership } from "../../db/accounts.ts";

/**
 * Which of their organizations a person chose last in this browser, by the switch or by opening one of its sites: a convenience,
 * never a proof of membership.
 */
export function chosenOrganization(request: Request): string | null {
  const [, id] = /(?:^|;\s*)organization=([0-9a-f-]{36})/.exec(request.headers.get("cookie") ?? "") ?? [];
  return id ?? null;
}

/** The Set-Cookie header that remembers it for a year. */
export const rememberOrganization = (id: string): string =>
  `organization=${id}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`;

/** Headers of an answer; none where it is known already. */
export const rememberIfOther = (request: Request, id: string): Record<string, string> =>
  chosenOrganization(request) === id ? {} : { "set-cookie": rememberOrganization(id) };

/** For the switch in the frame. */
export const otherOrganizations = (memberships: readonly Membership[], current: string) =>
  memberships
    .filter(({ organizationId }) => organizationId !== current)
    .map(({ organizationId: id, organization: name }) => ({ id, name }));
