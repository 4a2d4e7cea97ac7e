import type pg from "pg";
import { quotaWords, type Quota } from "../domain/access/quota.ts";

/** An organization would have more of something than its plan allows; nothing of what was asked for is done. */
export class QuotaExceeded extends Error {
  override name = "QuotaExceeded";
  readonly expected = true;
  /** As the database raised it: it speaks of the data, and trying again does not help. */
  readonly code = "P0001";
  readonly quota: Quota;
  readonly most: number;
  readonly used: number;

  constructor({ quota, most, used }: { quota: Quota; most: number; used: number }) {
    super(`${quotaWords(quota, most, used)} /organization/usage shows it; who runs this platform can change the plan.`);
    this.quota = quota;
    this.most = most;
    this.used = used;
  }
}

/** What energy.keep_quota raised; null: it is another error. */
export function asQuotaExceeded(error: unknown): QuotaExceeded | null {
  if (error instanceof QuotaExceeded) return error;
  const { message, code, detail } = error as pg.DatabaseError;
  if (code !== "P0001" || message !== "quota" || !detail) return null;
  return new QuotaExceeded(JSON.parse(detail) as { quota: Quota; most: number; used: number });
}
