import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import {
  addCorrection,
  correctionsPage,
  getCorrection,
  undoCorrection,
  type Act,
  type MadeCorrection,
} from "../../db/corrections.ts";
import { eventsOf } from "../../db/meter-events.ts";
import type { Correction } from "../../domain/energy/corrections.ts";
import { eventTypes, type MeterEvent } from "../../domain/energy/event.ts";
import { judgements } from "../../domain/energy/judgement.ts";
import { faultOf } from "../corrections/check.ts";
import { explain, longestWindowMs, type Explanation } from "../corrections/explain.server.ts";
import { channelParams, requiredChannel, windowOf } from "./channels.server.ts";
import { afterNumber, cursorOfInstant, cursorOfNumber, fromInstant } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantIn, instantOut, iso, isoOrNull, listOf, listPaging, paging, reason } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const whats = ["exclude", "scale", "reading", "judge", "replace"] as const;
const number = z.number().min(-1e15).max(1e15);
const inUnit = { description: "In the channel's unit" };

const fields = {
  what: z.enum(whats).openapi({
    description:
      "exclude: readings of a range are as if they had not been sent; scale: they are value x factor; reading: one that a person took; judge: what the reading at a time is; replace: another meter counts from a time on",
  }),
  from: instantIn.optional().openapi({ description: "Of exclude and scale: inclusive" }),
  to: instantIn.optional().openapi({ description: "Of exclude and scale: exclusive" }),
  at: instantIn.optional().openapi({ description: "Of reading, judge and replace" }),
  factor: z.number().optional().openapi({ description: "Of scale" }),
  value: number.optional().openapi({ description: "Of reading; in the channel's unit" }),
  as: z.enum(judgements).optional().openapi({ description: "Of judge; rise: it is real, however fast it was" }),
  finalValue: number.nullish().openapi({ description: "Of replace: what the old register showed; null: not read" }),
  firstValue: number.nullish().openapi({ description: "Of replace: what the new register showed; null: not read" }),
};

export const NewCorrectionSchema = z.strictObject({ ...fields, reason: reason.default("") }).openapi("NewCorrection");
type Given = z.output<typeof NewCorrectionSchema>;

const ActSchema = z
  .object({
    author: z.string().nullable().openapi({ description: "null: a program, or no member any more" }),
    at: instantOut,
    reason: z.string(),
  })
  .openapi("Act");

const CorrectionSchema = z
  .object({
    id: z.string(),
    channelId: z.string(),
    ...fields,
    from: instantOut.optional(),
    to: instantOut.optional(),
    at: instantOut.optional(),
    made: ActSchema,
    undone: z.union([ActSchema, z.null()]).openapi({ description: "null: it holds" }),
  })
  .openapi("Correction", { description: "Never changed: an undone one stays, with who undid it" });

export const EventSchema = z
  .object({
    type: z.enum(eventTypes),
    time: instantOut.openapi({ description: "Of the first wrong or new reading" }),
    before: z.number().openapi(inUnit),
    after: z.number().openapi(inUnit),
    counted: z.number().openapi({ description: "What the jump itself counted" }),
    confirmedAt: instantOut.nullable().openapi({ description: "The reading that decided it; null: none has" }),
    byPerson: z.boolean(),
  })
  .openapi("MeterEvent", { description: "What a register did besides counting up" });

const ReadingSchema = z.object({ time: instantOut, value: z.number() }).nullable();
const PieceSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    from: ReadingSchema.openapi({ description: "The reading at its start, or the one that says it" }),
    to: ReadingSchema,
    how: z.enum(["register", "line", "held", "amount"]),
    turned: z.number().nullable().openapi({ description: "What the register turned in all of it" }),
    known: z.boolean(),
    energyKwh: z.number().openapi({ description: "Inside the window; the pieces add up to the total" }),
    reverseKwh: z.number(),
    estimatedKwh: z.number(),
    laidBy: z.enum(["gauge", "profile", "line"]).nullable().openapi({ description: "Of an estimate; null: measured" }),
  })
  .openapi("Piece");

const ExplanationSchema = z
  .object({
    start: instantOut,
    end: instantOut,
    total: z.object({
      energyKwh: z.number(),
      reverseKwh: z.number(),
      estimatedKwh: z.number(),
      mean: z.number().nullable(),
      completeness: z.number(),
    }),
    frozenBefore: instantOut.nullable().openapi({
      description: "Readings before it are kept no longer, and some of the window lies there; null: none of it does",
    }),
    events: z.array(EventSchema),
    corrections: z.array(z.object({ id: z.string(), what: z.enum(whats) })),
    ignored: z.array(
      z.object({
        time: instantOut,
        value: z.number(),
        why: z.enum(["excluded", "scaled", "replaced by hand", "glitch", "jitter", "pending"]),
        counted: z.number().nullable().openapi({ description: "What counts in its place; null: nothing" }),
      }),
    ),
    items: z.array(PieceSchema),
    nextCursor: z.string().nullable(),
  })
  .openapi("Explanation", { description: "The readings, events, estimates and arithmetic behind a figure" });

