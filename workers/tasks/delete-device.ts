import { deleteDeviceData } from "../../db/upkeep.ts";
import type { Task } from "../task.ts";

/** Telemetry first, in pieces, and the rows last: a job that is interrupted goes on where it was. */
const deleteDevice: Task<"delete-device"> = async ({ organizationId, deviceId }, { log }) => {
  const removed = await deleteDeviceData(organizationId, deviceId);
  log.info({ organizationId, deviceId, removed }, "a device was deleted with its data");
};

export default deleteDevice;
