import type { MemberRole } from "../domain/access/permissions.ts";
import { publicUrl, readEnvironment } from "../platform/env.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";

interface Place {
  email: string;
  role: MemberRole;
  siteIds: readonly string[] | null;
}

const isSame = (one: Place, other: Place) =>
  one.role === other.role && JSON.stringify(one.siteIds) === JSON.stringify(other.siteIds);

/**
 * Tells a member, on the transaction of the change, that their place in the context's organization is another one. `after` null: they
 * were removed.
 */
export async function mailOfMembership(sql: Sql, before: Place, after: Place | null): Promise<void> {
  if (after && isSame(before, after)) return;
  const { rows } = await sql.query<{ name: string }>("select name from energy.organizations");
  const home = publicUrl(readEnvironment());
  await enqueueMail(sql, {
    to: before.email,
    template: "membership-changed",
    data: {
      organization: rows[0]!.name,
      role: after?.role ?? null,
      sites: after?.siteIds?.length ?? null,
      url: after ? `${home}/organization/roles` : `${home}/`,
    },
  });
}
