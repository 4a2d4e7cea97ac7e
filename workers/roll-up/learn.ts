import {
  cadenceSample,
  cadenceSamples,
  hourlyPairs,
  lastReadings,
  saveVersions,
  versionsIn,
  versionsTouched,
  type ChannelDay,
  type HoursWanted,
  type Version,
} from "../../db/cadence.ts";
import type { Sql } from "../../db/client.ts";
import { mergeMarks, type Mark, type RollUpChannel } from "../../db/roll-up.ts";
import { learnInterval } from "../../domain/energy/cadence.ts";
import { isInterval, resolveGap } from "../../domain/energy/channel-config.ts";
import { rulesOf, type Rules } from "../../domain/energy/learned.ts";
import { median } from "../../domain/energy/median.ts";
import { isPaced, learnPace, resolveLimit } from "../../domain/energy/pace.ts";
import type { Reading } from "../../domain/reading.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * Learns each marked day anew: its interval from its first readings, so that a busy day is settled after a few minutes; a register's
 * pace from a pair of each hour, of which only the hours that changed are looked at. A day whose rule changed is marked as a whole: what was a hole may be measured now.
 * @returns the marks, widened.
 */
export async function learnRules(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  marks: readonly Mark[],
): Promise<Mark[]> {
  if (!marks.length) return [];
  const versions = await versionsTouched(sql, marks);
  const days = daysToLearn(channels, versions, marks);
  if (!days.length) return [...marks];
  const learned = await learnDays(sql, days);
  await saveVersions(
    sql,
    learned.filter(({ before, version }) => differs(before, version)).map(({ version }) => version),
  );
  const changed = learned.filter(({ version, before }) =>
    changesRule(channels.get(version.channelId)!, before, version),
  );
  const widened = changed.map(({ version: { channelId, dayMs: day } }) => ({
    channelId,
    fromMs: day,
    toMs: day + dayMs - 1,
  }));
  return widened.length ? sorted([...marks, ...widened]) : [...marks];
}

/** The rules of channels that are in force in some stretches of their time. */
export async function rulesIn(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  stretches: readonly Mark[],
): Promise<(channelId: number) => Rules> {
  const versions = await versionsIn(sql, stretches);
  const rules = new Map<number, Rules>();
  return (channelId) => {
    let own = rules.get(channelId);
    if (!own) rules.set(channelId, (own = rulesOf(channels.get(channelId)!, versions.get(channelId) ?? [])));
    return own;
  };
}

function sorted(marks: Mark[]): Mark[] {
  return mergeMarks(marks.sort((a, b) => a.channelId - b.channelId || a.fromMs - b.fromMs));
}

const isCadenceLearned = (channel: RollUpChannel) =>
  channel.expectedIntervalS === null && (channel.maxGapS === null || isInterval(channel));

/** A day to learn anew, and what of it: readings changed from `sinceMs` on. */
interface DayToLearn extends ChannelDay {
  before: Version | undefined;
  sinceMs: number;
  isPaceTouched: boolean;
}

/** The days whose samples a mark can have changed: those that it touches, and later ones that looked back as far. */
function daysToLearn(
  channels: Map<number, RollUpChannel>,
  versions: Map<number, Version[]>,
  marks: readonly Mark[],
): DayToLearn[] {
  const days = new Map<string, DayToLearn>();
  const add = (day: DayToLearn) => {
    const key = `${day.channelId} ${day.dayMs}`;
    const known = days.get(key);
    days.set(key, known ? { ...known, isPaceTouched: known.isPaceTouched || day.isPaceTouched } : day);
  };
  for (const mark of marks) {
    const { channelId, fromMs, toMs } = mark;
    const channel = channels.get(channelId)!;
    const paced = isPaced(channel);
    if (!paced && !isCadenceLearned(channel)) continue;
    const own = versions.get(channelId) ?? [];
    const byDay = new Map(own.map((version) => [version.dayMs, version]));
    for (let day = Math.floor(fromMs / dayMs) * dayMs; day <= toMs; day += dayMs) {
      const before = byDay.get(day);
      const isPaceTouched = paced && !isPaceSettled(before, mark);
      const isTouched = isPaceTouched || !isIntervalSettled(before, fromMs);
      // The first mark of a day is its earliest.
      if (isTouched) add({ channelId, dayMs: day, before, sinceMs: Math.max(fromMs, day), isPaceTouched });
    }
    for (const before of own)
      if (before.dayMs > toMs && before.sampledFromMs <= toMs)
        add({ channelId, dayMs: before.dayMs, before, sinceMs: before.dayMs, isPaceTouched: paced });
  }
  return [...days.values()];
}

const isIntervalSettled = (version: Version | undefined, fromMs: number): boolean =>
  version !== undefined && version.sampledToMs < fromMs;

