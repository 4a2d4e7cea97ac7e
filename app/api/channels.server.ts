import { readAsOrganization } from "../../db/as-organization.ts";
import {
  channelOf,
  channelsPage,
  deleteChannel,
  updateChannel,
  type ChannelPatch,
  type ChannelRow,
} from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { getDevice } from "../../db/devices.ts";
import { readingsWithin, statesWithin } from "../../db/readings.ts";
import { correctChannel, storedUnit, type CorrectionFault } from "../../domain/channel-correction.ts";
import { phases } from "../../domain/channel.ts";
import { stepNames } from "../../domain/local-time/steps.ts";
import type { SeriesStep } from "../../domain/rollup/compose.ts";
import { afterNumber, cursorOfInstant, cursorOfNumber, fromInstant } from "./cursor.server.ts";
import { channelMeter } from "../../domain/site/meter.ts";
import { deviceId, requireSite } from "./devices.server.ts";
import { frozenFault } from "../site-settings/channel-meaning.server.ts";
import { fixed, type JsonWriter } from "./json-writer.server.ts";
import { operation } from "./operation.server.ts";
import { place, placeFields, shownPlace } from "./places.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import {
  frozenBeforeOut,
  instantIn,
  instantOut,
  iso,
  isoOrNull,
  listOf,
  listPaging,
  timePaging,
  words,
} from "./schemas.server.ts";
import { seriesPage } from "./series.server.ts";
import { siteId } from "./sites.server.ts";
import { writtenList } from "./written-list.server.ts";
import { z } from "./zod.server.ts";

export const channelParams = z.object({ id: z.string() });
const value = z.union([z.number(), z.string()]).openapi({ description: "In the channel's unit; a text for states" });
const seconds = z
  .number()
  .positive()
  .max(366 * 86_400);

const limit = z.number().min(-1e15).max(1e15);
const tariffRegister = z
  .string()
  .trim()
  .regex(/^[\w.-]{1,20}$/, "expected a short name such as t1");

const rules = {
  expectedIntervalSeconds: seconds.nullable().openapi({ description: "Between readings; null: learned" }),
  maxGapSeconds: seconds
    .nullable()
    .openapi({ description: "A longer silence is a gap; null: 5 intervals, at least 10 minutes" }),
  maxPowerW: z.number().positive().nullable().openapi({ description: "Fuse size: what a register cannot exceed" }),
  registerMax: z.number().positive().nullable().openapi({ description: "Where a register starts again from 0" }),
  restartsDaily: z.boolean(),
  phase: z.enum(phases).nullable().openapi({ description: "The conductor that it measures; null: all of them" }),
  tariffRegister: tariffRegister
    .nullable()
    .openapi({ description: "t1, t2 …: counts in the hours of one tariff only" }),
  minValue: limit.nullable().openapi({ description: "A reading below is refused; in the channel's unit" }),
  maxValue: limit.nullable().openapi({ description: "A reading above is refused; in the channel's unit" }),
};

export const ChannelSchema = z
  .object({
    id: z.string(),
    deviceId,
    siteId,
    key: z.string().openapi({ description: "Metric and tags: what identifies it within its device" }),
    metric: z.string(),
    tags: z.record(z.string(), z.string()),
    name: z.string().openapi({ description: "What a person called it; empty: nobody has" }),
    ...{ medium: words.medium, quantity: words.quantity, kind: words.kind },
    unit: z.string().nullable().openapi({ description: "Of every value in this API; null: not known" }),
    storedUnit: z.string().nullable().openapi({ description: "The unit of what the device sends" }),
    unitAssumed: z.boolean().openapi({ description: "The device did not say its unit" }),
    direction: words.direction.nullable(),
    role: words.role,
    isPrimary: z.boolean().openapi({ description: "It counts in its site's totals" }),
    ...placeFields,
    ...{ stamp: words.stamp, reporting: words.reporting },
    ...rules,
    frozenBefore: frozenBeforeOut,
    latest: z.object({ time: instantOut, value, receivedAt: instantOut }).nullable(),
  })
  .openapi("Channel");

