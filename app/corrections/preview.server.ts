import { asOrganization } from "../../db/as-organization.ts";
import { learnedOf } from "../../db/cadence.ts";
import type { Sql } from "../../db/client.ts";
import type { CorrectionInForce } from "../../db/corrections.ts";
import { readingsAroundRange } from "../../db/readings.ts";
import { rollUpChannels, type RollUpChannel } from "../../db/roll-up.ts";
import { correct, stretchOf, type Correction } from "../../domain/energy/corrections.ts";
import type { EventType } from "../../domain/energy/event.ts";
import { addLocalDays, localSteps, startOfLocalDay } from "../../domain/local-time/steps.ts";
import type { Reading } from "../../domain/reading.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import { compose, type Composed } from "../../domain/rollup/compose.ts";
import { foldStretch, type Folded, type Stretch } from "./fold-stretch.server.ts";

/** A figure of a channel for a day or a whole window: energy where it has one, else its mean; null: nothing is known. */
export interface Change {
  startMs: number;
  endMs: number;
  before: number | null;
  after: number | null;
}

/** What a change would change, before it is made. Nothing is stored. */
export interface Preview {
  /** What was computed. */
  fromMs: number;
  toMs: number;
  /** The change reaches further than what was computed. */
  isCut: boolean;
  figure: "energy" | "mean";
  unit: string | null;
  total: Change;
  /** The local days whose figure changes. */
  days: Change[];
  /** How many quarter-hours change. */
  buckets: number;
  /** What lies before it stays as it is, whatever is changed; null: nothing is frozen. */
  frozenBeforeMs: number | null;
  /** What the register did, before and after. */
  events: { before: ShownEvent[]; after: ShownEvent[] };
}

export interface ShownEvent {
  type: EventType;
  timeMs: number;
}

const dayMs = 86_400_000;
/** A preview folds at most this much, whatever the change touches. */
export const previewDays = 60;
const mostReadings = 300_000;
const outageDays = 31;

/** What a channel's figures become with one correction more, or without one that holds. null: there is no such channel. */
export function previewCorrection(
  organizationId: string,
  channelId: number,
  change: { add: Correction } | { undoId: string },
): Promise<Preview | null> {
  return asOrganization(organizationId, async (sql) => {
    const channel = (await rollUpChannels(sql, [channelId])).get(channelId);
    if (!channel) return null;
    const { corrections } = channel;
    const touched = "add" in change ? change.add : corrections.find(({ id }) => id === change.undoId);
    if (!touched) return null;
    const after: CorrectionInForce[] =
      "add" in change ? [...corrections, { id: "", ...change.add }] : corrections.filter((c) => c !== touched);
    const { judgements, replacements } = correct([], after);
    const window = await touchedWindow(sql, channel, touched);
    const changed: RollUpChannel = { ...channel, corrections: after, judgements, replacements };
    return compared(channel, window, [
      await foldStretch(sql, channel, window),
      await foldStretch(sql, changed, window),
    ]);
  });
}

type PreviewWindow = Stretch & { isCut: boolean };

/** The local days of the readings that a correction touches, and of those beside it. */
async function touchedWindow(sql: Sql, channel: RollUpChannel, correction: Correction): Promise<PreviewWindow> {
  const { fromMs, toMs } = stretchOf(correction);
  const most = await affordableMs(sql, channel, toMs);
  const shownFromMs = Math.max(fromMs, toMs - most);
  const at = { fromMs: shownFromMs, toMs: shownFromMs, ahead: 1 };
  const [before] = await readingsAroundRange(sql, channel.id, at);
  const after = (await readingsAroundRange(sql, channel.id, { fromMs: toMs, toMs, ahead: 8 })).at(-1);
  const { timezone } = channel;
  const firstMs = Math.max(Math.min(before?.timeMs ?? fromMs, shownFromMs), shownFromMs - outageDays * dayMs);
  const lastMs = Math.min(Math.max(after?.timeMs ?? toMs, toMs), toMs + outageDays * dayMs);
  return {
    fromMs: startOfLocalDay(timezone, firstMs),
    toMs: addLocalDays(timezone, startOfLocalDay(timezone, lastMs), 1),
    changedMs: fromMs,
    isCut: shownFromMs > fromMs,
  };
}

