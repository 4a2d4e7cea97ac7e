import { asOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";

/** A message as it came, and what was understood of it. */
export interface DeviceMessage {
  receivedMs: number;
  transport: "mqtt" | "http";
  address: string;
  payload: string;
  format: string | null;
  readings: {
    device: string;
    metric: string;
    value: number | boolean | string;
    unit: string | null;
    kind: string;
    time: string | null;
  }[];
  refusals: { reason: string; detail: string }[];
}

/** The last few messages of a device, newest first. */
export async function deviceMessages(organizationId: string, deviceId: string): Promise<DeviceMessage[]> {
  if (!isUuid(deviceId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<DeviceMessage>(
      `select extract(epoch from received_at)::float8 * 1000 as "receivedMs", transport, address, payload, format, readings, refusals
       from energy.device_messages where device_id = $1 order by received_at desc`,
      [deviceId],
    );
    return rows;
  });
}

/** The newest message of each device that has one. */
export async function newestMessages(
  organizationId: string,
  deviceIds: readonly string[],
): Promise<Map<string, DeviceMessage>> {
  if (!deviceIds.length) return new Map();
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<DeviceMessage & { deviceId: string }>(
      `select distinct on (device_id) device_id as "deviceId", extract(epoch from received_at)::float8 * 1000 as "receivedMs",
         transport, address, payload, format, readings, refusals
       from energy.device_messages where device_id = any ($1) order by device_id, received_at desc`,
      [deviceIds],
    );
    return new Map(rows.map(({ deviceId, ...message }) => [deviceId, message]));
  });
}

/** How often a reason struck, with the newest example. */
export interface DeviceReject {
  reason: string;
  count: number;
  lastMs: number;
  detail: string;
  transport: string;
  address: string;
  sample: string;
}

/** Refusals of the last 30 days by reason, newest first. */
export async function deviceRejects(organizationId: string, deviceId: string): Promise<DeviceReject[]> {
  if (!isUuid(deviceId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<DeviceReject>(
      `select distinct on (reason) reason, sum(count) over (partition by reason)::int8 as count,
         extract(epoch from last_at)::float8 * 1000 as "lastMs", detail, transport, address, sample
       from energy.device_rejects where device_id = $1 and hour > now() - interval '30 days' order by reason, last_at desc`,
      [deviceId],
    );
    return rows.sort((a, b) => b.lastMs - a.lastMs);
  });
}
