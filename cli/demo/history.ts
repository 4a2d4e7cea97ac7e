import type { DecodedReading } from "../../domain/reading.ts";
import { decodeMessage } from "../../domain/device/registry.ts";
import type { DecoderState } from "../../domain/device/device.ts";
import { chanceOf } from "../../domain/household/random.ts";
import { outagesOf, type Lost } from "../simulate/faults.ts";
import type { Outgoing, SimulatedDevice } from "../simulate/simulated-device.ts";

/**
 * A household's past as its devices would have told it: the very messages of the simulator, read by the product's own
 * decoders, 15 minutes apart and, for the last two days, 10 seconds apart. What the router or the radio lost is missing;
 * some stretches come late, some twice.
 */
export const sparseMs = 900_000;
export const denseMs = 10_000;
export const denseForMs = 2 * 86_400_000;
/** What is made at once: bounds for memory and for how long nothing else gets its turn. */
const sparseWindowMs = 4 * 86_400_000;
const denseWindowMs = 2 * 3_600_000;

/** A device's past is told from here; later ones begin where they ended. */
export interface Past {
  device: SimulatedDevice;
  fromMs: number;
}

/** Of each device, in the order given, what it sent in one window: some readings may be older (late) or repeated. */
export type Telling = DecodedReading[][];

/**
 * The windows of the past up to `nowMs`, ascending, all devices together, so that their one household is walked through
 * once. The last reading is at most 10 seconds old.
 */
export function* tellPast(
  pasts: readonly Past[],
  { seed, nowMs }: { seed: number; nowMs: number },
): Generator<Telling> {
  const tellers = pasts.map((past) => new PastTeller(past, seed));
  const firstMs = Math.min(...pasts.map(({ fromMs }) => fromMs));
  const denseFromMs = Math.ceil((nowMs - denseForMs) / sparseMs) * sparseMs;
  for (const [fromMs, toMs, stepMs] of windows(firstMs, { denseFromMs, nowMs })) {
    for (let ms = Math.ceil(fromMs / stepMs) * stepMs; ms < toMs; ms += stepMs) {
      for (const teller of tellers) teller.tell(ms);
    }
    yield tellers.map((teller) => teller.window());
  }
  const held = tellers.map((teller) => teller.rest());
  if (held.some((readings) => readings.length)) yield held;
}

function* windows(
  firstMs: number,
  { denseFromMs, nowMs }: { denseFromMs: number; nowMs: number },
): Generator<[fromMs: number, toMs: number, stepMs: number]> {
  for (let from = firstMs; from < nowMs;) {
    const isDense = from >= denseFromMs;
    const to = Math.min(nowMs, isDense ? from + denseWindowMs : Math.min(denseFromMs, from + sparseWindowMs));
    yield [from, to, isDense ? denseMs : sparseMs];
    from = to;
  }
}

/** One device's messages, read by the product's decoders with what those remember of it. */
export class Teller {
  readonly device: SimulatedDevice;
  #states = new Map<string, DecoderState>();

  constructor(device: SimulatedDevice) {
    this.device = device;
  }

  /** All that the device says at an instant. A device without a clock was heard when it spoke. */
  report(ms: number): DecodedReading[] {
    const readings = this.device.snapshot(ms).flatMap((message) => this.#decode(message, ms));
    for (const reading of readings) reading.timeMs ??= ms;
    return readings;
  }

  #decode(message: Outgoing, ms: number): DecodedReading[] {
    const received = { receivedAtMs: ms, payload: Buffer.from(message.payload) };
    const decoded =
      message.transport === "mqtt"
        ? decodeMessage({ transport: "mqtt", topic: message.topic, ...received }, (format) => this.#states.get(format))
        : decodeMessage({ ...message, method: "POST", headers: withToken(message.headers), ...received });
    if (decoded.state && decoded.format) this.#states.set(decoded.format, decoded.state);
    if (decoded.error) throw new Error(`${this.device.key} sends what is not understood: ${decoded.error}`);
    return decoded.readings;
  }
}

/** A device's past with its gaps, and what of it comes late or twice. */
class PastTeller extends Teller {
  #fromMs: number;
  #lost: Lost;
  #chance: (index: number) => number;
  #told: DecodedReading[] = [];
  #late: DecodedReading[] = [];
  #windows = 0;

  constructor({ device, fromMs }: Past, seed: number) {
    super(device);
    this.#fromMs = fromMs;
    this.#lost = outagesOf(seed, device.key);
    this.#chance = chanceOf(seed, `late ${device.key}`);
  }

  tell(ms: number): void {
    if (ms < this.#fromMs || this.#lost(ms)) return;
    const { metrics, everySeconds } = this.device.history;
    for (const reading of this.report(ms)) {
      if (!metrics.includes(reading.metric)) continue;
      const seconds = everySeconds[reading.metric];
      if (seconds === undefined || ms % (seconds * 1000) === 0) this.#told.push(reading);
    }
  }

  /** What has gathered, with what was late before; one window in twenty is held back, one in thirty comes twice. */
  window(): DecodedReading[] {
    const told = this.#told;
    const share = this.#chance(this.#windows++);
    this.#told = [];
    const late = this.#late;
    this.#late = [];
    if (share < 1 / 20 && !late.length) {
      this.#late = told;
      return [];
    }
    if (share > 1 - 1 / 30) return [...told, ...told.slice(0, told.length >> 1)];
    return late.length ? [...told, ...late] : told;
  }

  rest(): DecodedReading[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }
}

/** A line-protocol write says who it is in its headers; the real token is not needed to read it. */
const withToken = (headers: Record<string, string>) => ({ ...headers, authorization: "Token history" });
