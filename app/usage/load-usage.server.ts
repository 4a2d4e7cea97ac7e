import { listDevices } from "../../db/devices.ts";
import type { Site } from "../../db/sites.ts";
import type { Medium } from "../../domain/channel.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { flowsOver, knownShare, mediumOver, sumMedium, type MediumStep } from "../../domain/site/energy-flows.ts";
import { byGroup } from "../../domain/site/groups.ts";
import { countsAtSite, placeMeters } from "../../domain/site/meter-tree.ts";
import type { Meter, MeterId } from "../../domain/site/meter.ts";
import { qualityOf } from "../charts/quality.ts";
import { comparedWith, stepsSoFar, type Period } from "../period/period.ts";
import { eachEnergy, knownToMs } from "../site-energy/read-energy.server.ts";
import { media, type Kind, type UsageQuery } from "./usage-query.ts";

/** One line of the page: what a meter, a device or a room used. */
export interface UsageRow {
  key: string;
  name: string;
  amount: number;
  estimated: number;
  /** 0 to 1. */
  completeness: number;
  /** In the period that it is compared with; null: nothing is known of it then. */
  before: number | null;
  /** There is a level below. */
  hasParts: boolean;
  /** untracked: what none of the others measured. */
  isRest: boolean;
}

/** What of a site's media has meters, in the order in which they are offered: electricity first. */
export function mediaOf(meters: readonly Meter[]): { medium: Medium; unit: string }[] {
  const counting = meters.filter((meter) => countsAtSite(meter) && meter.unit !== null);
  return media.flatMap((medium) => {
    const units = new Set(counting.filter((meter) => meter.medium === medium).map(({ unit }) => unit!));
    return [...units].sort().map((unit) => ({ medium, unit }));
  });
}

async function readMedium(organizationId: string, siteId: string, steps: readonly Step[], query: UsageQuery) {
  let known: number | null = null;
  let offered: { medium: Medium; unit: string }[] = [];
  const { site, made } = await eachEnergy(organizationId, siteId, steps, (energy) => {
    offered = mediaOf(energy.meters);
    const { medium, unit } = chosenMedium(offered, query);
    const parts: MediumStep[] = medium === "electricity" ? flowsOver(energy) : mediumOver(energy, medium, unit);
    known = knownToMs(energy, parts[0]?.counted ?? [], energy.steps.at(-1)!.endMs);
    return parts;
  });
  return { site, steps: made, total: sumMedium(made), offered, knownToMs: known as number | null };
}

const chosenMedium = (offered: { medium: Medium; unit: string }[], { medium, unit }: UsageQuery) =>
  offered.find((one) => one.medium === medium && (unit === null || one.unit === unit)) ??
  offered[0] ?? { medium: "electricity" as const, unit: "kWh" };

export async function loadUsage(
  organizationId: string,
  site: Site,
  { period, query, nowMs }: { period: Period; query: UsageQuery; nowMs: number },
) {
  const now = await readMedium(organizationId, site.id, stepsSoFar(period, site.timezone, nowMs), query);
  const compared = comparedWith(period, query.compare, site.timezone, nowMs);
  const before = await readMedium(organizationId, site.id, [compared], query);
  const { medium, unit } = chosenMedium(now.offered, query);
  const meters = now.site.meters.filter((meter) => meter.medium === medium && meter.unit === unit);
  const chosen = query.meter === null ? null : (meters.find(({ id }) => id === query.meter) ?? null);
  const names = await namesOf(organizationId, site.id, now.site.groups);
  const rowsOf = (total: MediumStep | null) =>
    total ? levelOf(meters, total, { kind: chosen ? "meter" : query.by, below: chosen?.id ?? null, names }) : [];
  const beforeRows = new Map(
    before.total && before.total.completeness > 0 ? rowsOf(before.total).map((row) => [row.key, row.amount]) : [],
  );
  const rows = rowsOf(now.total).map((row) => ({ ...row, before: beforeRows.get(row.key) ?? null }));
  const whole = wholeOfLevel(now.total, chosen);
  return {
    ...{ period, compared, nowMs, medium, unit, rows, offered: now.offered, hasGroups: now.site.groups.length > 0 },
    path: chosen ? pathTo(chosen, meters) : [],
    total: whole.amount,
    before: beforeTotal(before.total, chosen),
    bars: now.steps.map((step) => ({ startMs: step.startMs, endMs: step.endMs, ...wholeOfLevel(step, chosen) })),
    quality:
      now.total &&
      qualityOf({
        ...{ startMs: now.total.startMs, endMs: now.total.endMs, completeness: whole.completeness, nowMs },
        ...{ amount: whole.amount, estimatedAmount: whole.estimated, knownToMs: now.knownToMs },
      }),
  };
}

export type Usage = Awaited<ReturnType<typeof loadUsage>>;

