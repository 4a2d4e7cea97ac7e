/**
 * Which channels of a device count. A device sends the same flow many times over: a total, its phases, tariff registers,
 * a daily register and a power gauge. Exactly one of them (or one set of parts, where there is no total) is primary and
 * adds up; the power gauge of the flow shows its shape.
 * Worked: energy.import, energy.import.t1, energy.import.t2, energy.today, power -> energy.import counts, power is the
 * shape. Without energy.import: t1 and t2 count, because only together they are the flow.
 */
import type { Role } from "../channel.ts";
import type { ChannelWords } from "../device/vocabulary.ts";

/** A channel of one device as far as roles and primaries need it. `latest`: its newest value, where one is known. */
export interface DeviceChannel extends ChannelWords {
  key: string;
  metric: string;
  latest?: number | null;
}

/** What a channel is among its device's channels. */
export interface Place {
  isPrimary: boolean;
  /** The gauge that shows the flow's power now. */
  isPowerShape: boolean;
}

/** How well a channel gives the energy of its flow: the lower, the better. */
const worst = 99;

/**
 * Roles at the level of the device, by channel key, of the channels whose role differs from their own guess: where
 * import and export come together, the device is a grid meter; plain exports without any import are production. A switch
 * (it has a relay) is only taken for a grid meter when its export register is known to have counted. Of a multi-channel
 * device only the first such channel becomes the grid meter. Prefixed flows (`pv.`, `battery.`) are clear already and
 * are left alone.
 */
