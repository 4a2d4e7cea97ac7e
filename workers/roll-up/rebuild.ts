import { asSystem } from "../../db/as-system.ts";
import { forgetRolledUp } from "../../db/rebuild.ts";
import { lockRollups } from "../../db/rollups.ts";
import { recomputeMarked } from "./roll-up.ts";

/**
 * Makes all buckets, events and learned rules of a channel from its readings alone, in one transaction: until it is done, what was
 * stored is read. Gives the same bits as the roll-up, and may be run again at any time.
 */
export async function rebuildChannel(channelId: number): Promise<void> {
  await asSystem(async (sql) => {
    await lockRollups(sql);
    const all = await forgetRolledUp(sql, channelId);
    if (all) await recomputeMarked(sql, [all]);
  });
}
