import { changingDecoderState } from "../db/decoder-states.ts";
import type { Identity } from "../db/identities.ts";
import type { DecoderState } from "../domain/device/device.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Patience } from "./patience.ts";
import { Speaker } from "./speaker.ts";

/** How many changes of decoders' memories may hold a connection of the database at a time. */
const mostChanging = 2;

/** The credentials that this process has heard, each with what it knows of them. */
export class Speakers {
  #byCredential = new Map<string, Promise<Speaker> | Speaker>();
  #patience: Patience;
  #arrivals: Arrivals;
  #owners = 0;
  #changing = 0;
  #waiting: (() => void)[] = [];

  constructor(patience: Patience, arrivals: Arrivals) {
    this.#patience = patience;
    this.#arrivals = arrivals;
  }

  /** The speaker, if it is in memory; else `load` it. */
  known({ credentialId }: Identity): Speaker | undefined {
    const known = this.#byCredential.get(credentialId);
    return known instanceof Speaker ? known : undefined;
  }

  async load(identity: Identity): Promise<Speaker> {
    const { credentialId } = identity;
    const known = this.#byCredential.get(credentialId);
    if (known) return known;
    const fresh = new Speaker(identity, this.#owners++, this.#arrivals);
    const loading = this.#patience.until(() => fresh.load());
    this.#byCredential.set(credentialId, loading);
    try {
      const speaker = await loading;
      if (this.#byCredential.get(credentialId) === loading) this.#byCredential.set(credentialId, speaker);
      return speaker;
    } catch (error) {
      this.#byCredential.delete(credentialId);
      throw error;
    }
  }

  /** The named credentials changed: the next message asks the database again. */
  forget(credentialIds: readonly string[]): void {
    for (const id of credentialIds) this.#byCredential.delete(id);
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#byCredential.clear();
  }

  /** Another process changed what a format remembers of these devices. */
  markStale(deviceIds: readonly string[]): void {
    for (const known of this.#byCredential.values()) {
      if (known instanceof Speaker && deviceIds.includes(known.identity.deviceId)) known.isStale = true;
    }
  }

  /**
   * Runs `change` with the speaker's memory of this format as it is committed, alone in the whole installation; the state that
   * it answers is committed before this resolves.
   */
  async changingState<T>(
    speaker: Speaker,
    format: string,
    change: () => Promise<{ state: DecoderState | undefined; result: T }>,
  ): Promise<T> {
    while (this.#changing >= mostChanging) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#changing++;
    const { states } = speaker;
    let changed: DecoderState | undefined;
    try {
      const result = await changingDecoderState(speaker.identity.deviceId, format, async (committed) => {
        if (committed) states.set(format, committed);
        else states.delete(format);
        const answer = await change();
        changed = answer.state;
        return answer;
      });
      if (changed) states.set(format, changed);
      return result;
    } finally {
      this.#changing--;
      this.#waiting.shift()?.();
    }
  }
}
