import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import { correctionsPage } from "../../db/corrections.ts";
import { deviceRejects } from "../../db/device-messages.ts";
import type { Device } from "../../db/devices.ts";
import { eventsOf } from "../../db/meter-events.ts";
import { bucketsOf } from "../../db/rollups.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import { paceOf, staleAfterMs } from "../charts/freshness.ts";
import type { ShownChannel } from "./channel-list.tsx";
import { channelToShow } from "./chosen.server.ts";
import { loadSeries } from "./load-series.server.ts";
import type { RangeWindow } from "./ranges.ts";

const mostCorrections = 50;
const mostEvents = 500;
const paceWindowMs = 3 * 3_600_000;

/** What the page of a device shows: its channels, the chosen one's series, and how many messages were refused. */
export async function loadDevicePage(
  organizationId: string,
  device: Device,
  { window, wanted, nowMs }: { window: RangeWindow; wanted: string | null; nowMs: number },
) {
  const { rows, paces } = await asOrganization(organizationId, async (sql) => {
    const found = await channelsOf(sql, { deviceId: device.id });
    const ids = found.map((channel) => channel.id);
    return { rows: found, paces: await bucketsOf(sql, ids, bucketStart(nowMs - paceWindowMs), nowMs + bucketMs) };
  });
  const chosen = channelToShow(rows, wanted);
  const [series, events, corrections, rejects] = await Promise.all([
    chosen ? loadSeries(organizationId, chosen, window) : null,
    chosen ? eventsWithin(organizationId, chosen, window) : [],
    chosen ? correctionsPage(organizationId, chosen.id, { before: null, limit: mostCorrections }) : null,
    deviceRejects(organizationId, device.id),
  ]);
  return {
    channels: rows.map((row) => shownOf(row, paceOf(paces.get(row.id) ?? []))),
    chosenId: chosen?.id ?? null,
    series,
    events,
    corrections: corrections?.items ?? [],
    refused: rejects.reduce((sum, reject) => sum + reject.count, 0),
  };
}

/** Of a register; a page of the chart marks that many. */
async function eventsWithin(
  organizationId: string,
  { id, kind }: ChannelRow,
  { fromMs, toMs }: RangeWindow,
): Promise<MeterEvent[]> {
  if (kind !== "counter") return [];
  const range = { fromMs: bucketStart(fromMs), toMs: toMs + 1, limit: mostEvents };
  return asOrganization(organizationId, async (sql) => (await eventsOf(sql, [id], range)).get(id) ?? []);
}

function shownOf(
  {
    id,
    name,
    metric,
    tags,
    kind,
    quantity,
    role,
    unit,
    unitAssumed,
    isPrimary,
    latest,
    frozenBeforeMs,
    ...pace
  }: ChannelRow,
  learnedS: number | null,
): ShownChannel {
  // A state says what is until it changes.
  const stale = kind === "state" ? Infinity : staleAfterMs(pace, learnedS);
  const said = { id, name, metric, tags, kind, quantity, role, unit, unitAssumed, isPrimary, latest, frozenBeforeMs };
  return { ...said, staleAfterMs: stale };
}
