import { addDeviceHours, type DeviceHour } from "../db/device-hours.ts";
import type { Log } from "../platform/log.ts";

const flushEveryMs = 10_000;
const hourMs = 3_600_000;
/** A message whose newest reading is older than this is history, and says nothing of the device's clock. */
const liveMs = hourMs;
/** How far one message moves the clock's typical lag. */
const weight = 0.1;

/**
 * How each device does, hour by hour: messages, readings, repeats, and how far its clock is off. Gathered in memory and written
 * together; a loss of the last seconds costs a count, never a reading.
 */
export class Pulse {
  #hours = new Map<string, DeviceHour>();
  #skews = new Map<string, number>();
  #repeats = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A device was heard. `newestMs`: the newest time that its message carried; null: it carried none. */
  heard(deviceId: string, readings: number, newestMs: number | null, receivedAtMs: number): void {
    const hour = this.#hourOf(deviceId, receivedAtMs);
    hour.messages++;
    hour.readings += readings;
    hour.lastMs = Math.max(hour.lastMs, receivedAtMs);
    if (newestMs !== null && receivedAtMs - newestMs < liveMs) {
      const before = this.#skews.get(deviceId);
      const lag = receivedAtMs - newestMs;
      const skew = before === undefined ? lag : before + weight * (lag - before);
      this.#skews.set(deviceId, skew);
      hour.skewMs = skew;
    }
  }

  /** Readings of a channel that were stored already. */
  repeated(channelId: number, count: number): void {
    this.#repeats.set(channelId, (this.#repeats.get(channelId) ?? 0) + count);
    this.#flushSoon();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush();
  }

  #hourOf(deviceId: string, nowMs: number): DeviceHour {
    const startMs = Math.floor(nowMs / hourMs) * hourMs;
    const key = `${deviceId} ${startMs}`;
    let hour = this.#hours.get(key);
    if (!hour) {
      hour = { deviceId, startMs, messages: 0, readings: 0, lastMs: nowMs, skewMs: null };
      this.#hours.set(key, hour);
      this.#flushSoon();
    }
    return hour;
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => void this.#flush(), flushEveryMs).unref();
  }

  async #flush(): Promise<void> {
    const hours = [...this.#hours.values()];
    const repeats = [...this.#repeats];
    this.#hours.clear();
    this.#repeats.clear();
    this.#timer = undefined;
    if (this.#skews.size > 50_000) this.#skews.clear();
    try {
      await addDeviceHours(hours, repeats);
    } catch (error) {
      this.#log.debug({ reason: (error as Error).message }, "the devices' hours could not be written");
    }
  }
}
