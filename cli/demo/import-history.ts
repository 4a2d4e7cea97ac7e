import { findCredentialByUsername } from "../../db/identities.ts";
import { listChannels } from "../../db/channels.ts";
import { importReadings, type Imported } from "../../ingest/import.ts";
import type { Receive } from "../../ingest/receive.ts";
import { SetupError } from "../../platform/env.ts";
import type { CredentialedDevice } from "../simulate/simulated-device.ts";
import { tellPast, type Past } from "./history.ts";

export interface HistoryOptions {
  receive: Receive;
  organizationId: string;
  /** In the order of `fleet`: the ids of their devices. */
  deviceIds: readonly string[];
  fleet: readonly CredentialedDevice[];
  seed: number;
  sinceMs: number;
  nowMs: number;
  onProgress: (reachedMs: number, soFar: Imported) => void;
}

/**
 * Brings in what the devices have sent since `sinceMs`, through the product's own import path. A device that has readings
 * already goes on after its newest one.
 */
export async function importHistory(options: HistoryOptions): Promise<Imported> {
  const { receive, fleet, nowMs, seed } = options;
  const identities = await Promise.all(fleet.map(({ credential }) => identityOf(credential.username)));
  const pasts = await pastsOf(options);
  const firstMs = Math.min(...pasts.map(({ fromMs }) => fromMs), nowMs);
  const total: Imported = { stored: 0, refused: 0 };
  let before: Promise<unknown> = Promise.resolve();
  for (const telling of tellPast(pasts, { seed, nowMs })) {
    // One window is stored while the next one is told.
    await before;
    before = Promise.all(telling.map((readings, i) => importOne(receive, identities[i]!, readings, total)));
    const reachedMs = Math.max(firstMs, ...telling.map((readings) => readings.at(-1)?.timeMs ?? 0));
    options.onProgress(reachedMs, { ...total });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await before;
  return total;
}

async function importOne(
  receive: Receive,
  identity: Parameters<typeof importReadings>[1],
  readings: Parameters<Receive["readings"]>[1],
  total: Imported,
): Promise<void> {
  if (!readings.length) return;
  const { stored, refused } = await importReadings(receive, identity, [[...readings]]);
  total.stored += stored;
  total.refused += refused;
}

async function identityOf(username: string) {
  const known = await findCredentialByUsername(username);
  if (!known || known.revoked)
    throw new SetupError(`The credential ${username} is no longer valid: remove DATA_DIR/demo.json to make new ones.`);
  return known.identity;
}

async function pastsOf({ organizationId, deviceIds, fleet, sinceMs }: HistoryOptions): Promise<Past[]> {
  const channels = await listChannels(organizationId);
  return fleet.map(({ device }, i) => {
    const times = channels.filter(({ deviceId }) => deviceId === deviceIds[i]).map(({ latest }) => latest?.timeMs ?? 0);
    return { device, fromMs: Math.max(sinceMs, ...times.map((ms) => ms + 1)) };
  });
}
