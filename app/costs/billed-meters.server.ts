import type { ReadEnergies } from "../../db/bucket-columns.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { asMeter, calculatedOf, virtualMetersOf } from "../../db/meters.ts";
import { quartersOf } from "../../db/quarters.ts";
import { channelMeters } from "../../domain/site/channel-meters.ts";
import { channelMeter, readMeterId, type Meter, type MeterId } from "../../domain/site/meter.ts";
import type { Quarters, Stretch } from "../../domain/site/quarters.ts";
import { workOut, type Calculated } from "../../domain/site/virtual-meters.ts";

/** The meters of a site that a bill or its emissions may be for: its channels, and those by formula. */
export interface BilledMeters {
  meters: Meter[];
  calculated: Calculated[];
}

/** @param channels all of one site. In an organization's context. */
export async function billedMeters(sql: Sql, channels: readonly ChannelRow[]): Promise<BilledMeters> {
  const [first] = channels;
  const virtual = first ? await virtualMetersOf(sql, first.siteId) : [];
  return { meters: [...channelMeters(channels), ...virtual.map(asMeter)], calculated: calculatedOf(virtual) };
}

/** The channels that meters are made of: themselves, or all that the site's formulas speak of. */
export function channelsBehind({ calculated }: BilledMeters, ids: readonly MeterId[]): number[] {
  const isVirtual = ids.some((id) => readMeterId(id)?.kind === "virtual");
  const all = [...ids, ...(isVirtual ? calculated.flatMap(({ inputs }) => inputs) : [])];
  const numbers = all.flatMap((id) => {
    const read = readMeterId(id);
    return read?.kind === "channel" ? [read.number] : [];
  });
  return [...new Set(numbers)];
}

/** The energies of some of the meters by the quarter-hour. */
export async function quartersOfMeters(
  sql: Sql,
  given: BilledMeters,
  ids: readonly MeterId[],
  { stretch, read }: { stretch: Stretch; read?: ReadEnergies | undefined },
): Promise<Map<MeterId, Quarters>> {
  const measured = await quartersOf(sql, channelsBehind(given, ids), stretch, read);
  const byMeter = new Map([...measured].map(([id, own]) => [channelMeter(id), own]));
  const isVirtual = ids.some((id) => readMeterId(id)?.kind === "virtual");
  return isVirtual ? workOut(given.calculated, byMeter, stretch.count) : byMeter;
}
