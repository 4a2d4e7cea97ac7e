import { warnOfQuotas } from "../../db/quota-warnings.ts";
import { publicUrl, readEnvironment } from "../../platform/env.ts";
import type { Task } from "../task.ts";

const warnOfQuotasTask: Task<"warn-of-quotas"> = async (_payload, { log }) => {
  const organizations = await warnOfQuotas(`${publicUrl(readEnvironment())}/organization/usage`);
  if (organizations) log.info({ organizations }, "owners were told that a quota is nearly used up");
};

export default warnOfQuotasTask;
