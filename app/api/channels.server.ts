import { z } from "zod";
import { getChannel, listChannels, updateChannel, type ChannelPatch, type ChannelRow } from "../../db/channels.ts";
import { readingsOf, statesOf } from "../../db/readings.ts";
import { directions, kinds, media, quantities, reportings, roles, stamps } from "../../domain/channel.ts";
import { unitPatch } from "../device/channel-change.server.ts";
import { decodeCursor, encodeCursor, iso, listOf, operation, page, paging, time } from "./operation.server.ts";
import { ApiProblem, notFound } from "./problem.server.ts";
import { channelSteps } from "./series.server.ts";
import { defined } from "./sites.server.ts";

const channel = z
  .object({
    id: z.string(),
    deviceId: z.uuid(),
    siteId: z.uuid(),
    key: z.string(),
    name: z.string(),
    metric: z.string(),
    tags: z.record(z.string(), z.string()),
    medium: z.enum(media),
    quantity: z.enum(quantities),
    kind: z.enum(kinds),
    unit: z.string().nullable(),
    unitAssumed: z.boolean().describe("The sender did not say the unit; the canonical one was taken"),
    direction: z.enum(directions).nullable(),
    role: z.enum(roles),
    isPrimary: z.boolean().describe("It counts for its flow"),
    parentId: z.string().nullable(),
    stamp: z.enum(stamps),
    reporting: z.enum(reportings),
    expectedIntervalS: z.number().nullable(),
    maxGapS: z.number().nullable(),
    latest: z.object({ time: z.iso.datetime(), value: z.union([z.number(), z.string()]) }).nullable(),
  })
  .meta({ id: "Channel" });

const id = z.object({ id: z.string() });
const range = z.object({ from: time, to: time });
const longest = 10_000;

function asJson(row: ChannelRow): z.input<typeof channel> {
  const { id: number, deviceId, siteId, key, name, metric, tags, medium, quantity, kind, unit, unitAssumed, direction, role, isPrimary, parentId } = row;
  const { stamp, reporting, expectedIntervalS, maxGapS, latest } = row;
  return {
    ...{ id: String(number), deviceId, siteId, key, name, metric, tags, medium, quantity, kind, unit, unitAssumed, direction, role, isPrimary },
    ...{ stamp, reporting, expectedIntervalS, maxGapS },
    parentId: parentId === null ? null : String(parentId),
    latest: latest && { time: iso(latest.timeMs), value: latest.value },
  };
}

async function find(organizationId: string, text: string): Promise<ChannelRow> {
  const found = /^\d{1,10}$/.test(text) ? await getChannel(organizationId, Number(text)) : null;
  if (!found) throw notFound("channel");
  return found;
}

const change = z
  .strictObject({
    name: z.string().max(100),
    medium: z.enum(media),
    quantity: z.enum(quantities),
    kind: z.enum(kinds),
    unit: z.string().max(20).describe("The unit of what the device sends, such as kW; what is stored is read anew"),
    direction: z.enum(directions).nullable(),
    role: z.enum(roles),
    isPrimary: z.boolean(),
    stamp: z.enum(stamps),
    reporting: z.enum(reportings),
    expectedIntervalS: z.number().positive().max(31_622_400).nullable(),
    maxGapS: z.number().positive().max(31_622_400).nullable(),
    maxPowerW: z.number().positive().nullable(),
    registerMax: z.number().positive().nullable(),
    restartsDaily: z.boolean(),
  })
  .partial();

function patchOf(before: ChannelRow, { unit, ...rest }: z.output<typeof change>): ChannelPatch {
  const quantity = rest.quantity ?? before.quantity;
  if (unit === undefined && quantity === before.quantity) return defined(rest);
  const units = unitPatch(quantity, unit ?? "");
  if (!units.ok) throw new ApiProblem(400, units.error, { errors: [{ path: "unit", message: units.error }] });
  return { ...defined(rest), ...units.patch };
}

export const channelOperations = [
  operation({
    method: "GET",
    path: "/channels",
    id: "listChannels",
    summary: "The channels of a device, of a site, or all",
    scope: "read",
    query: paging.extend({ deviceId: z.string().optional(), siteId: z.string().optional() }),
    status: 200,
    response: listOf(channel),
    handle: async ({ organizationId, query }) => page((await listChannels(organizationId, { deviceId: query.deviceId, siteId: query.siteId })).map(asJson), query),
  }),
  operation({
    method: "GET",
    path: "/channels/{id}",
    id: "getChannel",
    summary: "One channel with its newest value",
    scope: "read",
    params: id,
    status: 200,
    response: channel,
    handle: async ({ organizationId, params }) => asJson(await find(organizationId, params.id)),
  }),
  operation({
    method: "PATCH",
    path: "/channels/{id}",
    id: "updateChannel",
    summary: "Corrects what a channel is; what is stored of it is read anew",
    scope: "write",
    params: id,
    body: change,
    status: 200,
    response: channel,
    handle: async ({ organizationId, params, body }) => {
      const before = await find(organizationId, params.id);
      const after = await updateChannel(organizationId, before.id, patchOf(before, body));
      if (!after) throw notFound("channel");
      return asJson(after);
    },
  }),
  operation({
    method: "GET",
    path: "/channels/{id}/readings",
    id: "listReadings",
    summary: "The readings in [from, to), ascending, in the channel's unit",
    scope: "read",
    params: id,
    query: range.extend({ limit: z.coerce.number().int().min(1).max(longest).default(1_000), cursor: paging.shape.cursor }),
    status: 200,
    response: listOf(z.object({ time: z.iso.datetime(), value: z.union([z.number(), z.string()]) })),
    handle: async ({ organizationId, params, query }) => {
      const found = await find(organizationId, params.id);
      const fromMs = query.cursor === undefined ? Date.parse(query.from) : decodeCursor(query.cursor);
      const read = found.kind === "state" ? statesOf : readingsOf;
      const rows = await read(organizationId, found.id, { fromMs, toMs: Date.parse(query.to), limit: query.limit + 1 });
      const next = rows[query.limit];
      const items = rows.slice(0, query.limit).map(({ timeMs, value }) => ({ time: iso(timeMs), value }));
      return { items, nextCursor: next ? encodeCursor(next.timeMs) : null };
    },
  }),
  operation({
    method: "GET",
    path: "/channels/{id}/series",
    id: "getSeries",
    summary: "Energy and means by steps in the site's zone; from inclusive, to exclusive, edges cut and not widened",
    scope: "read",
    params: id,
    query: range.extend({
      step: z.enum(["15m", "hour", "day", "month", "year"]),
      limit: z.coerce.number().int().min(1).max(longest).default(1_000),
      cursor: paging.shape.cursor,
    }),
    status: 200,
    response: listOf(
      z.object({
        start: z.iso.datetime(),
        end: z.iso.datetime(),
        energyKwh: z.number().optional(),
        reverseKwh: z.number().optional(),
        estimatedKwh: z.number().optional(),
        mean: z.number().nullable().optional(),
        min: z.number().nullable().optional(),
        max: z.number().nullable().optional(),
        completeness: z.number().min(0).max(1),
      }),
    ),
    handle: async ({ organizationId, params, query }) => {
      const found = await find(organizationId, params.id);
      const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
      if (fromMs >= toMs) throw new ApiProblem(400, "from must be before to.", { errors: [{ path: "query.from", message: "must be before to" }] });
      return channelSteps(organizationId, found, { fromMs: query.cursor === undefined ? fromMs : decodeCursor(query.cursor), toMs, step: query.step, limit: query.limit });
    },
  }),
];
