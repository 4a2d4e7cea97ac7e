/**
 * What a credential may have retained on the embedded broker, where retained messages live in memory: a thousand topics, and
 * a megabyte of topics and payloads together. Beyond that a message is still taken and forwarded, but not retained.
 */
const mostTopics = 1_000;
const mostBytes = 1_000_000;

interface Kept {
  sizes: Map<string, number>;
  bytes: number;
}

export class Retained {
  #kept = new Map<string, Kept>();

  /** Credentials of which something is retained. */
  get credentialIds(): string[] {
    return [...this.#kept.keys()];
  }

  /** Nothing of it is retained any more: the topics that have to be emptied. */
  drop(credentialId: string): string[] {
    const topics = [...(this.#kept.get(credentialId)?.sizes.keys() ?? [])];
    this.#kept.delete(credentialId);
    return topics;
  }

  /** Whether a message with the retain flag is to be retained; an empty one removes what was, and is counted so. */
  admit(credentialId: string, topic: string, payloadBytes: number): boolean {
    const kept = this.#kept.get(credentialId) ?? { sizes: new Map<string, number>(), bytes: 0 };
    const before = kept.sizes.get(topic);
    if (payloadBytes === 0) {
      kept.bytes -= before ?? 0;
      kept.sizes.delete(topic);
      if (!kept.sizes.size) this.#kept.delete(credentialId);
      return true;
    }
    const size = payloadBytes + topic.length;
    const bytes = kept.bytes - (before ?? 0) + size;
    if (bytes > mostBytes || (before === undefined && kept.sizes.size >= mostTopics)) return false;
    kept.sizes.set(topic, size);
    kept.bytes = bytes;
    this.#kept.set(credentialId, kept);
    return true;
  }
}