function shownAct({ author, atMs, reason }: Act) {
  return { author, at: iso(atMs), reason };
}

function shownCorrection({ id, channelId, correction, undone, ...act }: MadeCorrection) {
  const base = { id, channelId: String(channelId), made: shownAct(act), undone: undone && shownAct(undone) };
  if ("fromMs" in correction) {
    const { fromMs, toMs, ...rest } = correction;
    return { ...base, ...rest, from: iso(fromMs), to: iso(toMs) };
  }
  const { atMs, ...rest } = correction;
  return { ...base, ...rest, at: iso(atMs) };
}

export const shownEvent = ({ type, timeMs, before, after, counted, confirmedMs, byPerson }: MeterEvent) => ({
  ...{ type, time: iso(timeMs), before, after, counted },
  ...{ confirmedAt: confirmedMs === null ? null : iso(confirmedMs), byPerson },
});

function shownExplanation({ total, ...found }: Explanation) {
  const { energyKwh, reverseKwh, estimatedKwh, mean, completeness } = total;
  const reading = (one: { timeMs: number; value: number } | null) => one && { time: iso(one.timeMs), value: one.value };
  return {
    start: iso(found.fromMs),
    end: iso(found.toMs),
    total: { energyKwh, reverseKwh, estimatedKwh, mean, completeness },
    frozenBefore: isoOrNull(found.frozenBeforeMs),
    events: found.events.map(shownEvent),
    corrections: found.corrections.map(({ id, what }) => ({ id, what })),
    ignored: found.ignored.map(({ timeMs, ...rest }) => ({ time: iso(timeMs), ...rest })),
    items: found.pieces.map(({ fromMs, toMs, from, to, isCovered, ...piece }) => ({
      ...piece,
      ...{ start: iso(fromMs), end: iso(toMs), from: reading(from), to: reading(to), known: isCovered },
    })),
    nextCursor: cursorOfInstant(found.nextMs),
  };
}

/** Instants may have microseconds, which `Date` would cut off. */
function instantMs(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const micros = Number(fraction.slice(3, 6).padEnd(3, "0"));
  return Date.parse(text) + micros / 1000;
}

/** @throws Problem 400: a field is missing. */
function correctionOf(given: Given): Correction {
  const need = <K extends keyof Given>(field: K): NonNullable<Given[K]> => {
    const value = given[field];
    if (value !== undefined && value !== null) return value;
    const message = `expected with ${given.what}`;
    throw new Problem(400, `The correction lacks ${field}.`, { errors: [{ path: field, message }] });
  };
  const range = () => ({ fromMs: instantMs(need("from")), toMs: instantMs(need("to")) });
  const at = () => ({ atMs: instantMs(need("at")) });
  switch (given.what) {
    case "exclude":
      return { what: given.what, ...range() };
    case "scale":
      return { what: given.what, ...range(), factor: need("factor") };
    case "reading":
      return { what: given.what, ...at(), value: need("value") };
    case "judge":
      return { what: given.what, ...at(), as: need("as") };
    case "replace":
      return { what: given.what, ...at(), finalValue: given.finalValue ?? null, firstValue: given.firstValue ?? null };
  }
}

/** @throws Problem 400: a field is missing, or does not fit the channel. */
export function fittingCorrection(channel: Pick<ChannelRow, "kind" | "frozenBeforeMs">, body: Given): Correction {
  const correction = correctionOf(body);
  const fault = faultOf(channel, correction, Date.now());
  if (!fault) return correction;
  const path = fault.field === "from" && !("fromMs" in correction) ? "at" : fault.field;
  const errors = [{ path, message: fault.message }];
  throw new Problem(400, `The correction does not fit the channel: ${fault.message}.`, { errors });
}

