import { asOrganization } from "../../db/as-organization.ts";
import { eventsOf } from "../../db/meter-events.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { meteredFlow } from "../../domain/site/metered-flow.ts";
import type { Line } from "../../domain/tariff/line.ts";
import { lineEnergy, type LineEnergy } from "../../domain/tariff/line-energy.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { isOfEnergy } from "./kinds.ts";
import { billedPeriod } from "./load-bill.server.ts";
import { billWithUsage } from "./contract-bill.server.ts";
import type { PricedContract } from "./contracts.server.ts";
import type { BillDays } from "./bill-periods.ts";

/** What is behind a line of a bill. */
export interface Why extends LineEnergy {
  unit: "kWh" | "m3";
  /** The meters that counted it, with the way to their charts. */
  meters: { channelId: number; deviceId: string; name: string; frozenBeforeMs: number | null }[];
  /** What their registers did besides counting in the line's time; the first of them. */
  events: (MeterEvent & { channelId: number; unit: string | null })[];
}

const mostEvents = 20;

/** @returns null: there is no such line, or no energy is behind it (a standing charge, a tax). */
export async function loadWhy(
  organizationId: string,
  site: Site,
  contract: PricedContract,
  { days, line: number, nowMs }: { days: BillDays; line: number; nowMs: number },
): Promise<Why | null> {
  const { id: siteId, timezone } = site;
  const period = billedPeriod(days, timezone, nowMs);
  const made = period && (await billWithUsage(organizationId, { siteId, timezone, contract }, period));
  const line = made?.bill.lines[number];
  if (!made || !line) return null;
  const { usage, channels } = made;
  return energyBehind(organizationId, line, { usage, channels, metered: contract, timezone });
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
