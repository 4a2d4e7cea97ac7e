import type { Quota } from "../domain/access/quota.ts";
import { asOrganization } from "./as-organization.ts";

/** What an organization uses of its plan. */
export interface Usage {
  plan: string;
  /** null: history is kept for ever. */
  retentionDays: number | null;
  /** `most` null: no limit. */
  quotas: { quota: Quota; used: number; most: number | null }[];
  /** Readings that came in, and that were more than the plan has, by UTC day ("2026-03-01"); at most 31, those with none left out. */
  days: { day: string; readings: number; refused: number }[];
}

interface QuotaRow {
  title: string;
  retentionDays: number | null;
  quota: Quota;
  used: number;
  most: number | null;
}

/** null: it is not for who asks, because they see some sites only. */
export function usageOf(organizationId: string): Promise<Usage | null> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<QuotaRow>(
      `select title, retention_days as "retentionDays", quota, used, most from energy.current_usage()`,
    );
    const { rows: days } = await sql.query<Usage["days"][number]>(
      "select day, readings, refused from energy.current_usage_days()",
    );
    const [first] = rows;
    if (!first) return null;
    const quotas = rows.map(({ quota, used, most }) => ({ quota, used, most }));
    return { plan: first.title, retentionDays: first.retentionDays, quotas, days };
  });
}
