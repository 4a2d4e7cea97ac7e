import type { Batch, Move } from "../db/store-readings.ts";
import { bucketStart } from "../domain/rollup/bucket.ts";

/** The readings of one message, resolved: same length columns, in arrival order. */
export interface Resolved {
  channels: number[];
  times: number[];
  values: (number | string)[];
  /** Some of it may be stored already: it is no newer than what its channel had. */
  mayRepeat?: boolean;
}

const bucketMs = 900_000;

/**
 * Makes one batch of the messages in `queue`, in order of arrival: sorted by channel and time (so that two writers can
 * never wait for each other's rows in a circle), and of the same channel and time only the last arrival.
 */
export function makeBatch(queue: readonly Resolved[]): Batch {
  const batch = emptyBatch();
  batch.mayRepeat = queue.some((message) => message.mayRepeat === true);
  const { channels, times, values } = columns(queue);
  const order = Uint32Array.from(channels, (_, i) => i);
  // By arrival last, so that the last of equals is the last arrival.
  order.sort((a, b) => channels[a]! - channels[b]! || times[a]! - times[b]! || a - b);
  for (let i = 0; i < order.length; i++) {
    const at = order[i]!;
    const next = order[i + 1];
    const channel = channels[at]!;
    const time = times[at]!;
    const last = next === undefined || channels[next] !== channel;
    if (!last && times[next] === time) continue;
    const value = values[at]!;
    if (typeof value === "number") {
      batch.channels.push(channel);
      batch.times.push(time);
      batch.values.push(value);
      markDirty(batch, channel, time);
    } else {
      batch.stateChannels.push(channel);
      batch.stateTimes.push(time);
      batch.stateTexts.push(value);
    }
    if (last) addLatest(batch, channel, time, value);
  }
  return batch;
}

/** The same messages, where channels were merged since they came: what was theirs goes to the ones that stay, in their unit. */
export function redirected(messages: readonly Resolved[], moves: readonly Move[]): Resolved[] {
  const byChannel = new Map(moves.map((move) => [move.channel, move]));
  return messages.map((message) => {
    if (!message.channels.some((channel) => byChannel.has(channel))) return message;
    return {
      channels: message.channels.map((channel) => byChannel.get(channel)?.into ?? channel),
      times: message.times,
      values: message.values.map((value, i) => {
        const move = byChannel.get(message.channels[i]!);
        return move && typeof value === "number" ? value * move.factor + move.offset : value;
      }),
      mayRepeat: true,
    };
  });
}

function columns(queue: readonly Resolved[]): Omit<Resolved, "mayRepeat"> {
  if (queue.length === 1) return queue[0]!;
  const channels: number[] = [];
  const times: number[] = [];
  const values: (number | string)[] = [];
  for (const message of queue) {
    for (let i = 0; i < message.channels.length; i++) {
      channels.push(message.channels[i]!);
      times.push(message.times[i]!);
      values.push(message.values[i]!);
    }
  }
  return { channels, times, values };
}

// Neighbouring buckets of a channel make one range; a jump begins another, so that an old straggler does not mark a year.
function markDirty(batch: Batch, channel: number, time: number): void {
  const last = batch.dirtyChannels.length - 1;
  const near = batch.dirtyChannels[last] === channel && time - bucketStart(batch.dirtyTo[last]!) < 2 * bucketMs;
  if (near) {
    batch.dirtyTo[last] = time;
    return;
  }
  batch.dirtyChannels.push(channel);
  batch.dirtyFrom.push(time);
  batch.dirtyTo.push(time);
}

function addLatest(batch: Batch, channel: number, time: number, value: number | string): void {
  batch.latestChannels.push(channel);
  batch.latestTimes.push(time);
  batch.latestValues.push(typeof value === "number" ? value : null);
  batch.latestTexts.push(typeof value === "number" ? null : value);
}

function emptyBatch(): Batch {
  return {
    channels: [],
    times: [],
    values: [],
    stateChannels: [],
    stateTimes: [],
    stateTexts: [],
    latestChannels: [],
    latestTimes: [],
    latestValues: [],
    latestTexts: [],
    dirtyChannels: [],
    dirtyFrom: [],
    dirtyTo: [],
    mayRepeat: false,
  };
}
