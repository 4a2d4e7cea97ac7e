import { deliveriesOf, heldMs } from "./faults.ts";
import { httpSender } from "./http-sender.ts";
import { mqttSender, type Sender } from "./mqtt-sender.ts";
import type { CredentialedDevice, Outgoing } from "./simulated-device.ts";

export interface SimulationOptions {
  fleet: readonly CredentialedDevice[];
  /** Where HTTP devices post. */
  url: string;
  mqttUrl: string;
  everyMs: number;
  qos: 0 | 1;
  /** Life's faults: duplicates and bursts, by this seed. null: none. */
  faultSeed: number | null;
  onTrouble: (sentence: string) => void;
}

export interface Counts {
  sent: number;
  acknowledged: number;
  failed: number;
}

export interface Simulation {
  counts(): Counts;
  /** Ends the reports, waits for the answers that are due (a few seconds at most), and disconnects. */
  stop(): Promise<Counts>;
}

/** Starts the devices: each reports every `everyMs`, spread over that time, until it is stopped. */
export function startSimulation(options: SimulationOptions): Simulation {
  const { fleet, everyMs } = options;
  const counts: Counts = { sent: 0, acknowledged: 0, failed: 0 };
  const voices = fleet.map((device) => new Voice(device, options, counts));
  const timers = new Set<NodeJS.Timeout>();
  voices.forEach((voice, i) => {
    const first = setTimeout(
      () => {
        timers.delete(first);
        voice.report();
        timers.add(setInterval(() => voice.report(), everyMs));
      },
      (everyMs * i) / voices.length,
    );
    timers.add(first);
  });
  return {
    counts: () => ({ ...counts }),
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      const end = Date.now() + 5_000;
      while (counts.acknowledged + counts.failed < counts.sent && Date.now() < end) await pause(50);
      await Promise.all(voices.map((voice) => voice.close()));
      return { ...counts };
    },
  };
}

/** One device that speaks: its connection, its count of reports, and what it holds back while its radio is away. */
class Voice {
  #options: SimulationOptions;
  #counts: Counts;
  #device: CredentialedDevice;
  #sender: Sender<Outgoing>;
  #deliveryOf: (tick: number) => "once" | "twice" | "held";
  #tick = 0;
  #held: Outgoing[] | null = null;
  #heldUntilMs = 0;
  #isTroubled = false;

  constructor(device: CredentialedDevice, options: SimulationOptions, counts: Counts) {
    this.#device = device;
    this.#options = options;
    this.#counts = counts;
    this.#sender = senderOf(device, options);
    this.#deliveryOf = options.faultSeed === null ? () => "once" : deliveriesOf(options.faultSeed, device.device.key);
  }

  report(): void {
    const now = Date.now();
    const { device } = this.#device;
    const messages = device.report(now, this.#tick);
    const delivery = this.#deliveryOf(this.#tick++);
    if (this.#held) {
      // What has no clock of its own is lost while the radio is away.
      if (device.hasClock) this.#held.push(...messages);
      if (now < this.#heldUntilMs) return;
      const burst = this.#held;
      this.#held = null;
      for (const message of burst) this.#send(message);
      return;
    }
    if (delivery === "held") {
      this.#held = device.hasClock ? [...messages] : [];
      this.#heldUntilMs = now + heldMs;
      return;
    }
    for (const message of messages) this.#send(message);
    if (delivery === "twice") for (const message of messages) this.#send(message);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  #send(message: Outgoing): void {
    this.#counts.sent++;
    this.#sender.send(message).then(
      () => {
        this.#counts.acknowledged++;
        this.#isTroubled = false;
      },
      (error: Error) => {
        this.#counts.failed++;
        if (!this.#isTroubled) this.#options.onTrouble(`${this.#device.device.name}: ${error.message}`);
        this.#isTroubled = true;
      },
    );
  }
}

/** A device speaks one way only; which one shows in what it sends. */
function senderOf(device: CredentialedDevice, { url, mqttUrl, qos, onTrouble }: SimulationOptions): Sender<Outgoing> {
  const [sample] = device.device.snapshot(Date.now());
  const sender =
    sample!.transport === "http" ? httpSender(device, url) : mqttSender(device, { url: mqttUrl, qos, onTrouble });
  return sender as Sender<Outgoing>;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
