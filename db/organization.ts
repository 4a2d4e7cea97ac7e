import { asOrganization } from "./as-organization.ts";
import { asUser } from "./as-user.ts";

/** A tenant, as its members see it. */
export interface Organization {
  id: string;
  name: string;
  createdAt: Date;
}

const columns = `id, name, created_at as "createdAt"`;

export async function getOrganization(organizationId: string): Promise<Organization> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Organization>(`select ${columns} from energy.organizations`);
    return rows[0]!;
  });
}

export async function renameOrganization(organizationId: string, name: string): Promise<Organization> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Organization>(`update energy.organizations set name = $1 returning ${columns}`, [
      name,
    ]);
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
