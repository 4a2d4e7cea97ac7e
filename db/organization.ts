import { asOrganization } from "./as-organization.ts";
import { asUser } from "./as-user.ts";

/** A tenant, as its members see it. */
export interface Organization {
  id: string;
  name: string;
  /** Members without a second factor see nothing of it. */
  requiresSecondFactor: boolean;
  createdAt: Date;
}

const columns = `id, name, requires_second_factor as "requiresSecondFactor", created_at as "createdAt"`;

export async function getOrganization(organizationId: string): Promise<Organization> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Organization>(`select ${columns} from energy.organizations`);
    return rows[0]!;
  });
}

/** What is not named stays. */
export async function changeOrganization(
  organizationId: string,
  { name, requiresSecondFactor }: { name?: string | undefined; requiresSecondFactor?: boolean | undefined },
): Promise<Organization> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Organization>(
      `update energy.organizations set name = coalesce($1, name),
         requires_second_factor = coalesce($2, requires_second_factor) returning ${columns}`,
      [name ?? null, requiresSecondFactor ?? null],
    );
    return rows[0]!;
  });
}

/** So many organizations can one person own. */
export const mostOwned = 20;

export interface NewOrganization {
  name: string;
  site: {
    name: string;
    timezone: string;
    currency: string;
    pricePerKwh: string | null;
    co2GPerKwh?: string | null;
  };
}

/** One more organization, owned by a person who has an account. Its first site; null: they own `mostOwned` already. */
export async function foundOrganization(userId: string, { name, site }: NewOrganization): Promise<string | null> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ siteId: string | null }>(
      `select energy.found_organization($1, $2, $3, $4, $5, $6, $7) as "siteId"`,
      [name, site.name, site.timezone, site.currency, site.pricePerKwh, site.co2GPerKwh ?? null, mostOwned],
    );
    return rows[0]!.siteId;
  });
}
