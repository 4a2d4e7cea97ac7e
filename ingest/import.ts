import type { Identity } from "../db/identities.ts";
import type { DecodedReading } from "../domain/reading.ts";
import type { Receive } from "./receive.ts";

export interface Imported {
  stored: number;
  refused: number;
}

/**
 * History through the same path as the live stream, from `judge` on: channels are made, refusals counted, buckets marked.
 * Readings come in batches of any order and may repeat. Two batches are on their way at a time, so that decoding and storing
 * overlap without filling the memory.
 * @param onProgress after each stored batch.
 */
export async function importReadings(
  receive: Receive,
  identity: Identity,
  batches: AsyncIterable<DecodedReading[]> | Iterable<DecodedReading[]>,
  onProgress: (soFar: Imported) => void = () => {},
): Promise<Imported> {
  const total: Imported = { stored: 0, refused: 0 };
  let before: Promise<void> = Promise.resolve();
  for await (const batch of batches) {
    const storing = receive.readings(identity, batch, Date.now()).then(({ stored, drops }) => {
      total.stored += stored;
      total.refused += drops.length;
      onProgress({ ...total });
    });
    await before;
    before = storing;
  }
  await before;
  return total;
}
