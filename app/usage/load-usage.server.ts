import { listDevices } from "../../db/devices.ts";
import type { Site } from "../../db/sites.ts";
import type { Medium } from "../../domain/channel.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { flowsOver, knownShare, mediumOver, sumMedium, type MediumStep } from "../../domain/site/energy-flows.ts";
import { byGroup } from "../../domain/site/groups.ts";
import { emptyWays, type UserId } from "../../domain/site/laid-energy.ts";
import { countsAtSite, placeMeters, withParts } from "../../domain/site/meter-tree.ts";
import type { Meter, MeterId } from "../../domain/site/meter.ts";
import { qualityOf } from "../charts/quality.ts";
import { pricedContracts, type PricedContract } from "../costs/contracts.server.ts";
import { flowWorth, sumWorth, worthOfUsers, type FlowWorth, type UserWorth } from "../flows/flow-worth.server.ts";
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
  /** What it cost, and emitted where it is electricity; null: nothing is known of it. */
  worth: UserWorth | null;
}

/** What of a site's media has meters, in the order in which they are offered: electricity first. */
export function mediaOf(meters: readonly Meter[]): { medium: Medium; unit: string }[] {
  const counting = meters.filter((meter) => countsAtSite(meter) && meter.unit !== null);
  return media.flatMap((medium) => {
    const units = new Set(counting.filter((meter) => meter.medium === medium).map(({ unit }) => unit!));
    return [...units].sort().map((unit) => ({ medium, unit }));
  });
}

interface Reading {
  steps: readonly Step[];
  query: UsageQuery;
  /** By which costs are told; null: they are not asked for. */
  contracts: readonly PricedContract[] | null;
}

async function readMedium(organizationId: string, site: Site, { steps, query, contracts }: Reading) {
  let known: number | null = null;
  const worth: FlowWorth[] = [];
  let offered: { medium: Medium; unit: string }[] = [];
  const read = await eachEnergy(organizationId, site.id, steps, async (energy, sql) => {
    const { meters, stretch } = energy;
    offered = mediaOf(meters);
    const { medium, unit } = chosenMedium(offered, query);
    const over = emptyWays(stretch.startMs, stretch.count);
    const parts: MediumStep[] =
      medium === "electricity" ? flowsOver(energy, over) : mediumOver(energy, medium, unit, over);
    known = knownToMs(energy, parts[0]?.counted ?? [], energy.steps.at(-1)!.endMs);
    const whole = { startMs: energy.steps[0]!.startMs, endMs: energy.steps.at(-1)!.endMs };
    if (contracts && medium !== "none")
      worth.push(...(await flowWorth(sql, { site, contracts, steps: [whole], over, meters, medium })));
    return parts;
  });
  return {
    ...{ site: read.site, steps: read.made, total: sumMedium(read.made), offered },
    ...{ knownToMs: known as number | null, worth: sumWorth(worth) },
  };
}

const chosenMedium = (offered: { medium: Medium; unit: string }[], { medium, unit }: UsageQuery) =>
  offered.find((one) => one.medium === medium && (unit === null || one.unit === unit)) ??
  offered[0] ?? { medium: "electricity" as const, unit: "kWh" };