export const correctionOperations = [
  operation({
    id: "listCorrections",
    method: "GET",
    path: "/channels/{id}/corrections",
    tag: "Channels",
    summary: "What people corrected of a channel's readings, newest first, undone ones among them",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject(listPaging),
    response: listOf(CorrectionSchema),
    async handle({ organizationId, params: { id }, query: { limit, cursor } }) {
      const before = afterNumber(cursor);
      const channel = await requiredChannel(organizationId, id);
      const { items, next } = await correctionsPage(organizationId, channel.id, { before, limit });
      return { items: items.map(shownCorrection), nextCursor: cursorOfNumber(next) };
    },
  }),
  operation({
    id: "createCorrection",
    method: "POST",
    path: "/channels/{id}/corrections",
    tag: "Channels",
    summary: "Correct readings of a channel, or what they mean",
    description: "The readings stay as they were sent; only what the correction touches is computed anew.",
    permission: "channel.change",
    params: channelParams,
    body: NewCorrectionSchema,
    status: 201,
    response: CorrectionSchema,
    location: ({ id }) => `/corrections/${id}`,
    async handle({ organizationId, params: { id }, body }) {
      const channel = await requiredChannel(organizationId, id);
      const correction = fittingCorrection(channel, body);
      const given = { correction, reason: body.reason, userId: null };
      return shownCorrection(await addCorrection(organizationId, channel.id, given));
    },
  }),
  operation({
    id: "getCorrection",
    method: "GET",
    path: "/corrections/{id}",
    tag: "Channels",
    summary: "A correction",
    permission: "site.read",
    params: channelParams,
    response: CorrectionSchema,
    async handle({ organizationId, params: { id } }) {
      const found = await getCorrection(organizationId, id);
      if (!found) throw notFound("correction");
      return shownCorrection(found);
    },
  }),
  operation({
    id: "undoCorrection",
    method: "POST",
    path: "/corrections/{id}/undo",
    tag: "Channels",
    summary: "Undo a correction: what it touched is again as it was",
    permission: "channel.change",
    params: channelParams,
    body: z.strictObject({ reason: reason.default("") }).openapi("Undoing"),
    response: CorrectionSchema,
    problems: [409],
    async handle({ organizationId, params: { id }, body }) {
      const undone = await undoCorrection(organizationId, id, { ...body, userId: null });
      if (undone === "not-found") throw notFound("correction");
      if (undone === "frozen") throw new Problem(409, "It is about readings that the organization keeps no longer.");
      if (undone === "undone-before") throw new Problem(409, "This correction was undone before.");
      return shownCorrection(undone);
    },
  }),
  operation({
    id: "listEvents",
    method: "GET",
    path: "/channels/{id}/events",
    tag: "Channels",
    summary: "What a register did besides counting up, ascending",
    description: "`from` inclusive, `to` exclusive. At most 10,000 in one answer.",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject({ from: instantIn, to: instantIn, ...paging(10_000, 1_000) }),
    response: listOf(EventSchema),
    async handle({ organizationId, params: { id }, query: { from, to, limit, cursor } }) {
      const { fromMs, toMs } = windowOf(from, to);
      const channel = await requiredChannel(organizationId, id);
      const range = { fromMs: Math.max(fromMs, fromInstant(cursor) ?? fromMs), toMs, limit: limit + 1 };
      const events = await asOrganization(organizationId, async (sql) => (await eventsOf(sql, [channel.id], range)).get(channel.id) ?? []); // prettier-ignore
      return {
        items: events.slice(0, limit).map(shownEvent),
        nextCursor: cursorOfInstant(events[limit]?.timeMs ?? null),
      };
    },
  }),
  operation({
    id: "explainChannel",
    method: "GET",
    path: "/channels/{id}/explain",
    tag: "Channels",
    summary: "Why a figure is what it is",
    description:
      "The window's total, and page by page the pieces that it is made of (`limit`: readings per page): between which readings, measured or estimated. Pieces of all pages add up to the total. At most 400 days.",
    permission: "site.read",
    params: channelParams,
    query: z.strictObject({ from: instantIn, to: instantIn, ...paging(2_000, 500) }),
    response: ExplanationSchema,
    async handle({ organizationId, params: { id }, query: { from, to, limit, cursor } }) {
      const { fromMs, toMs } = windowOf(from, to);
      if (toMs - fromMs > longestWindowMs) {
        const errors = [{ path: "to", message: "expected at most 400 days after from" }];
        throw new Problem(400, "The window is longer than 400 days.", { errors });
      }
      const startMs = Math.max(fromMs, fromInstant(cursor) ?? fromMs);
      const channel = await requiredChannel(organizationId, id);
      if (channel.kind === "state") throw new Problem(400, "A state has no figures: read its readings.");
      const found = await explain(organizationId, channel, { fromMs, toMs, startMs, limit });
      if (!found) throw notFound("channel");
      return shownExplanation(found);
    },
  }),
];
