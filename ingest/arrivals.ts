/** Of one channel in this process: the last time given to a reading that had none of its own, and the newest time of all. */
export interface Clock {
  lastMs: number;
  newestMs: number;
  /** When somebody last asked for it. */
  askedMs: number;
}

/** Clocks that nobody may need any more go when there are more than so many. */
const mostClocks = 200_000;
const idleMs = 3_600_000;
/** Numbers of processes are told apart below half a millisecond. */
const mostProcesses = 500;

/**
 * The time of arrival, for readings that bring none: the same millisecond may bring several of one channel, and two with one time
 * would be one reading. So a channel's times only grow, whoever knows the channel at the moment: its clock outlives the sender's
 * memory, which is dropped while readings are on their way into the database. And processes that share a sender's messages differ
 * in the microseconds.
 */
export class Arrivals {
  #clocks = new Map<number, Clock>();
  #micros = 0;
  #sweepAt = mostClocks;
  #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Numbers from 1 on, each of one process of the installation at a time. */
  setProcess(number: number): void {
    this.#micros = (number - 1) % mostProcesses;
  }

  /** The channel's clock; `latestMs`: its newest reading in the database. */
  clockOf(channelId: number, latestMs: number | null): Clock {
    const nowMs = this.#nowMs();
    let clock = this.#clocks.get(channelId);
    if (!clock) {
      if (this.#clocks.size >= this.#sweepAt) this.#forgetIdle(nowMs - idleMs);
      clock = { lastMs: 0, newestMs: -Infinity, askedMs: nowMs };
      this.#clocks.set(channelId, clock);
    }
    clock.askedMs = nowMs;
    if (latestMs === null) return clock;
    clock.lastMs = Math.max(clock.lastMs, Math.floor(latestMs));
    clock.newestMs = Math.max(clock.newestMs, latestMs);
    return clock;
  }

  /** Epoch milliseconds, with microseconds behind the point. */
  next(clock: Clock, receivedAtMs: number): number {
    clock.lastMs = Math.max(receivedAtMs, clock.lastMs + 1);
    return clock.lastMs + this.#micros / 1000;
  }

  /**
   * The same for what waited: it keeps the time of its own arrival. What was spooled while it was on its way into the database, and
   * got there after all, has the same time both ways, and is stored once. `given`: last times by channel, of those that come together.
   */
  late(given: Map<number, number>, channelId: number, receivedAtMs: number): number {
    const lastMs = Math.max(receivedAtMs, (given.get(channelId) ?? 0) + 1);
    given.set(channelId, lastMs);
    return lastMs + this.#micros / 1000;
  }

  // A clock that is behind by so long gives no time that one made anew would give as well.
  #forgetIdle(beforeMs: number): void {
    for (const [id, { lastMs, askedMs }] of this.#clocks)
      if (Math.max(lastMs, askedMs) < beforeMs) this.#clocks.delete(id);
    this.#sweepAt = Math.max(mostClocks, 2 * this.#clocks.size);
  }
}
