import { systemPool } from "../../db/as-system.ts";
import { enqueue } from "../../db/jobs.ts";
import { mergeChannelData } from "../../db/merge-channel.ts";
import type { Task } from "../task.ts";

const mergeChannel: Task<"merge-channel"> = async ({ organizationId, channelId, covered }, { log }) => {
  const copied = await mergeChannelData(organizationId, channelId, covered);
  await enqueue(systemPool(), "roll-up", {}, { key: "roll-up" });
  log.info({ organizationId, channelId, copied }, "a channel was merged into another");
};

export default mergeChannel;
