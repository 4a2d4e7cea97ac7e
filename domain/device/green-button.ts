/**
 * Green Button: an Atom feed of ESPI entries, POST /ingest/green-button. An IntervalBlock belongs to a MeterReading, whose
 * ReadingType tells unit, direction and multiplier; the UsagePoint is the device. Times are the start of the interval, in
 * epoch seconds UTC. Costs and summaries are no measurements; forecasts (quality 12) are none either.
 * Worked: value 66250 with powerOfTenMultiplier -3 and uom 72 (Wh) is 66.25 Wh = 0.06625 kWh.
 * The trap: a feed may repeat the same energy as hourly and as daily intervals. The longer ones are named by their period
 * (energy.day.import), or both would be added up.
 * Sources: espi.xsd of NAESB REQ.21 (ESPI 1 to 4 share these elements); OpenESPI sample data.
 */
import type { DecodedReading } from "../reading.ts";
import { convert } from "../units.ts";
import type { Decoded, Decoder, Message, Refusal } from "./device.ts";
import { child, children, Places, readFeed, textIn } from "./green-button-feed.ts";
import type { Element, Feed, Resource } from "./green-button-feed.ts";
import { numberIn, seriesOf } from "./green-button-type.ts";
import type { Series } from "./green-button-type.ts";
import { numberOf, textOf } from "./payload.ts";

const pathPattern = /^\/ingest\/(espi|green-?button)(\/|$)/;
const latestS = 8.64e12;
const mostRefusals = 100;
const forecast = 12;

export const greenButton: Decoder = {
  format: "green-button",
  priority: 90,
  match: ({ path, payload }) => path !== undefined && (pathPattern.test(path) || isEspi(payload)),
  decode,
};

/** XML whose beginning names the namespace of ESPI. */
function isEspi(payload: Uint8Array): boolean {
  return payload[0] === 60 /* < */ && textOf(payload.subarray(0, 2048)).includes("naesb.org/espi");
}

/** The blocks of one meter reading, and how they are to be read. */
interface Metered {
  device: string;
  series: Series;
  blocks: Element[];
}

