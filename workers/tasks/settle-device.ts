import { asSystem } from "../../db/as-system.ts";
import { settlePlaces } from "../../db/intake-channels.ts";
import { notify } from "../../db/live.ts";
import type { Task } from "../task.ts";

const settleDevice: Task<"settle-device"> = async ({ organizationId, deviceId }) => {
  await asSystem(async (sql) => {
    await settlePlaces(sql, deviceId, organizationId);
    await notify(sql, { devices: [deviceId] });
  });
};

export default settleDevice;
