import type { Reading } from "../domain/reading.ts";
import { asOrganization } from "./as-organization.ts";
import type { Sql } from "./client.ts";

export interface Range {
  fromMs: number;
  toMs: number;
}

/** Readings of a channel in [fromMs, toMs), ascending, in its canonical unit, at most `limit`. */
export async function readingsOf(
  organizationId: string,
  channelId: number,
  range: Range & { limit: number },
): Promise<Reading[]> {
  return asOrganization(organizationId, (sql) => selectRange(sql, channelId, range));
}

async function selectRange(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, limit }: Range & { limit: number },
): Promise<Reading[]> {
  const { rows } = await sql.query<Reading>(
    `select extract(epoch from time)::float8 * 1000 as "timeMs", value from energy.channel_readings
     where channel_id = $1 and time >= to_timestamp($2 / 1000.0) and time < to_timestamp($3 / 1000.0) order by time limit $4`,
    [channelId, fromMs, toMs, limit],
  );
  return rows;
}

/** The readings of a range with the last one before and the first ones (`ahead`) after it: what folding a part of a bucket needs. */
export async function readingsAroundRange(
  sql: Sql,
  channelId: number,
  { fromMs, toMs, ahead = 1 }: Range & { ahead?: number },
): Promise<Reading[]> {
  const { rows } = await sql.query<Reading>(
    `(select extract(epoch from time)::float8 * 1000 as "timeMs", value from energy.channel_readings
       where channel_id = $1 and time < to_timestamp($2 / 1000.0) order by time desc limit 1)
     union all
     (select extract(epoch from time)::float8 * 1000, value from energy.channel_readings
       where channel_id = $1 and time >= to_timestamp($2 / 1000.0) and time < to_timestamp($3 / 1000.0))
     union all
     (select extract(epoch from time)::float8 * 1000, value from energy.channel_readings
       where channel_id = $1 and time >= to_timestamp($3 / 1000.0) order by time limit $4)
     order by 1`,
    [channelId, fromMs, toMs, ahead],
  );
  return rows;
}

/** States of a channel in [fromMs, toMs), ascending. */
export async function statesOf(
  organizationId: string,
  channelId: number,
  { fromMs, toMs, limit }: Range & { limit: number },
): Promise<{ timeMs: number; value: string }[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ timeMs: number; value: string }>(
      `select extract(epoch from time)::float8 * 1000 as "timeMs", value from energy.channel_states
       where channel_id = $1 and time >= to_timestamp($2 / 1000.0) and time < to_timestamp($3 / 1000.0) order by time limit $4`,
      [channelId, fromMs, toMs, limit],
    );
    return rows;
  });
}