export function guessDeviceRoles(channels: readonly DeviceChannel[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  let gridIsFound = channels.some(
    (channel) => isFlow(channel) && channel.role === "grid_import" && isElectric(channel),
  );
  const plain = channels.filter((channel) => isFlow(channel) && isPlain(channel));
  for (const meter of metersOf(plain)) {
    const exports = meter.filter((channel) => channel.direction === "export");
    if (exports.length === 0) continue;
    if (exports.length === meter.length) {
      const hasImport = plain.some((channel) => channel.scope === exports[0]!.scope && channel.direction === "import");
      if (!hasImport) for (const channel of exports) roles.set(channel.key, "production");
    } else if (!gridIsFound && looksLikeGridMeter(channels, meter, exports)) {
      gridIsFound = true;
      for (const channel of meter)
        roles.set(channel.key, channel.direction === "export" ? "grid_export" : "grid_import");
    }
  }
  return roles;
}

/**
 * What measures one place: the whole device where import and export are not both numbered (a three-phase meter gives its
 * import as one total and its export as a list), else each numbered channel.
 */
function metersOf(plain: readonly DeviceChannel[]): DeviceChannel[][] {
  const meters: DeviceChannel[][] = [];
  for (const scope of [...new Set(plain.map((channel) => channel.scope))].sort()) {
    const here = plain.filter((channel) => channel.scope === scope);
    const hasWhole = here.some((channel) => channel.group === null && channel.direction !== "both");
    if (hasWhole) meters.push(here);
    else for (const group of groupsOf(here)) meters.push(here.filter((channel) => channel.group === group));
  }
  return meters;
}

function isElectric(channel: DeviceChannel): boolean {
  return channel.medium === "electricity";
}

/** Electric energy or power that is nobody's yet: not net, and not already told apart by a prefix. */
function isPlain(channel: DeviceChannel): boolean {
  return channel.role === "consumer" || (channel.role === "none" && channel.direction === "export");
}

function isFlow(channel: DeviceChannel): boolean {
  if (channel.kind === "state" || (channel.quantity === "energy" && channel.direction === "both")) return false;
  return channel.quantity === "energy" || channel.quantity === "power" || channel.quantity === "volume";
}

function looksLikeGridMeter(all: readonly DeviceChannel[], meter: DeviceChannel[], exports: DeviceChannel[]): boolean {
  const { scope } = meter[0]!;
  const groups = new Set(meter.map((channel) => channel.group));
  const isSwitch = all.some(
    (channel) => /^relay(\.|$)/.test(channel.metric) && channel.scope === scope && groups.has(channel.group),
  );
  if (!isSwitch) return true;
  return exports.some((channel) => channel.kind === "counter" && (channel.latest ?? 0) > 0);
}

/** Null (the device as a whole) first, then the numbered channels in their order. */
function groupsOf(channels: readonly DeviceChannel[]): (string | null)[] {
  const groups = [...new Set(channels.map((channel) => channel.group))];
  return groups.sort((a, b) => (a === null ? -1 : b === null ? 1 : a.localeCompare(b, "en", { numeric: true })));
}

/**
 * The place of every channel of one device, by key. Per flow (role, medium, scope, and numbered channel where the device
 * gives no total) one channel is primary: a counter before deltas, both before a gauge; a total before its parts, both before a
 * register that restarts. Where a flow has parts only, all parts of the best kind are primary, for only together they
 * are the flow. Channels that measure no flow (voltages, states, net registers) are never primary.
 */
export function choosePrimaries(channels: readonly DeviceChannel[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { key } of channels) places.set(key, { isPrimary: false, isPowerShape: false });
  for (const flow of flowsOf(channels)) {
    for (const channel of choose(flow, energyRank)) places.get(channel.key)!.isPrimary = true;
    for (const channel of choose(flow, powerRank)) places.get(channel.key)!.isPowerShape = true;
  }
  return places;
}

function flowsOf(channels: readonly DeviceChannel[]): DeviceChannel[][] {
  const flows = new Map<string, DeviceChannel[]>();
  for (const channel of channels) {
    if (!isFlow(channel) || channel.role === "none") continue;
    const flow = `${channel.role} ${channel.medium} ${channel.scope}`;
    const members = flows.get(flow);
    if (members) members.push(channel);
    else flows.set(flow, [channel]);
  }
  return joinLonely([...flows.values()]);
}

/**
 * Names that senders chose themselves may call one flow by two names: `pv_power` and `yield_total` of one inverter. Where a
 * register stands alone and just one power gauge of the same role and tags stands alone, they are the same flow.
 */
function joinLonely(flows: DeviceChannel[][]): DeviceChannel[][] {
  const joined: DeviceChannel[][] = [];
  for (const flow of flows) {
    const alike = flows.filter((other) => placeOf(other) === placeOf(flow));
    const gauges = alike.filter((other) => other.every((channel) => channel.kind === "gauge"));
    const registers = alike.filter((other) => other.every((channel) => channel.kind !== "gauge"));
    if (gauges.length !== 1 || registers.length !== 1) joined.push(flow);
    else if (flow === registers[0]) joined.push([...flow, ...gauges[0]!]);
    else if (flow !== gauges[0]) joined.push(flow);
  }
  return joined;
}

/** Role, medium and tags: what two names of one flow have in common. */
function placeOf(flow: readonly DeviceChannel[]): string {
  const { role, medium, key } = flow[0]!;
  return `${role} ${medium} ${/(?<!\\)\{.*$/.exec(key)?.[0] ?? ""}`;
}

/**
 * The best channels of a flow: the device's total, or the best of each numbered channel where those are better (a
 * device whose whole has only a power gauge, but whose channels have registers).
 */
function choose(flow: DeviceChannel[], rank: (channel: DeviceChannel) => number): DeviceChannel[] {
  const whole = flow.filter((channel) => channel.group === null);
  const numbered = flow.filter((channel) => channel.group !== null);
  const rankOfWhole = bestRank(whole, rank);
  const rankOfNumbered = bestRank(numbered, rank);
  if (rankOfWhole === worst && rankOfNumbered === worst) return [];
  if (rankOfWhole <= rankOfNumbered) return bestSet(whole, rank);
  return groupsOf(numbered).flatMap((group) =>
    bestSet(
      numbered.filter((channel) => channel.group === group),
      rank,
    ),
  );
}

function bestRank(channels: DeviceChannel[], rank: (channel: DeviceChannel) => number): number {
  return channels.reduce((best, channel) => Math.min(best, rank(channel)), worst);
}

/** One total, or all the parts of the best kind, each once. */
function bestSet(channels: DeviceChannel[], rank: (channel: DeviceChannel) => number): DeviceChannel[] {
  const best = bestRank(channels, rank);
  if (best === worst) return [];
  const candidates = channels.filter((channel) => rank(channel) === best).sort(byPlainness);
  return candidates[0]!.part && candidates[0]!.partOf !== "period" ? onePerPart(candidates) : [candidates[0]!];
}

function onePerPart(candidates: DeviceChannel[]): DeviceChannel[] {
  const byPart = new Map<string, DeviceChannel>();
  for (const channel of candidates) {
    const part = channel.phase ?? partName(channel.metric);
    if (!byPart.has(part)) byPart.set(part, channel);
  }
  return [...byPart.values()];
}

/** "energy.import.t1" -> "t1", "pv.power.dc2" -> "dc2". */
function partName(metric: string): string {
  return /\.(t\d|dc\d+)(?=\.|$)/.exec(metric)?.[1] ?? metric;
}

/** Equal rank: the shorter name first (`power` before `grid.power`), then by key, so that the choice never wavers. */
function byPlainness(a: DeviceChannel, b: DeviceChannel): number {
  return a.metric.length - b.metric.length || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

const rankOfPart = { tariff: 2, phase: 3, input: 4, period: 5 } as const;

function energyRank(channel: DeviceChannel): number {
  if (channel.phase === "n") return worst;
  const isRegister = (channel.quantity === "energy" || channel.quantity === "volume") && channel.kind !== "gauge";
  if (isRegister) {
    if (channel.partOf === null) return channel.kind === "counter" ? 0 : 1;
    // A month's register restarts too, but only a day's is known to: the others are last.
    return channel.partOf === "period" && !channel.restartsDaily ? 6 : rankOfPart[channel.partOf];
  }
  return powerRank(channel) === worst ? worst : 10 + powerRank(channel);
}

function powerRank(channel: DeviceChannel): number {
  if (channel.quantity !== "power" || channel.kind !== "gauge" || channel.phase === "n") return worst;
  if (channel.partOf === null) return channel.direction === "both" ? 1 : 0;
  return rankOfPart[channel.partOf];
}
