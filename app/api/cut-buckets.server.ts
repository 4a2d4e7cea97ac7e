import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { rollUpChannels } from "../../db/roll-up.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import { foldStretch } from "../corrections/fold-stretch.server.ts";

/** A part of one bucket, folded from its readings as the roll-up folds the whole: the parts add up to it. */
export async function cutBuckets(sql: Sql, { id }: ChannelRow, fromMs: number, toMs: number): Promise<Bucket[]> {
  const channel = (await rollUpChannels(sql, [id])).get(id);
  return channel ? (await foldStretch(sql, channel, { fromMs, toMs })).buckets : [];
}