export const ChannelPatchSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .max(100)
      .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "expected a text without control characters"),
    ...{ medium: words.medium, quantity: words.quantity, kind: words.kind },
    unit: z
      .string()
      .trim()
      .min(1)
      .max(32)
      .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), "expected a unit such as kW")
      .nullable()
      .openapi({
        description: "The unit that the device sends: kW makes the stored 1.5 read as 1500 W. null: unknown",
      }),
    direction: words.direction.nullable(),
    role: words.role,
    isPrimary: z.boolean(),
    ...placeFields,
    ...{ stamp: words.stamp, reporting: words.reporting },
    ...rules,
    acceptFrozen: z.boolean().openapi({
      description:
        "Where raw readings are kept no longer, what was computed of them is frozen: with true it stays as it is, and what comes after changes. Without it, such a change is refused with 409, and a change of quantity or unit always is",
    }),
  })
  .partial()
  .openapi("ChannelPatch");

export const ReadingSchema = z.object({ time: instantOut, value }).openapi("Reading");

const StepSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    energyKwh: z
      .number()
      .optional()
      .openapi({ description: "Forward energy; in the channel's unit where that is not kWh" }),
    reverseKwh: z.number().optional().openapi({ description: "Of a channel with direction both" }),
    estimatedKwh: z.number().optional().openapi({ description: "The part of energyKwh that was estimated" }),
    mean: z.number().optional().openapi({ description: "Of a gauge, weighted by time" }),
    min: z.number().optional(),
    max: z.number().optional(),
    completeness: z.number().min(0).max(1).openapi({ description: "Covered time through length" }),
  })
  .openapi("SeriesStep");

export function shownChannel(row: ChannelRow) {
  const { deviceId, siteId, key, metric, tags, name, medium, quantity, kind, unit, unitAssumed } = row;
  const { direction, role, isPrimary, stamp, reporting, maxPowerW, registerMax, restartsDaily, latest } = row;
  const { phase, tariffRegister, minValue, maxValue, frozenBeforeMs } = row;
  return {
    ...{ id: String(row.id), deviceId, siteId, key, metric, tags, name, medium, quantity, kind },
    ...{ unit, storedUnit: storedUnit(row), unitAssumed, direction, role, isPrimary, stamp, reporting },
    ...shownPlace(row),
    expectedIntervalSeconds: row.expectedIntervalS,
    maxGapSeconds: row.maxGapS,
    ...{ maxPowerW, registerMax, restartsDaily, phase, tariffRegister, minValue, maxValue },
    frozenBefore: isoOrNull(frozenBeforeMs),
    latest: latest && { time: iso(latest.timeMs), value: latest.value, receivedAt: iso(latest.receivedMs) },
  };
}

export function requiredChannel(organizationId: string, id: string): Promise<ChannelRow> {
  return readAsOrganization(organizationId, (sql) => channelWithin(sql, id));
}

/** The same inside a transaction that is open already. */
async function channelWithin(sql: Sql, id: string): Promise<ChannelRow> {
  const channel = /^\d{1,10}$/.test(id) ? await channelOf(sql, Number(id)) : null;
  if (!channel) throw notFound("channel");
  return channel;
}

const apiNames: Record<string, string> = { expectedIntervalS: "expectedIntervalSeconds", maxGapS: "maxGapSeconds" };

function refusal(faults: readonly CorrectionFault[]): Problem {
  const errors = faults.map(({ field, message }) => ({ path: apiNames[field] ?? field, message }));
  return new Problem(400, `The correction does not fit the channel: ${errors[0]!.message}.`, { errors });
}

/** What a channel becomes by a person's correction. @throws Problem 400 that names each field. */
export function correctedBy(channel: ChannelRow, given: z.output<typeof ChannelPatchSchema>): ChannelPatch {
  const { expectedIntervalSeconds: expectedIntervalS, maxGapSeconds: maxGapS, ...rest } = given;
  const { parentId: _parent, groupId: _group, acceptFrozen: _accept, ...correction } = rest;
  const corrected = correctChannel(channel, { ...correction, expectedIntervalS, maxGapS });
  if (!corrected.ok) throw refusal(corrected.faults);
  return corrected.changes as ChannelPatch;
}