function decode(message: Message): Decoded {
  const feed = readFeed(textOf(message.payload));
  if (!feed.ok) return { readings: [], error: feed.error };
  const refusals: Refusal[] = [];
  const readings: DecodedReading[] = [];
  const refuse = (reason: string, detail: string): void => {
    if (refusals.length < mostRefusals) refusals.push({ reason, detail });
  };
  for (const metered of told(meteredIn(feed.value, refuse)))
    for (const block of metered.blocks) takeBlock(block, metered, readings, refuse);
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail}: ${refusals[0]!.reason}` };
}

type Refuse = (reason: string, detail: string) => void;

function meteredIn(feed: Feed, refuse: Refuse): Metered[] {
  const meters = new Places();
  for (const meter of feed.meterReadings) {
    meters.add(meter.self, meter);
    for (const path of meter.related) if (path.includes("IntervalBlock")) meters.add(path, meter);
  }
  const types = new Places();
  for (const type of feed.readingTypes) types.add(type.self, type);
  const found = new Map<Resource, Metered | null>();
  for (const block of feed.intervalBlocks) {
    const meter = meterOf(block, meters);
    if (!meter) {
      refuse("its meter reading is not in the feed", `interval block "${block.self || block.up}"`);
      continue;
    }
    if (!found.has(meter)) found.set(meter, meteredBy(meter, block, { feed, types, refuse }));
    found.get(meter)?.blocks.push(block.body);
  }
  return [...found.values()].filter((metered) => metered !== null);
}

/** A block is below its meter reading (…/MeterReading/05/IntervalBlock/1), or the meter reading names it. */
function meterOf({ self, up }: Resource, meters: Places): Resource | undefined {
  const above = (path: string): string => path.replace(/\/IntervalBlock(\/.*)?$/, "");
  for (const path of [up, self, above(up), above(self)]) {
    const meter = path === "" ? undefined : meters.find(path);
    if (meter) return meter;
  }
  return undefined;
}

function meteredBy(
  meter: Resource,
  block: Resource,
  { feed, types, refuse }: { feed: Feed; types: Places; refuse: Refuse },
): Metered | null {
  const path = meter.related.find((related) => /(^|\/)ReadingType\//.test(related));
  // A link says the type, in some feeds the meter reading holds it.
  const type = path === undefined ? child(meter.body, "ReadingType") : types.find(path)?.body;
  const detail = `meter reading "${meter.self}"`;
  if (!type) {
    refuse(path === undefined ? "it has no link to a reading type" : `reading type not found: "${path}"`, detail);
    return null;
  }
  const usagePoint = usagePointOf(meter, block, feed);
  const service = numberIn(child(usagePoint.resource?.body, "ServiceCategory"), "kind");
  const series = seriesOf(type, service);
  if (typeof series === "string") refuse(series, detail);
  return series === null || typeof series === "string" ? null : { device: usagePoint.name, series, blocks: [] };
}

/** The usage point that the paths name, or the only one of the feed. */
function usagePointOf(meter: Resource, block: Resource, feed: Feed): { name: string; resource: Resource | undefined } {
  const nameIn = (path: string): string | undefined => /(?:^|\/)UsagePoint\/([^/]+)/.exec(path)?.[1];
  const name = [meter.self, meter.up, block.self, block.up].map(nameIn).find((found) => found !== undefined);
  const only = feed.usagePoints.length === 1 ? feed.usagePoints[0] : undefined;
  if (name === undefined) return { name: nameIn(only?.self ?? "") ?? "@token", resource: only };
  return { name, resource: feed.usagePoints.find(({ self }) => nameIn(self) === name) ?? only };
}

/** Where the same amounts come in several lengths, all but the shortest are named by their period. */
function told(all: Metered[]): Metered[] {
  const shortest = new Map<string, number>();
  const keyOf = ({ device, series }: Metered): string => `${series.metric} of ${device}`;
  for (const metered of all) {
    const { kind, intervalS } = metered.series;
    if (kind === "delta" && intervalS !== null)
      shortest.set(keyOf(metered), Math.min(intervalS, shortest.get(keyOf(metered)) ?? Infinity));
  }
  return all.map((metered) => {
    const { intervalS, metric } = metered.series;
    if (intervalS === null || intervalS <= (shortest.get(keyOf(metered)) ?? Infinity)) return metered;
    return {
      ...metered,
      series: { ...metered.series, metric: metric.replace(/^[a-z_]+/, `$&.${periodOf(intervalS)}`) },
    };
  });
}

function periodOf(seconds: number): string {
  const days = seconds / 86_400;
  if (days < 0.9) return "hour";
  if (days < 6.5) return "day";
  if (days < 27) return "week";
  return days < 360 ? "month" : "year";
}

function takeBlock(block: Element, metered: Metered, readings: DecodedReading[], refuse: Refuse): void {
  const blockStart = numberIn(child(block, "interval"), "start");
  const { intervalS } = metered.series;
  children(block, "IntervalReading").forEach((reading, index) => {
    const period = child(reading, "timePeriod");
    // A reading without a period of its own has its place in the row.
    const inRow =
      !period && blockStart !== undefined && intervalS !== null ? blockStart + index * intervalS : undefined;
    const startS = numberIn(period, "start") ?? inRow;
    takeReading(reading, { startS, durationS: numberIn(period, "duration") ?? intervalS }, metered, readings, refuse);
  });
}

function takeReading(
  reading: Element,
  { startS, durationS }: { startS: number | undefined; durationS: number | null },
  { device, series }: Metered,
  readings: DecodedReading[],
  refuse: Refuse,
): void {
  const { metric, kind, exponent, conversion } = series;
  const number = numberOf(textIn(reading, "value"));
  if (number === "absent" || children(reading, "ReadingQuality").some((q) => numberIn(q, "quality") === forecast))
    return;
  if (typeof number !== "number") return refuse("its value is not a finite number", metric);
  if (startS === undefined || startS > latestS) return refuse("its interval has no start in epoch seconds", metric);
  // Dividing keeps decimals exact.
  const scaled = exponent < 0 ? number / 10 ** -exponent : number * 10 ** exponent;
  const value = conversion ? convert(scaled, conversion) : scaled;
  if (!Number.isFinite(value)) return refuse("its value is too large a number", metric);
  const unit = conversion ? conversion.canonical : null;
  const isLong = kind === "delta" && durationS !== null && durationS > 0;
  readings.push({ device, metric, value, unit, timeMs: startS * 1000, kind, ...(isLong && { durationS }) });
}
