import { defineChannel, type ReadingWords } from "../domain/device/vocabulary.ts";
import type { Sql } from "./client.ts";

/** A channel that a message speaks of for the first time. */
export interface NewChannel {
  key: string;
  metric: string;
  words: ReadingWords;
  /** An amount that says the length of its interval has the time of its beginning. Seconds; null: it says none, so it is the end. */
  intervalS?: number | null;
}

/** Makes a channel as its metric says; one with this key may be there already. */
export async function insertChannel(
  sql: Sql,
  device: { organizationId: string; deviceId: string },
  channel: NewChannel,
): Promise<void> {
  const words = defineChannel(channel.metric, channel.words);
  await sql.query(
    `insert into energy.channels (organization_id, device_id, key, metric, tags, medium, quantity, kind, unit, scale, shift, unit_assumed,
       direction, role, is_part, restarts_daily, phase, tariff_register, stamp, expected_interval_s)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) on conflict (device_id, key) do nothing`,
    [
      device.organizationId,
      device.deviceId,
      channel.key,
      channel.metric,
      JSON.stringify(channel.words.tags ?? {}),
      words.medium,
      words.quantity,
      words.kind,
      words.unit,
      words.scale,
      words.shift,
      words.unitAssumed,
      words.direction,
      words.role,
      words.part,
      words.restartsDaily,
      words.phase,
      words.tariff,
      channel.intervalS == null ? "instant" : "start",
      channel.intervalS ?? null,
    ],
  );
}
