import { asOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";

/** What a supplier's bill says, as a person entered it. */
export interface StoredBillCheck {
  id: string;
  siteId: string;
  contractId: string;
  contractName: string;
  /** Local days, "2026-03-01"; the second is the first that the bill is not for. */
  fromDay: string;
  toDay: string;
  /** As they were stored: whoever reads them checks them (domain/bill-check/entered.ts). */
  items: unknown;
  /** Decimal text. */
  total: string;
  note: string;
  createdMs: number;
}

export interface EnteredBillCheck {
  fromDay: string;
  toDay: string;
  items: unknown;
  total: string;
  note: string;
}

const columns = `b.id, c.site_id as "siteId", b.contract_id as "contractId", c.name as "contractName", b.from_day::text as "fromDay",
  b.to_day::text as "toDay", b.items, trim_scale(b.total)::text as total, b.note,
  (extract(epoch from b.created_at) * 1000)::float8 as "createdMs"`;
const source = "energy.bill_checks b join energy.contracts c on c.id = b.contract_id";

/** Of a site, the newest period first. */
export async function billChecksOf(organizationId: string, siteId: string): Promise<StoredBillCheck[]> {
  if (!isUuid(siteId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<StoredBillCheck>(
      `select ${columns} from ${source} where c.site_id = $1 order by b.to_day desc, b.created_at desc, b.id`,
      [siteId],
    );
    return rows;
  });
}

export async function getBillCheck(organizationId: string, id: string): Promise<StoredBillCheck | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<StoredBillCheck>(`select ${columns} from ${source} where b.id = $1`, [id]);
    return rows[0] ?? null;
  });
}

/** @returns its id; null: there is no such contract. */
export async function createBillCheck(
  organizationId: string,
  contractId: string,
  { fromDay, toDay, items, total, note, createdBy }: EnteredBillCheck & { createdBy: string | null },
): Promise<string | null> {
  if (!isUuid(contractId)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.bill_checks (organization_id, contract_id, from_day, to_day, items, total, note, created_by)
       select $1, c.id, $3::date, $4::date, $5, $6::numeric, $7, $8 from energy.contracts c where c.id = $2 returning id`,
      [organizationId, contractId, fromDay, toDay, JSON.stringify(items), total, note, createdBy],
    );
    return rows[0]?.id ?? null;
  });
}

/** @returns false: there is none. */
export async function updateBillCheck(
  organizationId: string,
  id: string,
  { fromDay, toDay, items, total, note }: EnteredBillCheck,
): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query(
      `update energy.bill_checks set from_day = $2::date, to_day = $3::date, items = $4, total = $5::numeric, note = $6
       where id = $1`,
      [id, fromDay, toDay, JSON.stringify(items), total, note],
    );
    return rowCount === 1;
  });
}

/** @returns false: there is none. */
export async function deleteBillCheck(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.bill_checks where id = $1", [id]);
    return rowCount === 1;
  });
}