interface Names {
  device: ReadonlyMap<string, string>;
  group: ReadonlyMap<number, string>;
}

async function namesOf(
  organizationId: string,
  siteId: string,
  groups: readonly { id: number; name: string }[],
): Promise<Names> {
  const devices = await listDevices(organizationId, { siteId });
  return {
    device: new Map(devices.map(({ id, name }) => [id, name])),
    group: new Map(groups.map(({ id, name }) => [id, name])),
  };
}

function wholeOfLevel(total: MediumStep | null, chosen: Meter | null) {
  if (!total) return { amount: 0, estimated: 0, completeness: 0 };
  if (!chosen) return { amount: total.consumption, estimated: total.estimated, completeness: total.completeness };
  const own = total.meters.get(chosen.id);
  return { amount: own?.amount ?? 0, estimated: own?.estimated ?? 0, completeness: own ? knownShare(own) : 0 };
}

function beforeTotal(total: MediumStep | null, chosen: Meter | null): number | null {
  const whole = wholeOfLevel(total, chosen);
  return whole.completeness > 0 ? whole.amount : null;
}

/** From the topmost whole down to a meter. */
function pathTo(chosen: Meter, meters: readonly Meter[]): { id: MeterId; name: string }[] {
  const placed = placeMeters(meters);
  const path: { id: MeterId; name: string }[] = [];
  for (let at = placed.findIndex(({ meter }) => meter.id === chosen.id); at >= 0; at = placed[at]!.whole) {
    const { id, name } = placed[at]!.meter;
    path.unshift({ id, name });
  }
  return path.length ? path : [{ id: chosen.id, name: chosen.name }];
}

type Row = Omit<UsageRow, "before">;

function levelOf(
  meters: readonly Meter[],
  total: MediumStep,
  { kind, below, names }: { kind: Kind; below: MeterId | null; names: Names },
): Row[] {
  const rows = kind === "meter" ? meterRows(meters, total, below) : summedRows(kind, meters, total, names);
  const rest = below === null ? total.untracked : rows.length ? (total.meters.get(below)?.rest ?? 0) : 0;
  rows.sort((a, b) => b.amount - a.amount);
  if (rest > 1e-9) rows.push(restRow(rest));
  return rows;
}

const restRow = (amount: number): Row => ({
  ...{ key: "rest", name: "Not tracked", amount, estimated: 0, completeness: 1, hasParts: false, isRest: true },
});

/** The consumers right below a whole, as large as it leaves them room. */
function meterRows(meters: readonly Meter[], total: MediumStep, below: MeterId | null): Row[] {
  const placed = placeMeters(meters).filter(({ meter }) => meter.role === "consumer");
  const all = placeMeters(meters);
  const isRightBelow = ({ whole }: (typeof all)[number]) =>
    below === null ? whole < 0 : whole >= 0 && all[whole]!.meter.id === below;
  return placed.filter(isRightBelow).flatMap(({ meter }) => {
    const own = total.meters.get(meter.id);
    if (!own) return [];
    const hasParts = all.some(({ whole }) => whole >= 0 && all[whole]!.meter.id === meter.id);
    const { attributed: amount, estimated } = own;
    const { id: key, name } = meter;
    return [{ key, name, amount, estimated, completeness: knownShare(own), hasParts, isRest: false }];
  });
}

/** By device or by room: each meter's own part without its parts, so that the lines add up. */
function summedRows(kind: "device" | "group", meters: readonly Meter[], total: MediumStep, names: Names): Row[] {
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  if (kind === "group")
    return byGroup(meters, total).map(({ groupId, amount, meters: ids }) => ({
      ...summed(ids, total),
      ...{ key: `group-${groupId ?? "none"}`, amount },
      name: groupId === null ? "In no room" : (names.group.get(groupId) ?? "In no room"),
    }));
  const devices = new Map<string, MeterId[]>();
  for (const { meter } of placeMeters(meters)) {
    if (meter.role !== "consumer" || !total.meters.has(meter.id)) continue;
    const key = meter.deviceId ?? meter.id;
    devices.set(key, [...(devices.get(key) ?? []), meter.id]);
  }
  return [...devices].map(([key, ids]) => ({
    ...summed(ids, total),
    ...{ key, name: names.device.get(key) ?? byId.get(ids[0]!)!.name },
  }));
}

function summed(ids: readonly MeterId[], total: MediumStep): Row {
  const own = ids.map((id) => total.meters.get(id)!);
  const sum = (of: (amount: (typeof own)[number]) => number) => own.reduce((all, one) => all + of(one), 0);
  return {
    ...{ key: "", name: "", hasParts: false, isRest: false },
    amount: sum(({ rest }) => rest),
    estimated: sum(({ estimated, amount, rest }) => (amount > 0 ? (estimated * rest) / amount : 0)),
    completeness: own.length ? Math.min(...own.map(knownShare)) : 0,
  };
}
