import type { ReadEnergies } from "../../db/bucket-columns.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { quartersOf, stretchOf } from "../../db/quarters.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { channelMeters } from "../../domain/site/channel-meters.ts";
import { flowsOver, type FlowStep } from "../../domain/site/energy-flows.ts";
import { flowChannels, isOneWay } from "../../domain/site/flows.ts";
import { channelMeter } from "../../domain/site/meter.ts";
import type { Cost } from "../../domain/tariff/costs.ts";
import { piecesOf } from "../site-energy/read-energy.server.ts";
import { figuresOf, figuresOfFlows, type Figure } from "./figures.ts";

interface Asked {
  channels: readonly ChannelRow[];
  /** Ascending, each on from the one before. */
  steps: readonly Step[];
  /** Of the same steps; an empty list: no costs. */
  costs: readonly (Cost | null)[];
  /** What is read already. */
  read?: ReadEnergies;
}

/**
 * The figures of a site's steps. Where energy only comes in, a step's sums say it all; else they are worked out by the quarter-hour,
 * as the flows are: what was sold at noon and bought at night would hide each other in a day.
 */
export async function readFigures(sql: Sql, { channels, steps, costs, read }: Asked): Promise<Figure[]> {
  const counted = flowChannels(channels);
  const ids = counted.map(({ id }) => id);
  if (counted.every(isOneWay)) return figuresOf(channels, await energyOf(sql, ids, steps, read), steps, costs);
  const meters = channelMeters(channels);
  const flows: FlowStep[] = [];
  for (const piece of piecesOf(steps)) {
    const stretch = stretchOf({ startMs: piece[0]!.startMs, endMs: piece.at(-1)!.endMs });
    const known = await quartersOf(sql, ids, stretch, read);
    const quarters = new Map([...known].map(([id, own]) => [channelMeter(id), own]));
    flows.push(...flowsOver({ meters, quarters, stretch, steps: piece }));
  }
  return figuresOfFlows(flows, costs);
}
