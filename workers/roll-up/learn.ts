import {
  cadenceSample,
  cadenceSamples,
  hourlyPairs,
  lastReadings,
  saveVersions,
  versionsIn,
  versionsTouched,
  type ChannelDay,
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
 * Learns each marked day anew, its interval from its first readings (so that a busy day is settled after a few minutes), a
 * register's pace from pairs of each hour. A day whose rule changed is marked as a whole: what was a hole may be measured now.
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
  const before = (of: ChannelDay) => versions.get(of.channelId)?.find(({ dayMs: day }) => day === of.dayMs);
  const learned = await learnDays(sql, channels, days);
  await saveVersions(
    sql,
    learned.filter((version) => differs(before(version), version)),
  );
  const changed = learned.filter((version) => changesRule(channels.get(version.channelId)!, before(version), version));
  const widened = changed.map(({ channelId, dayMs: day }) => ({ channelId, fromMs: day, toMs: day + dayMs - 1 }));
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

/** The days whose samples a mark can have changed: those that it touches, and later ones that looked back as far. */
function daysToLearn(
  channels: Map<number, RollUpChannel>,
  versions: Map<number, Version[]>,
  marks: readonly Mark[],
): ChannelDay[] {
  const days = new Map<string, ChannelDay>();
  const add = (channelId: number, day: number) => days.set(`${channelId} ${day}`, { channelId, dayMs: day });
  for (const mark of marks) {
    const channel = channels.get(mark.channelId)!;
    const paced = isPaced(channel);
    if (!paced && !isCadenceLearned(channel)) continue;
    const own = versions.get(mark.channelId) ?? [];
    const firstDay = Math.floor(mark.fromMs / dayMs) * dayMs;
    const byDay = new Map(own.map((version) => [version.dayMs, version]));
    for (let day = firstDay; day <= mark.toMs; day += dayMs) {
      const version = byDay.get(day);
      if (!version || !isSettled(version, paced, mark)) add(mark.channelId, day);
    }
    for (const { dayMs: day, sampledFromMs } of own)
      if (day > mark.toMs && sampledFromMs <= mark.toMs) add(mark.channelId, day);
  }
  return [...days.values()];
}

function isSettled({ sampledToMs, pacedToMs }: Version, paced: boolean, { fromMs, toMs }: Mark): boolean {
  if (sampledToMs >= fromMs) return false;
  if (!paced) return true;
  // The first reading of each hour is sampled for the pace.
  return pacedToMs !== null && pacedToMs < fromMs && Math.floor(pacedToMs / hourMs) === Math.floor(toMs / hourMs);
}

async function learnDays(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  days: readonly ChannelDay[],
): Promise<(Version & { channelId: number })[]> {
  const samples = await cadenceSamples(sql, days);
  const versions = days.map(({ channelId, dayMs: day }, i) => {
    const times = samples[i]!;
    const isWhole = times.length >= cadenceSample && times[0]! >= day;
    return {
      channelId,
      dayMs: day,
      ...learnInterval(times),
      pace: null,
      sampledFromMs: Math.min(times[0] ?? day, day),
      sampledToMs: isWhole ? times.at(-1)! : day + dayMs,
      pacedToMs: null,
    };
  });
  return learnPaces(sql, channels, versions);
}

async function learnPaces(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  versions: (Version & { channelId: number })[],
): Promise<(Version & { channelId: number })[]> {
  const paced = versions.filter(({ channelId }) => isPaced(channels.get(channelId)!));
  if (!paced.length) return versions;
  const pairs = await hourlyPairs(sql, paced);
  const still: typeof paced = [];
  paced.forEach((version, i) => {
    const paces = pairs[i]!.map((pair) => learnPace(pair)).filter((pace) => pace !== null);
    version.sampledFromMs = Math.min(version.sampledFromMs, pairs[i]![0]?.[0].timeMs ?? Infinity);
    version.pacedToMs = pairs[i]!.at(-1)?.[1].timeMs ?? null;
    if (paces.length) version.pace = median(paces);
    else still.push(version);
  });
  await learnFromBefore(sql, still);
  return versions;
}

/** A day without a rise of its own (a weekend's, or the only reading of a month) goes by the last readings up to its end. */
async function learnFromBefore(sql: Sql, versions: Version[] & ChannelDay[]): Promise<void> {
  if (!versions.length) return;
  const readings: Reading[][] = await lastReadings(sql, versions);
  versions.forEach((version, i) => {
    version.pace = learnPace(readings[i]!);
    version.sampledFromMs = Math.min(version.sampledFromMs, readings[i]![0]?.timeMs ?? Infinity);
    // Any later reading of the day is one of the last.
    version.sampledToMs = version.dayMs + dayMs;
  });
}

const versionKeys = ["intervalS", "differences", "pace", "sampledFromMs", "sampledToMs", "pacedToMs"] as const;

const differs = (before: Version | undefined, now: Version): boolean =>
  !before || versionKeys.some((key) => before[key] !== now[key]);

function changesRule(channel: RollUpChannel, before: Version | undefined, now: Version): boolean {
  const [old, gap] = [resolveGap(channel, before ?? null), resolveGap(channel, now)];
  if (old.maxGapS !== gap.maxGapS) return true;
  if (isInterval(channel) && old.expectedIntervalS !== gap.expectedIntervalS) return true;
  return channel.kind === "counter" && limitOf(channel, before) !== limitOf(channel, now);
}

const limitOf = (channel: RollUpChannel, version: Version | undefined): number =>
  resolveLimit(channel, version?.pace == null ? null : version.pace * Math.abs(channel.scale));
