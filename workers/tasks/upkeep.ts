import { forgetExpired } from "../../db/account-administration.ts";
import { removeOldAnswers } from "../../db/idempotency.ts";
import { cancelOldUploads } from "../../db/import-runs.ts";
import { forgetOldMails } from "../../db/mail-delivery.ts";
import { forgetOldProcesses } from "../../db/processes.ts";
import { deleteBeyondRetention } from "../../db/retention.ts";
import { clearExports } from "../../db/export-runs.ts";
import { clearOrphans } from "../../db/orphans.ts";
import { makePartitionsAhead } from "../../db/upkeep.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { packOldBuckets } from "../../db/rollups.ts";
import { asSystem } from "../../db/as-system.ts";
import { removeOldSigningKeys } from "../../db/signing-keys.ts";
import { forgetOldDeliveries } from "../../db/webhook-delivery.ts";
import { forgetOldUsage } from "../../db/usage-days.ts";
import type { Task } from "../task.ts";

/** Hourly housekeeping; each part is idempotent. */
const upkeep: Task<"upkeep"> = async (_payload, { log, signal }) => {
  await asSystem(makePartitionsAhead);
  await asSystem(cancelOldUploads);
  await asSystem(removeOldAnswers);
  await asSystem(removeOldSigningKeys);
  await asSystem(forgetOldMails);
  await asSystem(forgetOldDeliveries);
  await asSystem(forgetOldUsage);
  await asSystem(forgetOldProcesses);
  const beyond = await deleteBeyondRetention(signal);
  if (beyond) log.debug({ deleted: beyond }, "deleted what is older than its plan keeps");
  await asSystem(forgetExpired);
  await asSystem(clearExports);
  const orphans = await clearOrphans();
  if (orphans) log.info({ orphans }, "removed what came in for channels and devices that were being deleted");
  let packed = 0;
  for (let some = 1; some > 0 && !signal.aborted; packed += some)
    some = await asSystem((sql) => packOldBuckets(sql, Date.now()));
  if (packed) log.debug({ days: packed }, "packed old buckets");
  const readings = await packOldReadings(Date.now(), signal);
  if (readings) log.debug({ readings }, "packed old readings");
};

export default upkeep;
