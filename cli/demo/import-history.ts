import type { DecodedReading } from "../../domain/reading.ts";
import { findCredentialByUsername, type Identity } from "../../db/identities.ts";
import { listChannels } from "../../db/channels.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { channelKey } from "../../domain/device/vocabulary.ts";
import { importReadings, type Imported } from "../../ingest/import.ts";
import type { Receive } from "../../ingest/receive.ts";
import { SetupError } from "../../platform/env.ts";
import type { CredentialedDevice } from "../simulate/simulated-device.ts";
import { Teller, tellPast } from "./history.ts";

export interface HistoryOptions {
  receive: Receive;
  fleet: readonly CredentialedDevice[];
  /** By device key: from when on its past is told, epoch milliseconds. */
  fromMs: Readonly<Record<string, number>>;
  /** Up to here. */
  nowMs: number;
  seed: number;
  /** Ends between two windows; what is missing then is still untold. */
  signal?: AbortSignal;
  onProgress: (reachedMs: number, soFar: Imported) => void;
}

/** Brings in what the devices have sent since `fromMs`, through the product's own import path. */
export async function importHistory(options: HistoryOptions): Promise<Imported> {
  const { receive, fleet, fromMs, nowMs, seed, signal, onProgress } = options;
  const identities = await identitiesOf(fleet);
  const pasts = fleet.map(({ device }) => ({ device, fromMs: fromMs[device.key] ?? nowMs }));
  const total: Imported = { stored: 0, refused: 0 };
  let reachedMs = Math.min(nowMs, ...pasts.map((past) => past.fromMs));
  let before: Promise<unknown> = Promise.resolve();
  for (const telling of tellPast(pasts, { seed, nowMs })) {
    // One window is stored while the next one is told.
    await before;
    if (signal?.aborted) break;
    before = Promise.all(telling.map((readings, i) => importOne(receive, identities[i]!, readings, total)));
    reachedMs = Math.max(reachedMs, ...telling.map((readings) => readings.at(-1)?.timeMs ?? 0));
    onProgress(reachedMs, { ...total });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await before;
  return total;
}

/**
 * Makes the channels of everything that the devices say, without a reading yet, so that what they are to the site can be
 * settled once, before their history comes.
 */
export async function introduce(fleet: readonly CredentialedDevice[], nowMs: number): Promise<void> {
  const identities = await identitiesOf(fleet);
  for (const [i, { device }] of fleet.entries()) {
    const channels = new Teller(device).report(nowMs).map(({ metric, kind, unit, tags }) => {
      return { key: channelKey(metric, tags), metric, words: { kind, unit, ...(tags && { tags }) } };
    });
    await createChannels(identities[i]!, channels);
  }
}

async function importOne(
  receive: Receive,
  identity: Identity,
  readings: DecodedReading[],
  total: Imported,
): Promise<void> {
  if (!readings.length) return;
  const { stored, refused } = await importReadings(receive, identity, [readings]);
  total.stored += stored;
  total.refused += refused;
}

function identitiesOf(fleet: readonly CredentialedDevice[]): Promise<Identity[]> {
  return Promise.all(
    fleet.map(async ({ device, credential }) => {
      const known = await findCredentialByUsername(credential.username);
      if (known && !known.revoked) return known.identity;
      throw new SetupError(
        `The credential of "${device.name}" is no longer valid: start the demo again to make a new one.`,
      );
    }),
  );
}

/**
 * From when on each device's past is missing, by its key: after its newest reading; `sinceMs` where it has none. What an
 * interrupted run left untold stays as it was.
 */
export async function untoldOf(
  organizationId: string,
  {
    devices,
    untold,
    sinceMs,
  }: { devices: readonly { key: string; id: string }[]; untold: Record<string, number>; sinceMs: number },
): Promise<Record<string, number>> {
  const channels = await listChannels(organizationId);
  const newest = (id: string) =>
    Math.max(
      sinceMs,
      ...channels.filter((c) => c.deviceId === id && c.kind !== "state").map((c) => (c.latest?.timeMs ?? 0) + 1),
    );
  return Object.fromEntries(devices.map(({ key, id }) => [key, untold[key] ?? newest(id)]));
}