/** How much of a channel's time is folded at once: by how often it sends. */
async function affordableMs(sql: Sql, channel: RollUpChannel, aboutMs: number): Promise<number> {
  const learned = (await learnedOf(sql, channel.id, { fromMs: aboutMs, toMs: aboutMs })).at(-1);
  const intervalS = channel.expectedIntervalS ?? learned?.intervalS ?? 60;
  return Math.min(previewDays * dayMs, Math.max(dayMs, mostReadings * intervalS * 1000));
}

/** What of a channel a person may change so that its stored readings mean something else. */
export type Meaning = Partial<
  Pick<
    RollUpChannel,
    | "kind" | "quantity" | "unit" | "scale" | "shift" | "direction" | "stamp" | "reporting" | "timezone"
    | "expectedIntervalS" | "maxGapS" | "maxPowerW" | "registerMax" | "restartsDaily"
  >
>; // prettier-ignore

/** What the last days of a channel (at most 60, up to its newest reading) become where it is another kind, unit, direction or stamp. */
export function previewMeaning(
  organizationId: string,
  channelId: number,
  meaning: Meaning,
  nowMs: number,
): Promise<Preview | null> {
  return asOrganization(organizationId, async (sql) => {
    const channel = (await rollUpChannels(sql, [channelId])).get(channelId);
    if (!channel || channel.kind === "state") return null;
    const at = { fromMs: nowMs, toMs: nowMs, ahead: 1 };
    const newestMs = (await readingsAroundRange(sql, channelId, at))[0]?.timeMs ?? nowMs;
    const toMs = addLocalDays(channel.timezone, startOfLocalDay(channel.timezone, newestMs), 1);
    const shownFromMs = startOfLocalDay(channel.timezone, toMs - (await affordableMs(sql, channel, newestMs)));
    const fromMs = Math.min(toMs, Math.max(shownFromMs, channel.frozenBeforeMs));
    const window = { fromMs, toMs, changedMs: fromMs, isCut: fromMs === shownFromMs };
    const changed: RollUpChannel = { ...channel, ...meaning };
    const convert = (readings: Reading[]) =>
      readings.map((r) => ({ ...r, value: convertValue(r.value, channel, changed) }));
    return compared(changed, window, [
      await foldStretch(sql, channel, window),
      await foldStretch(sql, changed, window, convert),
    ]);
  });
}

type Scaled = Pick<RollUpChannel, "scale" | "shift">;

function convertValue(value: number, from: Scaled, to: Scaled): number {
  if (from.scale === to.scale && from.shift === to.shift) return value;
  return ((value - from.shift) / from.scale) * to.scale + to.shift;
}

function compared(channel: RollUpChannel, window: PreviewWindow, [before, after]: [Folded, Folded]): Preview {
  const { fromMs, toMs, isCut } = window;
  const figure = hasEnergy(channel) ? "energy" : "mean";
  const days = localSteps(channel.timezone, "day", fromMs, toMs);
  const [daysBefore, daysAfter] = [compose(before.buckets, days), compose(after.buckets, days)];
  const [whole] = [[{ startMs: fromMs, endMs: toMs }]];
  const figureOf = (step: Composed | undefined) => {
    if (!step || step.coveredS === 0) return figure === "energy" ? (step?.energyKwh ?? 0) : null;
    return figure === "energy" ? step.energyKwh - step.reverseKwh : step.mean;
  };
  const changes = days.map((day, i) => ({
    ...day,
    before: figureOf(daysBefore[i]),
    after: figureOf(daysAfter[i]),
  }));
  return {
    ...{ fromMs, toMs, isCut, figure, unit: channel.unit },
    frozenBeforeMs: Number.isFinite(channel.frozenBeforeMs) ? channel.frozenBeforeMs : null,
    total: {
      ...whole[0]!,
      before: figureOf(compose(before.buckets, whole)[0]),
      after: figureOf(compose(after.buckets, whole)[0]),
    },
    days: changes.filter((day) => day.before !== day.after),
    buckets: after.buckets.filter((bucket, i) => differs(bucket, before.buckets[i])).length,
    events: { before: before.events.map(shownEvent), after: after.events.map(shownEvent) },
  };
}

const shownEvent = ({ type, timeMs }: ShownEvent): ShownEvent => ({ type, timeMs });

const hasEnergy = ({ kind, quantity }: RollUpChannel) =>
  kind === "counter" || kind === "delta" || (kind === "gauge" && quantity === "power");

const compareKeys = ["energyKwh", "reverseKwh", "estimatedKwh", "coveredS", "mean"] as const;
const differs = (a: Bucket, b: Bucket | undefined): boolean => !b || compareKeys.some((key) => a[key] !== b[key]);
