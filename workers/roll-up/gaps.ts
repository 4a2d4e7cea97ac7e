import type { Sql } from "../../db/client.ts";
import {
  cadences,
  cadenceSample,
  cadenceSamples,
  mergeMarks,
  saveCadences,
  type Cadence,
  type Mark,
  type RollUpChannel,
} from "../../db/roll-up.ts";
import { isInterval, resolveGap, type Gap } from "../../domain/energy/channel-config.ts";
import { learnInterval } from "../../domain/energy/cadence.ts";

/** The gap rule of a channel at an instant. */
export type GapsOf = (channelId: number) => (timeMs: number) => Gap;

const dayMs = 86_400_000;

/**
 * Learns each marked day's interval anew (from its first readings, so a busy day is settled after a few minutes), and answers
 * the rules in force. A day whose rule changed is marked as a whole: what was a hole may be measured now.
 */
export async function learnGaps(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  marks: readonly Mark[],
): Promise<{ gapsOf: GapsOf; marks: Mark[] }> {
  const versions = await cadences(sql, [...channels.keys()]);
  const days = daysToLearn(channels, versions, marks);
  const samples = days.length ? await cadenceSamples(sql, days) : [];
  const learned = days.map(({ channelId, dayMs: day }, i) => {
    const times = samples[i]!;
    const isSettled = times.length >= cadenceSample && times[0]! >= day;
    return {
      channelId,
      dayMs: day,
      intervalS: learnInterval(times),
      sampledToMs: isSettled ? times.at(-1)! : day + dayMs,
    };
  });
  const changed = learned.filter((version) =>
    changesRule(channels.get(version.channelId)!, versions.get(version.channelId), version),
  );
  await saveCadences(
    sql,
    learned.filter((version) => differs(versions.get(version.channelId), version)),
  );
  for (const { channelId, ...version } of learned) remember(versions, channelId, version);
  const widened = changed.map(({ channelId, dayMs: day }) => ({ channelId, fromMs: day, toMs: day + dayMs - 1 }));
  return { gapsOf: rulesOf(channels, versions), marks: widened.length ? sorted([...marks, ...widened]) : [...marks] };
}

function sorted(marks: Mark[]): Mark[] {
  return mergeMarks(marks.sort((a, b) => a.channelId - b.channelId || a.fromMs - b.fromMs));
}

/** The days whose first readings a mark can have changed. */
function daysToLearn(
  channels: Map<number, RollUpChannel>,
  versions: Map<number, Cadence[]>,
  marks: readonly Mark[],
): { channelId: number; dayMs: number }[] {
  const days: { channelId: number; dayMs: number }[] = [];
  for (const { channelId, fromMs, toMs } of marks) {
    const channel = channels.get(channelId)!;
    if (channel.expectedIntervalS !== null || (channel.maxGapS !== null && !isInterval(channel))) continue;
    const known = versions.get(channelId);
    for (let day = Math.floor(fromMs / dayMs) * dayMs; day <= toMs; day += dayMs) {
      const version = known?.find((v) => v.dayMs === day);
      if (version && version.sampledToMs < fromMs) continue;
      const last = days.at(-1);
      if (last?.channelId !== channelId || last.dayMs !== day) days.push({ channelId, dayMs: day });
    }
  }
  return days;
}

function differs(known: Cadence[] | undefined, { dayMs: day, intervalS, sampledToMs }: Cadence): boolean {
  const before = known?.find((v) => v.dayMs === day);
  return !before || before.intervalS !== intervalS || before.sampledToMs !== sampledToMs;
}

function changesRule(
  channel: RollUpChannel,
  known: Cadence[] | undefined,
  { dayMs: day, intervalS }: Cadence,
): boolean {
  const before = known?.find((v) => v.dayMs === day);
  const old = resolveGap(channel, before?.intervalS ?? null);
  const now = resolveGap(channel, intervalS);
  return old.maxGapS !== now.maxGapS || (isInterval(channel) && old.expectedIntervalS !== now.expectedIntervalS);
}

function remember(versions: Map<number, Cadence[]>, channelId: number, version: Cadence): void {
  const list = versions.get(channelId) ?? [];
  const others = list.filter((v) => v.dayMs !== version.dayMs);
  versions.set(
    channelId,
    [...others, version].sort((a, b) => a.dayMs - b.dayMs),
  );
}

function rulesOf(channels: Map<number, RollUpChannel>, versions: Map<number, Cadence[]>): GapsOf {
  const rules = new Map<number, (timeMs: number) => Gap>();
  return (channelId) => {
    let rule = rules.get(channelId);
    if (!rule) rules.set(channelId, (rule = ruleOf(channels.get(channelId)!, versions.get(channelId) ?? [])));
    return rule;
  };
}

/** The version of the day, else the newest one before it. Neighbouring questions mostly ask for the same version. */
function ruleOf(channel: RollUpChannel, versions: readonly Cadence[]): (timeMs: number) => Gap {
  const gaps = versions.map((version) => resolveGap(channel, version.intervalS));
  const unknown = resolveGap(channel, null);
  let at = -1;
  return (timeMs) => {
    while (at + 1 < versions.length && versions[at + 1]!.dayMs <= timeMs) at++;
    while (at >= 0 && versions[at]!.dayMs > timeMs) at--;
    return at < 0 ? unknown : gaps[at]!;
  };
}