/** The first reading of each hour is sampled for the pace; where no hour has a rise, any reading can say it. */
function isPaceSettled(version: Version | undefined, { fromMs, toMs }: Mark): boolean {
  if (!version?.hourlyPaces || version.pace === null || version.pacedToMs === null) return false;
  if (version.hourlyPaces.every((pace) => pace === null)) return false;
  return version.pacedToMs < fromMs && Math.floor(version.pacedToMs / hourMs) === Math.floor(toMs / hourMs);
}

interface Relearned {
  before: Version | undefined;
  version: Version & ChannelDay;
}

/** What a day's interval is learned from, where that can have changed; and its pace, from the hours that can have changed. */
async function learnDays(sql: Sql, days: readonly DayToLearn[]): Promise<Relearned[]> {
  const relearned = await learnIntervals(sql, days);
  const paced = relearned.filter((_, i) => days[i]!.isPaceTouched);
  const wanted = days.filter(({ isPaceTouched }) => isPaceTouched);
  await learnPaces(
    sql,
    paced.map(({ before, version }, i) => {
      const fromHour = before?.hourlyPaces ? Math.floor((wanted[i]!.sinceMs - version.dayMs) / hourMs) : 0;
      return { channelId: version.channelId, dayMs: version.dayMs, fromHour, version };
    }),
  );
  return relearned;
}

async function learnIntervals(sql: Sql, days: readonly DayToLearn[]): Promise<Relearned[]> {
  const open = days.filter(({ before, sinceMs }) => !isIntervalSettled(before, sinceMs));
  const samples = await cadenceSamples(sql, open);
  const sampleOf = new Map(open.map((day, i) => [day, samples[i]!]));
  return days.map((day) => {
    const { channelId, dayMs: at, before } = day;
    const sample = sampleOf.get(day);
    // What is settled was learned from readings of the day itself.
    if (!sample) return { before, version: { ...before!, channelId, sampledFromMs: at } };
    const { times, previousMs } = sample;
    const isWhole = times.length >= cadenceSample && times[0]! >= at;
    const version = {
      channelId,
      dayMs: at,
      ...learnInterval(times),
      pace: before?.pace ?? null,
      sampledFromMs: Math.min(times[0] ?? at, at, previousMs ?? at),
      sampledToMs: isWhole ? times.at(-1)! : at + dayMs,
      pacedToMs: before?.pacedToMs ?? null,
      hourlyPaces: before?.hourlyPaces ?? null,
    };
    return { before, version };
  });
}

const hoursOfDay = 24;

/** Hours before the first one that changed stay as they were learned. */
async function learnPaces(sql: Sql, days: readonly (HoursWanted & { version: Version & ChannelDay })[]): Promise<void> {
  if (!days.length) return;
  const pairs = await hourlyPairs(sql, days);
  const still: (Version & ChannelDay)[] = [];
  days.forEach(({ version, fromHour }, i) => {
    const paces = Array.from({ length: hoursOfDay }, (_, hour) =>
      hour < fromHour ? (version.hourlyPaces?.[hour] ?? null) : null,
    );
    for (const pair of pairs[i]!) paces[Math.floor((pair[1].timeMs - version.dayMs) / hourMs)] = learnPace(pair);
    const known = paces.filter((pace) => pace !== null);
    version.hourlyPaces = paces;
    version.sampledFromMs = Math.min(version.sampledFromMs, pairs[i]![0]?.[0].timeMs ?? Infinity);
    version.pacedToMs = pairs[i]!.at(-1)?.[1].timeMs ?? null;
    if (known.length) version.pace = median(known);
    else still.push(version);
  });
  await learnFromBefore(sql, still);
}

/** A day without a rise of its own (a weekend's, or the only reading of a month) goes by the last readings up to its end. */
async function learnFromBefore(sql: Sql, versions: readonly (Version & ChannelDay)[]): Promise<void> {
  if (!versions.length) return;
  const readings: Reading[][] = await lastReadings(sql, versions);
  versions.forEach((version, i) => {
    version.pace = learnPace(readings[i]!);
    version.sampledFromMs = Math.min(version.sampledFromMs, readings[i]![0]?.timeMs ?? Infinity);
  });
}

const versionKeys = ["intervalS", "differences", "pace", "sampledFromMs", "sampledToMs", "pacedToMs"] as const;

function differs(before: Version | undefined, now: Version): boolean {
  if (!before || versionKeys.some((key) => before[key] !== now[key])) return true;
  return String(before.hourlyPaces) !== String(now.hourlyPaces);
}

function changesRule(channel: RollUpChannel, before: Version | undefined, now: Version): boolean {
  const [old, gap] = [resolveGap(channel, before ?? null), resolveGap(channel, now)];
  if (old.maxGapS !== gap.maxGapS) return true;
  if (isInterval(channel) && old.expectedIntervalS !== gap.expectedIntervalS) return true;
  return channel.kind === "counter" && limitOf(channel, before) !== limitOf(channel, now);
}

const limitOf = (channel: RollUpChannel, version: Version | undefined): number =>
  resolveLimit(channel, version?.pace == null ? null : version.pace * Math.abs(channel.scale));
