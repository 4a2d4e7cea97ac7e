import { newCredential } from "../../app/auth/new-credential.server.ts";
import { listChannels, updateChannel } from "../../db/channels.ts";
import { rotateCredential } from "../../db/credentials.ts";
import { createDevice, listDevices, type Device } from "../../db/devices.ts";
import { findCredentialByUsername, type Identity } from "../../db/identities.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import { importReadings } from "../../ingest/import.ts";
import type { Receive } from "../../ingest/receive.ts";
import { SetupError } from "../../platform/env.ts";
import { siteNamed } from "./demo-account.ts";
import { readManifest, readSeries } from "./measured-file.ts";
import { channelOfSeries, temperatureChannel, type MeasuredSeries } from "./measured-form.ts";

export interface LoadOptions {
  receive: Receive;
  organizationId: string;
  folder: string;
  /** Only these series; absent: all. */
  ids?: readonly string[];
  /** Ends between two series. */
  signal?: AbortSignal;
  /** After each series. */
  onSeries: (loaded: LoadedSeries) => void;
}

export interface LoadedSeries {
  id: string;
  deviceId: string;
  timezone: string;
  readings: number;
  refused: number;
}

/** The zones of a folder's series, in order of appearance: each is a site. */
export const zonesOf = (series: readonly MeasuredSeries[]): string[] => [
  ...new Set(series.map(({ timezone }) => timezone)),
];

/**
 * Brings a folder of measured series in through the import path: a site for each time zone, a device named by its id for
 * each series. What the manifest says of a series is set on its channels before the readings come. Loading again changes
 * nothing.
 */
export async function loadMeasured({
  receive,
  organizationId,
  folder,
  ids,
  signal,
  onSeries,
}: LoadOptions): Promise<LoadedSeries[]> {
  const all = await readManifest(folder);
  const unknown = ids?.find((id) => !all.some((series) => series.id === id));
  if (unknown !== undefined) throw new SetupError(`${folder} has no series "${unknown}".`);
  const wanted = ids ? all.filter(({ id }) => ids.includes(id)) : all;
  const loaded: LoadedSeries[] = [];
  for (const series of wanted) {
    if (signal?.aborted) break;
    const siteId = await siteNamed(organizationId, { site: series.timezone, timezone: series.timezone });
    const identity = await deviceNamed(organizationId, siteId, series.id);
    const { stored, refused } = await importReadings(receive, identity, settled(receive, { folder, series, identity }));
    const one = { id: series.id, deviceId: identity.deviceId, timezone: series.timezone, readings: stored, refused };
    onSeries(one);
    loaded.push(one);
  }
  return loaded;
}

/** The device with its identity; one that is there keeps its credential, unless that was revoked. */
async function deviceNamed(organizationId: string, siteId: string, name: string): Promise<Identity> {
  const found = (await listDevices(organizationId, { siteId })).find((device) => device.name === name);
  const username = found ? await usernameOf(organizationId, found) : await newDevice(organizationId, siteId, name);
  const known = await findCredentialByUsername(username);
  if (!known) throw new SetupError(`The device ${name} was removed while it was loaded: load it again.`);
  return known.identity;
}

async function usernameOf(organizationId: string, { id, credential }: Device): Promise<string> {
  if (credential && !credential.revokedAt) return credential.username;
  const { kept } = newCredential();
  await rotateCredential(organizationId, id, kept);
  return kept.username;
}

async function newDevice(organizationId: string, siteId: string, name: string): Promise<string> {
  const { kept } = newCredential();
  await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
  return kept.username;
}

interface Loading {
  folder: string;
  series: MeasuredSeries;
  identity: Identity;
}

/** The batches of a series; ahead of the first one, its channels are made and told what they measure. */
async function* settled(receive: Receive, { folder, series, identity }: Loading): AsyncGenerator<DecodedReading[]> {
  let isFirst = true;
  for await (const batch of readSeries(folder, series)) {
    if (isFirst) await settleChannels(receive, { series, identity, batch });
    isFirst = false;
    yield batch;
  }
}

async function settleChannels(
  receive: Receive,
  { series, identity, batch }: { series: MeasuredSeries; identity: Identity; batch: readonly DecodedReading[] },
): Promise<void> {
  const { organizationId, deviceId } = identity;
  const firsts = new Map(batch.map((reading) => [reading.metric, reading] as const));
  await receive.readings(identity, [...firsts.values()], Date.now());
  const wanted = [channelOfSeries(series), temperatureChannel(series)];
  for (const channel of await listChannels(organizationId, { deviceId })) {
    const form = wanted.find(({ metric }) => metric === channel.metric);
    if (!form) continue;
    const { stamp, intervalS: expectedIntervalS } = form;
    if (channel.stamp === stamp && channel.expectedIntervalS === expectedIntervalS) continue;
    await updateChannel(organizationId, channel.id, { stamp, expectedIntervalS });
  }
}
