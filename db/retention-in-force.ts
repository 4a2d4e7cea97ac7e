import { retentionGraceMs } from "../domain/retention.ts";
import { systemPool } from "./as-system.ts";

/** What ingest and workers ask of the organizations' choices (db/raw-retention.ts). */

/** For the ingest: the days that an organization keeps raw readings; null: for ever. */
export async function rawRetentionDays(organizationId: string): Promise<number | null> {
  const { rows } = await systemPool().query<{ days: number | null }>({
    name: "raw-retention-days",
    text: "select days from energy.raw_retention where organization_id = $1",
    values: [organizationId],
  });
  return rows[0]?.days ?? null;
}

/** Organizations whose choice holds, in the system's context. */
export async function retentionsInForce(nowMs: number): Promise<{ organizationId: string; days: number }[]> {
  const { rows } = await systemPool().query<{ organizationId: string; days: number }>(
    `select organization_id as "organizationId", days from energy.raw_retention
     where days is not null and changed_at <= to_timestamp($1::float8 / 1000)`,
    [nowMs - retentionGraceMs],
  );
  return rows;
}

export interface RemovalPass {
  beforeMs: number;
  readings: number;
  waitingChannels: number;
}

/** Writes down what a pass did. */
export async function noteRemoval(organizationId: string, { beforeMs, readings, waitingChannels }: RemovalPass) {
  await systemPool().query(
    `update energy.raw_retention set removed_at = now(), removed_before = to_timestamp($2::float8 / 1000),
       removed_readings = removed_readings + $3, waiting_channels = $4 where organization_id = $1`,
    [organizationId, beforeMs, readings, waitingChannels],
  );
}