/** @throws Problem 409 where frozen buckets would be read as what they are not, or would stay without anybody's word. */
export function refuseFrozen(
  channel: ChannelRow,
  changes: ChannelPatch,
  { isAccepted }: { isAccepted: boolean },
): void {
  const fault = frozenFault(channel, changes);
  if (!fault || (fault.effect === "stays" && isAccepted)) return;
  const { message, effect } = fault;
  const path = effect === "refused" ? "unit" : "acceptFrozen";
  const how = effect === "refused" ? "" : " Send acceptFrozen: true where that is meant.";
  throw new Problem(409, `${message.charAt(0).toUpperCase()}${message.slice(1)}.${how}`, {
    errors: [{ path, message }],
  });
}

/** A window of time, epoch milliseconds. */
export function windowOf(from: string, to: string): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  if (fromMs < toMs) return { fromMs, toMs };
  const message = "expected a time after from";
  throw new Problem(400, "The window is empty: to is not after from.", { errors: [{ path: "to", message }] });
}

const [earliest, latest] = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"];
const microsecond = 0.001;

const fields = {
  ...{ time: fixed('{"time":'), value: fixed(',"value":'), end: fixed("}") },
  ...{ from: fixed('{"start":'), to: fixed(',"end":'), completeness: fixed(',"completeness":') },
  ...{ energy: fixed(',"energyKwh":'), estimated: fixed(',"estimatedKwh":'), reverse: fixed(',"reverseKwh":') },
  ...{ mean: fixed(',"mean":'), min: fixed(',"min":'), max: fixed(',"max":') },
};

async function readingsPage(
  sql: Sql,
  { id, kind }: ChannelRow,
  { limit, ...window }: { fromMs: number; toMs: number; limit: number },
) {
  const range = { ...window, limit: limit + 1 };
  if (kind === "state") {
    const states = await statesWithin(sql, id, range);
    const micros = states.map(({ timeMs }) => Math.round(timeMs * 1_000));
    return page(micros, (json, i) => json.value(states[i]!.value), limit);
  }
  const { micros, values } = await readingsWithin(sql, id, range);
  return page(micros, (json, i) => json.number(values[i]!), limit);
}

/** One item more than the limit was asked for. Times have microseconds: the next page begins one after the last of this. */
function page(micros: readonly number[], writeValue: (json: JsonWriter, i: number) => void, limit: number) {
  const next = micros.length > limit ? micros[limit - 1]! / 1_000 + microsecond : null;
  const write = (json: JsonWriter, i: number) => {
    json.part(fields.time);
    json.micros(micros[i]!);
    json.part(fields.value);
    writeValue(json, i);
    json.part(fields.end);
  };
  return writtenList<z.input<typeof ReadingSchema>>(Math.min(limit, micros.length), write, cursorOfInstant(next));
}

/** Writes what a step says of a channel: energy where it has one, a mean where it is a gauge. */
function stepWriter({ kind, quantity, direction }: ChannelRow): (json: JsonWriter, step: SeriesStep) => void {
  const hasEnergy = kind === "counter" || kind === "delta" || (kind === "gauge" && quantity === "power");
  return (json, step) => {
    json.part(fields.from);
    json.time(step.startMs);
    json.part(fields.to);
    json.time(step.endMs);
    json.part(fields.completeness);
    json.number(step.completeness);
    if (hasEnergy) {
      json.part(fields.energy);
      json.number(step.energyKwh);
      json.part(fields.estimated);
      json.number(step.estimatedKwh);
      if (direction === "both") {
        json.part(fields.reverse);
        json.number(step.reverseKwh);
      }
    }
    if (kind === "gauge" && step.mean !== null && step.min !== null && step.max !== null) {
      json.part(fields.mean);
      json.number(step.mean);
      json.part(fields.min);
      json.number(step.min);
      json.part(fields.max);
      json.number(step.max);
    }
    json.part(fields.end);
  };
}

