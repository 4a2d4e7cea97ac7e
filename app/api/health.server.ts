import { deviceHealth, presences, type DeviceHealth } from "../../db/device-health.ts";
import { listDevices } from "../../db/devices.ts";
import { cut } from "./cursor.server.ts";
import { deviceId, deviceParams, requiredDevice } from "./devices.server.ts";
import { operation } from "./operation.server.ts";
import { notFound } from "./problem.server.ts";
import { instantOut, iso, listOf, listPaging } from "./schemas.server.ts";
import { requiredSite, siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const count = z.number().int().min(0);
const reported = z.object({ value: z.number(), time: instantOut }).nullable();

const presence = {
  presence: z.enum(["never", "online", "silent", "offline"]).openapi({
    description: "silent: quiet for longer than its own rhythm allows; offline: it said so itself (its will)",
  }),
  missedFrom: instantOut.nullable().openapi({ description: "From when on its silence is remarkable; null: never" }),
  lastHeardAt: instantOut.nullable(),
};

const HealthSchema = z
  .object({
    ...presence,
    intervalSeconds: z.number().nullable().openapi({ description: "Between readings, given or learned" }),
    battery: reported.openapi({ description: "%" }),
    signal: reported.openapi({ description: "dBm" }),
    clockSkewSeconds: z
      .number()
      .nullable()
      .openapi({ description: "Arrival minus its own time: positive when its clock is behind. null: it sends none" }),
    messages: count,
    readings: count,
    duplicates: count.openapi({ description: "Readings that were stored already" }),
    hours: z
      .array(z.object({ start: instantOut, messages: count, readings: count, duplicates: count }))
      .openapi({ description: "Of the last 7 days; hours without anything are left out" }),
    gapsFrom: instantOut.nullable().openapi({ description: "From when on gaps are known; null: it has no readings" }),
    gaps: z
      .array(z.object({ start: instantOut, end: instantOut }))
      .openapi({ description: "Quarter-hours of the last 7 days without data, joined" }),
    rejects: z.array(z.object({ reason: z.string(), count, lastAt: instantOut, detail: z.string() })),
    waiting: z
      .array(z.object({ awaits: z.string(), count, since: instantOut }))
      .openapi({ description: "Messages that are kept and wait, by what for" }),
  })
  .openapi("DeviceHealth");

const instant = (ms: number | null) => (ms === null ? null : iso(ms));
const reading = (given: { value: number; timeMs: number } | null) =>
  given && { value: given.value, time: iso(given.timeMs) };

function shown(health: DeviceHealth) {
  const { presence, battery, signal, messages, readings, duplicates, hours, gaps, rejects, waiting } = health;
  return {
    ...{ presence, messages, readings, duplicates },
    missedFrom: instant(health.missedFromMs),
    lastHeardAt: instant(health.lastHeardMs),
    gapsFrom: instant(health.gapsFromMs),
    intervalSeconds: health.intervalS,
    clockSkewSeconds: health.clockSkewS,
    battery: reading(battery),
    signal: reading(signal),
    hours: hours.map(({ startMs, ...hour }) => ({ start: iso(startMs), ...hour })),
    gaps: gaps.map(({ fromMs, toMs }) => ({ start: iso(fromMs), end: iso(toMs) })),
    rejects: rejects.map(({ lastMs, ...reject }) => ({ ...reject, lastAt: iso(lastMs) })),
    waiting: waiting.map(({ sinceMs, ...one }) => ({ ...one, since: iso(sinceMs) })),
  };
}

export const healthOperations = [
  operation({
    id: "listPresences",
    method: "GET",
    path: "/sites/{id}/presences",
    tag: "Devices",
    summary: "Which devices of a site are heard, and which are silent or offline, in the order of `listDevices`",
    permission: "site.read",
    params: z.object({ id: siteId }),
    query: z.strictObject(listPaging),
    response: listOf(z.object({ deviceId, ...presence }).openapi("Presence")),
    async handle({ organizationId, params: { id }, query }) {
      await requiredSite(organizationId, id);
      const heard = await presences(organizationId, id, Date.now());
      const devices = await listDevices(organizationId, { siteId: id });
      const found = devices.flatMap(({ id: deviceId }) => {
        const of = heard.get(deviceId);
        if (!of) return [];
        const { presence, missedFromMs, lastHeardMs } = of;
        return [{ deviceId, presence, missedFrom: instant(missedFromMs), lastHeardAt: instant(lastHeardMs) }];
      });
      return cut(found, query, (item) => item.deviceId);
    },
  }),
  operation({
    id: "getDeviceHealth",
    method: "GET",
    path: "/devices/{id}/health",
    tag: "Devices",
    summary: "How a device does: its presence, rhythm, messages, gaps, clock, and what was refused, of 7 days",
    permission: "site.read",
    params: deviceParams,
    response: HealthSchema,
    async handle({ organizationId, params: { id } }) {
      await requiredDevice(organizationId, id);
      const health = await deviceHealth(organizationId, id, Date.now());
      if (!health) throw notFound("device");
      return shown(health);
    },
  }),
];
