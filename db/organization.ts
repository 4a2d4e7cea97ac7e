import { asOrganization } from "./as-organization.ts";

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