export const channelOperations = [
  operation({
    id: "listChannels",
    method: "GET",
    path: "/channels",
    tag: "Channels",
    summary: "The channels, in order of creation",
    permission: "site.read",
    query: z.strictObject({ deviceId: deviceId.optional(), siteId: siteId.optional(), ...listPaging }),
    response: listOf(ChannelSchema),
    problems: [404],
    async handle({ organizationId, query: { deviceId, siteId, limit, cursor } }) {
      const after = afterNumber(cursor);
      await requireSite(organizationId, siteId);
      if (deviceId !== undefined && !(await getDevice(organizationId, deviceId))) throw notFound("device");
      const { items, next } = await channelsPage(organizationId, { deviceId, siteId, after, limit });
      return { items: items.map(shownChannel), nextCursor: cursorOfNumber(next) };
    },
  }),
  operation({
    id: "getChannel",
    method: "GET",
    path: "/channels/{id}",
    tag: "Channels",
    summary: "A channel with its newest value",
    permission: "site.read",
    params: channelParams,
    response: ChannelSchema,
    handle: async ({ organizationId, params: { id } }) => shownChannel(await requiredChannel(organizationId, id)),
  }),
  operation({
    id: "updateChannel",
    method: "PATCH",
    path: "/channels/{id}",
    tag: "Channels",
    summary: "Correct what a channel is; what is stored is read anew",
    description: "Where it becomes primary, the others of the same device and flow step back.",
    permission: "channel.change",
    params: channelParams,
    body: ChannelPatchSchema,
    response: ChannelSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      const changes = correctedBy(channel, body);
      const { parentId, groupId, acceptFrozen = false } = body;
      refuseFrozen(channel, changes, { isAccepted: acceptFrozen });
      await place(organizationId, channel.siteId, channelMeter(channel.id), { parentId, groupId });
      const after = await updateChannel(organizationId, channel.id, changes);
      if (!after) throw notFound("channel");
      return shownChannel(after);
    },
  }),
  operation({
    id: "deleteChannel",
    method: "DELETE",
    path: "/channels/{id}",
    tag: "Channels",
    summary: "Delete a channel with all its readings",
    description: "A device that goes on sending it gets a new, empty one.",
    permission: "device.delete",
    params: channelParams,
    async handle({ organizationId, params: { id } }) {
      const channel = await requiredChannel(organizationId, id);
      if (!(await deleteChannel(organizationId, channel.id))) throw notFound("channel");
    },
  }),
  operation({
    id: "listReadings",
    method: "GET",
    path: "/channels/{id}/readings",
    tag: "Channels",
    summary: "The readings as they came, ascending",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject({
      from: instantIn.default(earliest).openapi({ description: "Inclusive; default: the first reading" }),
      to: instantIn.default(latest).openapi({ description: "Exclusive; default: the last reading" }),
      ...timePaging,
    }),
    response: listOf(ReadingSchema),
    async handle({ organizationId, params: { id }, query: { from, to, limit, cursor } }) {
      const { fromMs, toMs } = windowOf(from, to);
      const startMs = Math.max(fromMs, fromInstant(cursor) ?? fromMs);
      return readAsOrganization(organizationId, async (sql) =>
        readingsPage(sql, await channelWithin(sql, id), { fromMs: startMs, toMs, limit }),
      );
    },
  }),
  operation({
    id: "listSeries",
    method: "GET",
    path: "/channels/{id}/series",
    tag: "Channels",
    summary: "Energy and means by steps of the site's local time",
    description:
      "`from` inclusive, `to` exclusive. Steps at the edges are cut, not widened, and hold the part inside. A day has 23, 24 or 25 hours. Empty steps are listed with completeness 0.",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject({ from: instantIn, to: instantIn, step: z.enum(stepNames), ...timePaging }),
    response: listOf(StepSchema),
    async handle({ organizationId, params: { id }, query: { from, to, step, limit, cursor } }) {
      const { fromMs, toMs } = windowOf(from, to);
      const startMs = Math.max(fromMs, fromInstant(cursor) ?? fromMs);
      const window = { fromMs: startMs, toMs, step, limit };
      const { channel, count, stepAt, nextMs } = await readAsOrganization(organizationId, async (sql) => {
        const found = await channelWithin(sql, id);
        if (found.kind === "state") throw new Problem(400, "A state has no series: read its readings.");
        return { channel: found, ...(await seriesPage(sql, found, window)) };
      });
      const write = stepWriter(channel);
      return writtenList<z.input<typeof StepSchema>>(
        count,
        (json, i) => write(json, stepAt(i)),
        cursorOfInstant(nextMs),
      );
    },
  }),
];