export async function loadUsage(
  organizationId: string,
  site: Site,
  { period, query, nowMs }: { period: Period; query: UsageQuery; nowMs: number },
) {
  const contracts = await pricedContracts(organizationId, site);
  const steps = stepsSoFar(period, site.timezone, nowMs);
  const now = await readMedium(organizationId, site, { steps, query, contracts });
  const compared = comparedWith(period, query.compare, site.timezone, nowMs);
  const before = await readMedium(organizationId, site, { steps: [compared], query, contracts: null });
  const { medium, unit } = chosenMedium(now.offered, query);
  const meters = now.site.meters.filter((meter) => meter.medium === medium && meter.unit === unit);
  const chosen = query.meter === null ? null : (meters.find(({ id }) => id === query.meter) ?? null);
  const names = await namesOf(organizationId, site.id, now.site.groups);
  const level = { kind: chosen ? ("meter" as const) : query.by, below: chosen?.id ?? null, names };
  const rowsOf = ({ total, worth }: Pick<typeof now, "total" | "worth">) =>
    total ? levelOf(meters, total, { ...level, worth }) : [];
  const beforeRows = new Map(
    before.total && before.total.completeness > 0 ? rowsOf(before).map((row) => [row.key, row.amount]) : [],
  );
  const rows = rowsOf(now).map((row) => ({ ...row, before: beforeRows.get(row.key) ?? null }));
  const whole = wholeOfLevel(now.total, chosen);
  return {
    ...{ period, compared, nowMs, medium, unit, rows, offered: now.offered, hasGroups: now.site.groups.length > 0 },
    path: chosen ? pathTo(chosen, meters) : [],
    total: whole.amount,
    worth: now.worth && worthOfUsers(now.worth, usersOf(meters, now.worth, chosen)),
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

/** Who used what is looked at: a meter with its parts, or all of the place. */
const usersOf = (meters: readonly Meter[], { users }: FlowWorth, chosen: Meter | null): UserId[] =>
  chosen ? withParts(consumersAmong(meters), chosen.id) : (Object.keys(users) as UserId[]);

const consumersAmong = (meters: readonly Meter[]) => placeMeters(meters.filter(({ role }) => role === "consumer"));

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
  { kind, below, names, worth }: { kind: Kind; below: MeterId | null; names: Names; worth: FlowWorth | null },
): Row[] {
  const worthOf: WorthOf = (ids) => worth && worthOfUsers(worth, ids);
  const rows =
    kind === "meter"
      ? meterRows(meters, total, { below, worthOf })
      : summedRows(kind, meters, total, { names, worthOf });
  const rest = below === null ? total.untracked : rows.length ? (total.meters.get(below)?.rest ?? 0) : 0;
  rows.sort((a, b) => b.amount - a.amount);
  if (rest > 1e-9) rows.push(restRow(rest, worthOf([below ?? "untracked"])));
  return rows;
}

type WorthOf = (ids: readonly UserId[]) => UserWorth | null;

const restRow = (amount: number, worth: UserWorth | null): Row => ({
  ...{ key: "rest", name: "Not tracked", amount, estimated: 0, completeness: 1, hasParts: false, isRest: true, worth },
});

/** The consumers right below a whole, as large as it leaves them room. */
function meterRows(
  meters: readonly Meter[],
  total: MediumStep,
  { below, worthOf }: { below: MeterId | null; worthOf: WorthOf },
): Row[] {
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
    const worth = worthOf(withParts(all, key));
    return [{ key, name, amount, estimated, completeness: knownShare(own), hasParts, isRest: false, worth }];
  });
}

/** By device or by room: each meter's own part without its parts, so that the lines add up. */
function summedRows(
  kind: "device" | "group",
  meters: readonly Meter[],
  total: MediumStep,
  { names, worthOf }: { names: Names; worthOf: WorthOf },
): Row[] {
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  if (kind === "group")
    return byGroup(meters, total).map(({ groupId, amount, meters: ids }) => ({
      ...summed(ids, total, worthOf),
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
    ...summed(ids, total, worthOf),
    ...{ key, name: names.device.get(key) ?? byId.get(ids[0]!)!.name },
  }));
}

function summed(ids: readonly MeterId[], total: MediumStep, worthOf: WorthOf): Row {
  const own = ids.map((id) => total.meters.get(id)!);
  const sum = (of: (amount: (typeof own)[number]) => number) => own.reduce((all, one) => all + of(one), 0);
  return {
    ...{ key: "", name: "", hasParts: false, isRest: false, worth: worthOf(ids) },
    amount: sum(({ rest }) => rest),
    estimated: sum(({ estimated, amount, rest }) => (amount > 0 ? (estimated * rest) / amount : 0)),
    completeness: own.length ? Math.min(...own.map(knownShare)) : 0,
  };
}
