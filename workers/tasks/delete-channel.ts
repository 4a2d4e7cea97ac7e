import { deleteChannelData } from "../../db/upkeep.ts";
import type { Task } from "../task.ts";

const deleteChannel: Task<"delete-channel"> = async ({ organizationId, channelId }, { log }) => {
  const removed = await deleteChannelData(channelId);
  log.info({ organizationId, channelId, removed }, "a channel was deleted with its data");
};

export default deleteChannel;
