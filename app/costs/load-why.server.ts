import { asOrganization } from "../../db/as-organization.ts";
import { eventsOf } from "../../db/meter-events.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { meteredFlow } from "../../domain/site/metered-flow.ts";
import type { Line } from "../../domain/tariff/line.ts";
import { lineEnergy, type LineEnergy } from "../../domain/tariff/line-energy.ts";
import type { Period } from "../../domain/tariff/scope.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { isOfEnergy } from "./kinds.ts";
import { billWithUsage } from "./contract-bill.server.ts";
import type { PricedContract } from "./contracts.server.ts";

/** What is behind a line of a bill. */
export interface Why extends LineEnergy {
  unit: "kWh" | "m3";
  /** The meters that counted it, with the way to their charts. */
  meters: { channelId: number; deviceId: string; name: string; frozenBeforeMs: number | null }[];
  /** What their registers did besides counting in the line's time; the first of them. */
  events: (MeterEvent & { channelId: number; unit: string | null })[];
}

export const mostEvents = 20;

/** A line of a bill, and the energy behind it; null: there is none (a standing charge, a tax). */
export interface LineWhy {
  currency: string;
  line: Line;
  energy: Why | null;
}

/**
 * @param line its place in the bill of the same period, from 0.
 * @returns how many lines there are where there is none at this place; null: the contract holds in none of the period.
 */
export async function loadWhy(
  organizationId: string,
  site: Site,
  contract: PricedContract,
  { period, line: number }: { period: Period; line: number },
): Promise<LineWhy | { lines: number } | null> {
  const { id: siteId, timezone } = site;
  const made = await billWithUsage(organizationId, { siteId, timezone, contract }, period);
  if (!made) return null;
  const { bill, usage, channels } = made;
  const line = bill.lines[number];
  if (!line) return { lines: bill.lines.length };
  const energy = await energyBehind(organizationId, line, { usage, channels, metered: contract, timezone });
  return { currency: bill.currency, line, energy };
}

interface Behind {
  usage: Usage;
  channels: readonly ChannelRow[];
  /** The meters that were billed. */
  metered: Pick<PricedContract, "medium" | "channelId">;
  timezone: string;
}

/** The energy of a line, or of lines of the same thing. @returns null: none is behind it. */
export async function energyBehind(
  organizationId: string,
  line: Pick<Line, "type" | "period" | "ranges">,
  { usage, channels, metered, timezone }: Behind,
): Promise<Why | null> {
  if (!line.ranges.length || !isOfEnergy(line.type)) return null;
  const parts = meteredFlow(channels, metered).filter((part) => part.isSigned || part.forward === flowOf(line));
  const meters = parts.flatMap(({ id }) => {
    const channel = channels.find((one) => one.id === id);
    if (!channel) return [];
    const { deviceId, deviceName: name, frozenBeforeMs } = channel;
    return [{ channelId: id, deviceId, name, frozenBeforeMs }];
  });
  const events = await asOrganization(organizationId, (sql) =>
    eventsOf(
      sql,
      meters.map(({ channelId }) => channelId),
      { ...line.period, limit: mostEvents },
    ),
  );
  const { medium } = metered;
  return {
    ...lineEnergy(line, usage, timezone),
    events: [...events].flatMap(([channelId, own]) => {
      const unit = channels.find(({ id }) => id === channelId)!.unit;
      return own.map((event) => ({ ...event, channelId, unit }));
    }),
    ...{ meters, unit: medium === "electricity" || medium === "heat" ? "kWh" : "m3" },
  };
}

const flowOf = ({ type }: Pick<Line, "type">): "imported" | "exported" =>
  type === "feed-in" ? "exported" : "imported";
